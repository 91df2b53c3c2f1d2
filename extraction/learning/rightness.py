"""Being right: the probability that a chosen value is exactly right, from what was known when it was chosen.

A second model looks at the choices of the first on documents that the first had not seen (out of fold): the lead over the
runner-up, how well the place was read, what re-reads say, whether memory, labels and arithmetic agree, and whether the
supplier is known at all. (Two-stage confidence: Chow 1970 for the reject option; Geifman and El-Yaniv 2017 for
selection by a second score.)
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

import numpy as np

from extraction.learning.confusable import edits
from extraction.learning.features import Matrix
from extraction.learning.joint import Option
from extraction.learning.memory import Recall
from extraction.learning.spots import Spot
from extraction.learning.survey import FOLDED, Survey, key_of, year_word
from extraction.page_layout import Line
from schemas.document_type import FieldType
from schemas.normalisation import fold
from schemas.reading import Box, SecondLook, Source

SAME_PLACE = 0.8  # overlap of two boxes from which they hold the same words
RIVAL_SHARE = 0.05  # of a field's probability, from which an option is a rival
MOST_LEAD = 12.0  # in log-odds
KNOWN_SUPPLIER = 0.75  # likeness from which a document's supplier counts as seen before
NAMES = (
    "score", "share", "lead", "odds_lead", "rival_odds", "spread", "rivals",
    "least_confidence", "confidence", "page_quality", "scanned", "letters", "words",
    "odd_words", "cost", "remembered", "support", "likeness", "edits", "seen", "supplier_documents", "memory_share",
    "rule_agrees", "rule_score", "relations", "printed_times", "known_words", "reread_agree", "reread_other",
    "reread_confidence", "second_reader", "absent",
)  # fmt: skip


def is_seen(recalls: Sequence[Recall]) -> bool:
    """Whether the document's supplier is one that memory knows."""
    return bool(recalls) and recalls[0].likeness >= KNOWN_SUPPLIER


def row(
    seen: Survey,
    ranked: Sequence[Option],
    chosen: Option,
    *,
    recalls: Sequence[Recall],
    relations: float,
    words: Mapping[str, int],
    fields: Sequence[str],
    look: SecondLook | None = None,
) -> Matrix:
    """One value's features, columns as `NAMES` and one for each of `fields`; `words` are those of right values so far."""
    one_hot = [float(chosen.field == name) for name in fields]
    own = _of_value(seen, chosen, recalls, relations, words, look)
    return np.asarray([*_among(ranked, chosen), *own, *one_hot], dtype=np.float32)


def _among(ranked: Sequence[Option], chosen: Option) -> list[float]:
    """How far the choice leads the others, in shares and in log-odds, and how evenly the shares are spread (their entropy)."""
    others = [each for each in ranked if each is not chosen]
    odds = max((each.score for each in others), default=chosen.score - MOST_LEAD)
    return [
        chosen.score,
        chosen.share,
        chosen.share - (others[0].share if others else 0.0),
        min(chosen.score - odds, MOST_LEAD),
        odds,
        -sum(each.share * math.log(max(each.share, 1e-9)) for each in ranked),
        sum(each.share > RIVAL_SHARE for each in ranked),
    ]


def _of_value(
    seen: Survey,
    chosen: Option,
    recalls: Sequence[Recall],
    relations: float,
    words: Mapping[str, int],
    look: SecondLook | None,
) -> list[float]:
    spot = chosen.spot
    known = float(is_seen(recalls))
    documents = recalls[0].supplier.documents if recalls else 0
    if spot is None:
        return [0.0] * 12 + [known, documents] + [0.0] * 10 + [1.0]
    sure = [token.confidence for token in spot.tokens]
    tokens = [token.key for token in spot.tokens if token.key]
    rules = seen.rule_scores.get(chosen.field, {})
    field = recalls[0].supplier.fields.get(chosen.field) if recalls else None
    definition = seen.evidence.definition
    times = (
        sum(count for text, count in field.values.items() if key_of(text, definition, chosen.field) == spot.key)
        if field
        else 0
    )
    return [
        min(sure), sum(sure) / len(sure), _quality(spot.page.lines), float(spot.page.source is Source.OCR),
        math.log1p(len(spot.key)), len(tokens), sum(bool(_ODD.search(each.text)) for each in spot.tokens), spot.cost,
        float(spot.how == "remembered"), spot.support, spot.likeness, edits(fold(spot.raw),
        spot.key)[0] if spot.how == "remembered" else 0,
        known, documents, times / max(documents, 1), float(bool(rules) and rules.get(spot.key, 0.0) >= max(rules.values())),
        rules.get(spot.key, 0.0), relations, sum(each.key == spot.key for each in seen.spots[spot.kind]),
        _known_words(spot, tokens, words),
        *_reread(spot, look), 0.0,
    ]  # fmt: skip


def _known_words(spot: Spot, tokens: Sequence[str], words: Mapping[str, int]) -> float:
    """The share of a text's words that right values had before; of a date, whether its year or the one before was among theirs,
    because in January all years are new."""
    if spot.kind is FieldType.DATE:
        return float(any(words.get(year_word(spot.text, earlier), 0) > 0 for earlier in (0, 1)))
    return sum(words.get(each, 0) > 0 for each in tokens) / max(len(tokens), 1) if spot.kind in FOLDED else 1.0


_ODD = re.compile(r"[A-Za-z]\d[A-Za-z]|\d[A-Za-z]{1,2}\d|[^\w\s.,:;()&/#@'\"+*%\-]")


def _quality(lines: Sequence[Line]) -> float:
    confidences = [token.confidence for line in lines for segment in line.segments for token in segment.tokens]
    return sum(confidences) / len(confidences) if confidences else 0.0


def _reread(spot: Spot, look: SecondLook | None) -> list[float]:
    """Shares of re-reads that say the same; -1 where nothing was re-read, or another place than the spot's."""
    if look is None or look.page != spot.page.number or _overlap(look.box, spot.box) < SAME_PLACE:
        return [-1.0, -1.0, -1.0, -1.0]
    own = [each for each in look.rereads if not each.reader.startswith("tesseract")]
    second = [each for each in look.rereads if each.reader.startswith("tesseract")]
    key, folded = spot.key, spot.kind in FOLDED
    agree = [_says(each.text, key, folded) for each in own]
    return [
        sum(agree) / len(agree) if agree else -1.0,
        len({fold(each.text) for each in own}) - 1 if own else -1.0,
        min((each.confidence for each in own), default=-1.0),
        float(any(_says(each.text, key, folded) for each in second)) if second else -1.0,
    ]


def _overlap(left: Box, right: Box) -> float:
    """The share of two boxes' union that both cover."""
    width = min(left.x1, right.x1) - max(left.x0, right.x0)
    height = min(left.y1, right.y1) - max(left.y0, right.y0)
    both = max(width, 0.0) * max(height, 0.0)
    return both / max(left.width * left.height + right.width * right.height - both, 1e-9)


def _says(text: str, key: str, folded: bool) -> bool:
    return fold(text) == key if folded else fold(key) in fold(text)
