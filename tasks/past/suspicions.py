"""Suspicions: bookings that are probably wrong, because the machine is sure of something else that the page shows.

Each was predicted by a model that has not seen the document. A booked value that is printed nowhere counts double; names and
addresses that are merely spelled differently are no suspicion.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict
from rapidfuzz import fuzz

from schemas.document_type import DocumentType, FieldType
from schemas.normalisation import fold
from schemas.reading import Box
from tasks.past.held_out import Prediction
from tasks.past.matching import Match
from tasks.past.prints import prints_of, signs_of
from tasks.past.setting import Setting

SURE = 0.9  # from this probability on the machine's word is held against a booking
SURE_IF_UNPRINTED = 0.6  # where the booked value is not on the page at all
SAME_WORDS = 70.0  # likeness from which a name or an address is another spelling, 0 to 100
SPELLED = frozenset({FieldType.NAME, FieldType.ADDRESS, FieldType.TEXT})


class Suspicion(BaseModel):
    """A booked value that differs from what the machine is sure to read at `page` and `box`. `row` is the export's."""

    model_config = ConfigDict(frozen=True)

    row: int
    file: str
    field: str
    booked: str
    found: str
    probability: float
    booked_is_printed: bool | None  # None: not looked for, as this kind of value can be printed in many ways
    how_matched: str
    page: int | None
    box: Box | None
    crop: str = ""  # file name of the picture, where one was made


def suspicions_of(
    predictions: Sequence[Prediction], matches: Sequence[Match], setting: Setting, types: Sequence[str]
) -> list[Suspicion]:
    """The suspected wrong bookings, the surest first. `types`: each match's document type."""
    found = []
    for each in predictions:
        definition = setting.whole(types[each.example])
        if each.right or not each.found.text or each.found.probability < SURE_IF_UNPRINTED:
            continue
        if _spelled_alike(each, definition):
            continue
        match = matches[each.example]
        printed = _is_printed(each, match, definition)
        if each.found.probability >= SURE or printed is False:
            found.append(_suspicion(each, match, printed))
    return sorted(found, key=lambda each: (each.booked_is_printed is not False, -each.probability))


def _spelled_alike(each: Prediction, definition: DocumentType) -> bool:
    if definition.fields[each.field].type not in SPELLED:
        return False
    return fuzz.partial_ratio(fold(each.booked), fold(each.found.text)) >= SAME_WORDS


def _is_printed(each: Prediction, match: Match, definition: DocumentType) -> bool | None:
    signs = signs_of({each.field: each.booked}, definition)
    if not signs or signs[0][0] == "name":
        return None
    return bool(prints_of(match.document.reading(), [], signs).signs)


def _suspicion(each: Prediction, match: Match, printed: bool | None) -> Suspicion:
    return Suspicion(
        row=match.booking.row,
        file=match.document.name,
        field=each.field,
        booked=each.booked,
        found=each.found.text,
        probability=each.found.probability,
        booked_is_printed=printed,
        how_matched=match.how,
        page=each.found.page,
        box=each.found.box,
    )
