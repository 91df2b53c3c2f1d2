"""What kind of document is it? A title in large letters says most, other keywords and the labels of the type the rest."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from extraction.labels import LabelBook, field_labels, find_labels
from extraction.page_layout import PageLayout, Segment, lay_out
from schemas.document_type import DocumentType, FieldDefinition, FieldType, document_types, other_kinds
from schemas.reading import Reading

if TYPE_CHECKING:
    from extraction.learning.types import TypeModel

OTHER = "other"
LEARNED = "learned"  # the reason where finished documents taught otherwise than the rules say
LEAST_SCORE = 1.0  # below, the paper shows no sign of any of the types
UNLISTED_HANDICAP = 0.4  # a kind that the process does not expect must be this much clearer
SPECIFIC = 0.8  # weight of a label that says what a paper is: `Rechnungsdatum`, not `Datum`
SHORT_PAGE = 60  # lines
TIMED = 0.2  # for a time of day on a short page: tills print one
MENTIONED = 0.6  # the score of a keyword in a sentence
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
_WORDS = {
    "de": [
        "und",
        "der",
        "die",
        "das",
        "für",
        "mit",
        "von",
        "den",
        "dem",
        "ist",
        "nicht",
        "bitte",
        "sie",
        "wir",
        "ihre",
        "zum",
        "zur",
        "auf",
        "bei",
        "rechnung",
        "datum",
        "netto",
        "betrag",
        "menge",
    ],
    "en": [
        "and",
        "the",
        "of",
        "for",
        "with",
        "to",
        "from",
        "is",
        "not",
        "please",
        "you",
        "we",
        "your",
        "our",
        "on",
        "at",
        "invoice",
        "date",
        "net",
        "amount",
        "total",
        "quantity",
        "due",
    ],
    "fr": [
        "et",
        "le",
        "la",
        "les",
        "des",
        "pour",
        "avec",
        "de",
        "du",
        "est",
        "vous",
        "nous",
        "votre",
        "notre",
        "facture",
        "montant",
        "total",
        "quantité",
        "date",
    ],
}


@dataclass(frozen=True, slots=True)
class Classification:
    """A document type of the process or `other`; `reason` names the words that decided, for the person who checks."""

    document_type: str
    probability: float
    language: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Sign:
    """How strongly a keyword, printed so, stands for a kind."""

    keyword: str
    score: float


def classify(
    reading: Reading, types: Sequence[str], languages: Sequence[str], model: TypeModel | None = None
) -> Classification:
    """The type among `types` (names of document types), or `other` where none fits or something else fits better.

    `model` is what the client's finished documents taught; it decides between what it has learned, the rules all else.
    """
    pages = [lay_out(page) for page in reading.pages[:2]]
    return classify_pages(pages, types, languages, model)


def classify_pages(
    pages: Sequence[PageLayout], types: Sequence[str], languages: Sequence[str], model: TypeModel | None = None
) -> Classification:
    """`classify` on pages that are already laid out."""
    ruled = _by_rules(pages, types, language_of(pages, languages))
    if model is None or not model.speaks or ruled.document_type not in model.classes:
        return ruled
    shares = {name: share for name, share in model.probabilities(pages).items() if name in (*types, OTHER)}
    best = max(shares, key=lambda name: shares[name])
    reason = ruled.reason if best == ruled.document_type else LEARNED
    return Classification(best, round(shares[best], 3), ruled.language, reason)


def kind_scores(pages: Sequence[PageLayout], types: Sequence[str]) -> dict[str, float]:
    """How strongly the rules see each kind, our document types and others; labels count only for those in `types`."""
    return _scores(pages, types, _signs(pages))


def _scores(
    pages: Sequence[PageLayout], types: Sequence[str], signs: Mapping[str, Sequence[_Sign]]
) -> dict[str, float]:
    scores = {name: _score(signs.get(name, [])) for name in (*other_kinds(), *document_types())}
    return scores | {name: scores[name] + _evidence(pages, document_types()[name]) for name in types}


def _by_rules(pages: Sequence[PageLayout], types: Sequence[str], language: str) -> Classification:
    signs = _signs(pages)
    scores = _scores(pages, types, signs)
    ranked = sorted(types, key=lambda name: -scores[name])
    own = ranked[0]
    no_rivals = {*types, *document_types()[own].also_titled}
    rival = max((name for name in scores if name not in no_rivals), key=lambda name: scores[name])
    lead = scores[own] - scores[rival] + UNLISTED_HANDICAP
    if scores[own] < LEAST_SCORE:
        named = f":{_title(rival, language)}" if scores[rival] > LEAST_SCORE else ""
        return Classification(OTHER, _logistic(LEAST_SCORE - scores[own] + 0.5), language, f"{OTHER}{named}")
    if lead <= 0:
        return Classification(OTHER, _logistic(0.3 - lead), language, f"{OTHER}:{_title(rival, language)}")
    seconds = [scores[own] - scores[name] + 0.3 for name in ranked[1:]]
    best = max(signs.get(own, []), key=lambda sign: sign.score, default=None)
    reason = f"keyword:{best.keyword}" if best else "labels"
    return Classification(own, _logistic(min([lead, scores[own], *seconds])), language, reason)


def language_of(pages: Sequence[PageLayout], languages: Sequence[str]) -> str:
    """The language whose everyday words are printed most; the first of `languages` where there are none."""
    if len(languages) == 1:
        return languages[0]
    words = Counter(
        token.text.lower().strip(".,:;") for page in pages for segment in page.segments() for token in segment.tokens
    )
    counts = {language: sum(words[word] for word in _WORDS.get(language, ())) for language in languages}
    return max(languages, key=lambda language: counts[language]) if any(counts.values()) else languages[0]


def title_strength(page: PageLayout) -> float:
    """How much a page looks like one that a document begins with, 0 to 1: a kind is named as a title, not in passing."""
    signs = [sign.score for each in _signs([replace(page, number=1)]).values() for sign in each]
    return min(max((max(signs, default=0.0) - MENTIONED) / 2.0, 0.0), 1.0)


def _signs(pages: Sequence[PageLayout]) -> dict[str, list[_Sign]]:
    """Per kind (document types and others) the keywords that are printed."""
    found: dict[str, list[_Sign]] = {}
    for page in pages:
        for hit in find_labels(page, _keyword_book()):
            score = _prominence(page, hit.segment, hit.start, hit.end) * (1.0 if page.number == 1 else 0.5)
            for label in hit.labels:
                found.setdefault(label.field, []).append(_Sign(hit.text, score * hit.similarity))
    return found


def _score(signs: Sequence[_Sign]) -> float:
    """The most prominent keyword, and a little for every other one."""
    best: dict[str, float] = {}
    for sign in signs:
        best[sign.keyword] = max(best.get(sign.keyword, 0.0), sign.score)
    return max(best.values(), default=0.0) + 0.25 * min(max(len(best) - 1, 0), 3)


def _prominence(page: PageLayout, segment: Segment, start: int, end: int) -> float:
    """How much a keyword looks like a title: large, high on the page, little else beside it, no column's header."""
    height = max(token.box.height for token in segment.tokens[start:end]) / page.line_height
    size = min(max(height - 1.1, 0.0), 1.5)
    high = 1.0 if segment.box.y0 < 0.55 * page.height else 0.4
    words_before = any(token.key.isalpha() for token in segment.tokens[:start])
    words_after = sum(token.key.isalpha() for token in segment.tokens[end:])
    opens = 0.0 if words_before else 1.0 if words_after <= 1 else 0.5 if words_after <= 4 else 0.0
    if len(page.lines[segment.line].segments) >= 3 and size == 0:
        opens = 0.0
    label = 0.5 if segment.tokens[end - 1].text.endswith(":") else 0.0
    return (MENTIONED + 2.0 * size + opens - label) * high


def _evidence(pages: Sequence[PageLayout], definition: DocumentType) -> float:
    """0.4 each for a specific label of the number, the date, the total, net or tax; a receipt may be just short, and timed."""
    hits = [hit for page in pages for hit in find_labels(page, field_labels(definition.name))]
    labelled = {label.field for hit in hits for label in hit.labels if label.weight * hit.similarity >= SPECIFIC}
    roles = definition.roles
    parts = [{roles.number}, {roles.date}, {roles.total}, {roles.net, roles.tax}]
    short = definition.name == "receipt" and len(pages) == 1 and len(pages[0].lines) < SHORT_PAGE
    slip = 0.8 if short and labelled else 0.0
    return sum(0.4 for part in parts if part & labelled) + slip + (TIMED if slip and _is_timed(pages[0]) else 0.0)


def _is_timed(page: PageLayout) -> bool:
    """A time of day is printed, as tills do."""
    return any(_TIME.fullmatch(token.text) for segment in page.segments() for token in segment.tokens)


@cache
def _keyword_book() -> LabelBook:
    """The keywords of every kind as a book of labels; the kinds play the fields."""
    kinds: Mapping[str, Mapping[str, list[str]]] = {
        **{name: kind.keywords for name, kind in other_kinds().items()},
        **{name: each.keywords for name, each in document_types().items()},
    }
    fields = {name: FieldDefinition(type=FieldType.TEXT, labels=dict(keywords)) for name, keywords in kinds.items()}
    return LabelBook(fields, {})


def _title(kind: str, language: str) -> str:
    titles = other_kinds()[kind].title if kind in other_kinds() else document_types()[kind].title
    return titles.get(language) or titles["en"]


def _logistic(lead: float) -> float:
    return round(1.0 / (1.0 + math.exp(-2.2 * lead)), 3)
