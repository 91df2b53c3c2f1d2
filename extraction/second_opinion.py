"""A second opinion: a language model's answer is laid beside the machine's own values, each looked up on its page.

What agrees is noted; what differs becomes a runner-up; what the machine lacks is filled in, too unsure to pass without a
person. No probability rises, so that a document which a person would have seen is still seen by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from extraction.grounding import Place, Printed
from extraction.language_model_words import Answer, Quoted
from extraction.page_layout import layouts
from schemas.amounts import Convention
from schemas.document_type import DocumentType, FieldType
from schemas.normalisation import NUMBERS, fold, normalise
from schemas.reading import Reading
from schemas.values import (
    AGREES,
    DIFFERS,
    LANGUAGE_MODEL,
    NOT_ON_PAGE,
    UNGROUNDED,
    Address,
    Candidate,
    Extraction,
    Value,
    ValueState,
)

GROUNDED_PROBABILITY = 0.45  # under every threshold that a process starts with, also of fields that are not weighty
UNGROUNDED_PROBABILITY = 0.05


@dataclass(frozen=True)
class _Proposal:
    """A value as the language model has it; `place` is None where no page says so."""

    address: Address
    kind: FieldType
    text: str
    printed: str
    place: Place | None

    @property
    def value(self) -> Value:
        return Value(
            name=self.address.name,
            table=self.address.table,
            row=self.address.row,
            text=self.text,
            raw=self.place.raw if self.place else self.printed,
            page=self.place.page if self.place else None,
            box=self.place.box if self.place else None,
            source=LANGUAGE_MODEL,
            probability=GROUNDED_PROBABILITY if self.place else UNGROUNDED_PROBABILITY,
            evidence=[LANGUAGE_MODEL] if self.place else [LANGUAGE_MODEL, UNGROUNDED],
        )

    @property
    def candidates(self) -> list[Candidate]:
        """As a runner-up of a header field; rows have none."""
        if self.place is None or self.address.table:
            return []
        return [
            Candidate(
                field=self.address.name,
                text=self.text,
                raw=self.place.raw,
                page=self.place.page,
                box=self.place.box,
                score=GROUNDED_PROBABILITY,
                confidence=self.place.confidence,
                evidence=[LANGUAGE_MODEL],
            )
        ]


def with_second_opinion(
    extraction: Extraction, answer: Answer, definition: DocumentType, reading: Reading
) -> Extraction:
    """The extraction with an answer to the same `definition` beside it.

    A table's rows are compared only where both have as many, and taken over only where the machine has none.
    """
    printed = Printed(layouts(reading))
    values = {value.address: value for value in extraction.values}
    candidates = list(extraction.candidates)
    for address, quoted in _said(extraction, answer):
        field = definition.definition(address.name, address.table)
        if field is None:
            continue
        proposal = _looked_up(address, quoted, field.type, printed, candidates)
        mine = values.get(address)
        values[address] = _beside(mine, proposal)
        if mine is not None and values[address].evidence[-1].startswith(DIFFERS):
            candidates += proposal.candidates
    return extraction.model_copy(update={"values": [*values.values()], "candidates": candidates})


def _said(extraction: Extraction, answer: Answer) -> Iterator[tuple[Address, Quoted]]:
    """Every value of the answer that can be laid beside the machine's."""
    for name, quoted in answer.fields.items():
        if quoted and quoted.value.strip():
            yield Address(name), quoted
    for table, rows in answer.tables.items():
        mine = sorted({value.row for value in extraction.values if value.table == table})
        if mine and len(mine) != len(rows):
            continue
        for number, row in zip(mine or range(1, len(rows) + 1), rows, strict=True):
            for name, quoted in row.items():
                if quoted and quoted.value.strip():
                    yield Address(name, table, number), quoted


def _looked_up(
    address: Address, quoted: Quoted, kind: FieldType, printed: Printed, candidates: list[Candidate]
) -> _Proposal:
    text = normalise(quoted.value, kind, convention=Convention.POINT)
    if text is None:
        return _Proposal(address, kind, quoted.value.strip(), quoted.printed, None)
    places = printed.places(quoted.printed, text, quoted.page, kind)
    return _Proposal(address, kind, text, quoted.printed, _likeliest(places, address, candidates))


def _likeliest(places: list[Place], address: Address, candidates: list[Candidate]) -> Place | None:
    """Where the machine has a candidate of this field too, else the first."""
    own = [c for c in candidates if c.field == address.name and not address.table]
    shared = (p for p in places if any(c.page == p.page and _overlap(c, p) for c in own))
    return next(shared, places[0] if places else None)


def _overlap(candidate: Candidate, place: Place) -> bool:
    a, b = candidate.box, place.box
    return a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1


def _beside(mine: Value | None, proposal: _Proposal) -> Value:
    """The machine's value with what the language model says of it; its proposal where the machine has none."""
    if mine is None or mine.state is not ValueState.PRESENT or not mine.text:
        return proposal.value
    if _same(mine.text, proposal.text, proposal.kind):
        remark = AGREES
    else:
        remark = (DIFFERS if proposal.place else NOT_ON_PAGE) + proposal.text
    return mine.model_copy(update={"evidence": [*mine.evidence, remark]})


def _same(left: str, right: str, kind: FieldType) -> bool:
    """Whether two canonical texts are one value; here `1.234` has one meaning only."""
    if kind not in NUMBERS:
        return left == right or (kind is not FieldType.DATE and fold(left) == fold(right) != "")
    try:
        return Decimal(left) == Decimal(right)
    except InvalidOperation:
        return False
