"""Before anything is trained: a scorer with weights set by hand, so that one remembered document already helps.

It adds what the document type's labels say to what memory says of the supplier: the value itself, the label beside it, its place.
"""

from __future__ import annotations

import numpy as np

from extraction.learning.model import FieldModel
from extraction.learning.phrases import PhraseBook
from extraction.learning.scorer import Logistic, Scorer
from extraction.learning.tables import NAMES
from schemas.document_type import DocumentType
from schemas.learning import RememberedSupplier

WEIGHTS = {
    "rule_score": 4.0,
    "rule_best": 0.8,
    "rule_chosen": 3.0,
    "memory_value": 5.0,
    "remembered": 0.5,
    "memory_label": 2.5,
    "memory_above": 1.5,
    "memory_distance": -3.0,
    "memory_shape": 1.5,
    "memory_other_edits": -0.4,
    "cost": -1.5,
    "derived": -1.0,
}
INTERCEPT = -3.5
ABSENT = -1.5
CAP = 0.93  # what nobody has judged yet is not surer than this
ALONE_CAP = 0.85  # and not surer than this where the labels say something else


def prior_models(definition: DocumentType, supplier: RememberedSupplier) -> dict[str, FieldModel]:
    """A hand-set model for each field of which memory knows a value, a place or that it is missing."""
    known = [name for name, each in supplier.fields.items() if each.values or each.anchors or each.absent]
    return {name: FieldModel(prior_scorer(), PhraseBook(), ABSENT) for name in known if name in definition.fields}


def prior_scorer() -> Scorer:
    """The hand-set weights as a scorer over the usual features."""
    weights = np.array([WEIGHTS.get(name, 0.0) for name in NAMES])
    return Scorer(NAMES, Logistic(np.zeros(len(NAMES)), np.ones(len(NAMES)), weights, INTERCEPT), None)
