"""The joint decision: which candidate is each field's value, and how sure that is.

These are the rules, which choose until a model was learned (`extraction/learning`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from extraction.confidence import UNLABELLED_CAP, probability
from extraction.evidence import Evidence
from extraction.totals import LABELLED, Totals, decide_totals
from schemas.document_type import FieldType
from schemas.reading import Box, Source
from schemas.values import Candidate, Value

ROUNDING = Decimal("0.05")  # to the smallest coin
LEAST_SCORE = 0.25  # below, a field stays absent
UNPROVEN_CAP, UNPROVEN_SCAN_CAP = 0.93, 0.88  # of a total that no sum confirms
TOTAL_PROBABILITY = (0.5, 0.88, 0.95, 0.985)  # by how many of net, tax and gross a label reached, when they add up


def choose(candidates: Sequence[Candidate], evidence: Evidence) -> list[Value]:
    """Totals by arithmetic, then all other fields by score, each span for one field, dates in order."""
    totals = decide_totals(candidates, evidence.definition.roles)
    roles = evidence.definition.roles
    money = {roles.total, roles.net, roles.tax}
    others = [each for each in candidates if each.field not in money]
    taken = _assign(others, evidence)
    _order_dates(taken, others, evidence)
    values = _total_values(totals, candidates, evidence)
    return values + [_value(chosen, others, evidence) for chosen in taken.values() if chosen.field]


def _assign(candidates: Sequence[Candidate], evidence: Evidence) -> dict[str, Candidate]:
    """Best score first: a field takes its best span unless a surer label took the span for another field."""
    taken: dict[str, Candidate] = {}
    shields: list[Candidate] = []
    for each in sorted(candidates, key=lambda each: -each.score):
        if each.score < LEAST_SCORE or each.field in taken:
            continue
        if any(_same_place(each, other) for other in (*taken.values(), *shields) if _exclusive(each, other, evidence)):
            continue
        if each.field:
            taken[each.field] = each
        else:
            shields.append(each)
    return taken


def _exclusive(left: Candidate, right: Candidate, evidence: Evidence) -> bool:
    """Dates, codes and identifiers exclude each other; names, currencies and terms may share a place with anything."""
    free = {
        *(FieldType.NAME, FieldType.ADDRESS, FieldType.TEXT),
        *(FieldType.CURRENCY, FieldType.PERCENT, FieldType.INTEGER),
    }
    types = {definition.type for each in (left, right) if (definition := evidence.definition.fields.get(each.field))}
    return not types & free


def _same_place(left: Candidate, right: Candidate) -> bool:
    return left.page == right.page and _overlap(left.box, right.box) > 0.5


def _overlap(left: Box, right: Box) -> float:
    """Shared area as a share of the smaller box."""
    width = min(left.x1, right.x1) - max(left.x0, right.x0)
    height = min(left.y1, right.y1) - max(left.y0, right.y0)
    smaller = min(left.width * left.height, right.width * right.height)
    return width * height / smaller if width > 0 and height > 0 and smaller > 0 else 0.0


def _order_dates(taken: dict[str, Candidate], candidates: Sequence[Candidate], evidence: Evidence) -> None:
    """A due date before the document's own date: take the next best due date that is not, if there is one."""
    own = taken.get(evidence.definition.roles.date or "")
    due = taken.get("due_date")
    if own is None or due is None or _day(due) >= _day(own):
        return
    later = [
        each
        for each in candidates
        if each.field == "due_date" and _day(each) >= _day(own) and each.score > due.score - 0.15
    ]
    if later:
        taken["due_date"] = max(later, key=lambda each: each.score)


def _day(candidate: Candidate) -> date:
    return date.fromisoformat(candidate.text)


def _value(chosen: Candidate, candidates: Sequence[Candidate], evidence: Evidence) -> Value:
    rivals = [each for each in candidates if each.field == chosen.field and not _belongs_elsewhere(each, candidates)]
    return as_value(
        chosen,
        probability(chosen, rivals, scanned=_scanned(chosen, evidence), confirmed=_confirmed(chosen, candidates)),
    )


def _belongs_elsewhere(candidate: Candidate, candidates: Iterable[Candidate]) -> bool:
    """A surer label takes the span for another field, or for none."""
    return any(
        each.field != candidate.field
        and each.score > candidate.score
        and (each.page, each.box) == (candidate.page, candidate.box)
        for each in candidates
    )


def as_value(chosen: Candidate, sure: float, source: str = "machine") -> Value:
    """A candidate as the field's value."""
    return Value(
        name=chosen.field,
        text=chosen.text,
        raw=chosen.raw,
        page=chosen.page,
        box=chosen.box,
        source=source,
        probability=round(min(max(sure, 0.01), 0.995), 3),
        evidence=chosen.evidence,
    )


def _confirmed(chosen: Candidate, candidates: Iterable[Candidate]) -> bool:
    """Check digits hold, master data agrees, or the same text is printed at a second place that a label reaches."""
    if "check:right" in chosen.evidence or any(each.startswith("master:") for each in chosen.evidence):
        return True
    places = Counter((each.page, each.box) for each in candidates if each.text == chosen.text and each.score > 0.5)
    return len(places) > 1 and chosen.score > 0.5


def _has_rounded_twin(gross: Candidate, candidates: Iterable[Candidate]) -> bool:
    """A few cents away another amount is printed: one of the two is rounded, or misread."""
    return any(
        each.field == gross.field and 0 < abs(Decimal(each.text) - Decimal(gross.text)) <= ROUNDING
        for each in candidates
    )


def _speaks_of_rounding(evidence: Evidence) -> bool:
    """A line for rounding is printed, whether or not its amount could be read."""
    hits = (hit for page in evidence.pages for hits in page.hits.values() for hit in hits)
    return any(hit.text.casefold().startswith(("round", "rund")) for hit in hits)


def _scanned(chosen: Candidate, evidence: Evidence) -> bool:
    return any(p.layout.number == chosen.page and p.layout.source is Source.OCR for p in evidence.pages)


def _total_values(totals: Totals, candidates: Sequence[Candidate], evidence: Evidence) -> list[Value]:
    return [
        as_value(
            chosen,
            _total_probability(chosen, totals, candidates, evidence),
            "derived" if any(each.startswith("derived:") for each in chosen.evidence) else "machine",
        )
        for chosen in (totals.net, totals.tax, totals.gross)
        if chosen and chosen.score > 0
    ]


def _total_probability(chosen: Candidate, totals: Totals, candidates: Sequence[Candidate], evidence: Evidence) -> float:
    scanned = _scanned(chosen, evidence)
    if chosen is totals.gross and (_has_rounded_twin(chosen, candidates) or _speaks_of_rounding(evidence)):
        return UNLABELLED_CAP
    if totals.adds_up:
        sure = TOTAL_PROBABILITY[totals.labelled] if chosen.score > LABELLED else UNLABELLED_CAP
        return sure if totals.rate_known or totals.labelled == 3 else sure - 0.06
    rivals = [each for each in candidates if each.field == chosen.field and each.score > LABELLED]
    sure = probability(chosen, rivals, scanned=scanned, confirmed=False)
    if totals.adds_up is False:
        return min(sure, UNLABELLED_CAP)
    return min(sure, UNPROVEN_SCAN_CAP if scanned else UNPROVEN_CAP)
