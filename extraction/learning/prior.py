"""Before anything is trained: a scorer with weights set by hand, so that one remembered document already helps.

It adds what the document type's labels say to what memory says of the supplier: the value itself, the label beside it, its place.
"""

from __future__ import annotations

import numpy as np

from extraction.learning.model import FieldModel
from extraction.learning.phrases import PhraseBook
from extraction.learning.scorer import Logistic, Scorer
from extraction.learning.tables import NAMES
from schemas.document_type import DocumentType, FieldType
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
KIND_WEIGHTS = {
    FieldType.NAME: {
        "ends_legal": 1.5,
        "legal_form": 0.6,
        "legal_above": -0.4,
        "begins_joined": -1.2,
        "lines": -0.3,
        "colons": -0.15,
        "digit_share": -0.5,
        "upper_share": 0.4,
        "begins_code": -2.0,
    },
    FieldType.ADDRESS: {
        "commas": 0.3,
        "starts_segment": 0.6,
        "ends_segment": 0.6,
        "colons": -0.2,
        "postcode": 0.5,
        "below_contact": 0.8,
        "below_postcode": -0.5,
        "contact": -0.6,
        "above_bracket": 0.6,
        "legal_form": -0.5,
        "digit_share": -0.5,
        "begins_code": -3.0,
        "first_legal": -2.0,
        "last_contact": -1.5,
        "above_code": 0.6,
        "above_comma": -0.8,
        "below_comma": -0.5,
        "last_number": -1.0,
        "inner_number": -1.5,
        "last_other": -1.5,
        "inner_other": -1.5,
        "below_other": 0.6,
        "rest_other": 0.6,
    },
    FieldType.AMOUNT: {"twin_or_first": 1.0, "sums": 0.7, "whole": -0.3, "rank_from_top": -0.03},
}
INTERCEPT = -3.5
ABSENT = -1.5
CAP = 0.93  # what nobody has judged yet is not surer than this
ALONE_CAP = 0.85  # and not surer than this where the labels say something else


def prior_models(definition: DocumentType, supplier: RememberedSupplier) -> dict[str, FieldModel]:
    """A hand-set model for each field of which memory knows a value, a place or that it is missing."""
    known = [name for name, each in supplier.fields.items() if each.values or each.anchors or each.absent]
    fields = definition.fields
    return {name: FieldModel(prior_scorer(fields[name].type), PhraseBook(), ABSENT) for name in known if name in fields}


def prior_weights(kind: FieldType) -> dict[str, float]:
    """Feature -> weight: what holds for all fields, and what a type's values look like on most papers."""
    return {**WEIGHTS, **KIND_WEIGHTS.get(kind, {})}


def prior_scorer(kind: FieldType) -> Scorer:
    """The hand-set weights as a scorer over the usual features."""
    known = prior_weights(kind)
    weights = np.array([known.get(name, 0.0) for name in NAMES])
    return Scorer(NAMES, Logistic(np.zeros(len(NAMES)), np.ones(len(NAMES)), weights, INTERCEPT), None)
