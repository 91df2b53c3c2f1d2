"""Masking: bank details are for who works on a document, and for who says why; everybody else gets them with their ends only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from schemas.document_type import DocumentType, FieldType, document_types
from schemas.errors import NotFoundError
from schemas.narrowing import type_in_process
from schemas.reading import Box, PageReading
from schemas.values import Address, Extraction, Finding
from store.database import Scope, Session
from store.definitions import load_definition
from store.documents import load_extraction
from store.story import Story, find_document
from store.tables import Correction, Document
from store.unmasking import note_unmasking, sees_unmasked
from tasks.desk import Desk

SENSITIVE = frozenset({FieldType.IBAN})
KEPT = 4  # characters at the end, by which people tell accounts apart


@dataclass(frozen=True)
class Mask:
    """What one person may not see of one document: fields by name and table, and where they stand on its pages."""

    names: frozenset[tuple[str, str]]  # name, table
    boxes: Mapping[int, tuple[Box, ...]]  # by page

    def hides(self, name: str, table: str = "") -> bool:
        """Whether this field is masked."""
        return (name, table) in self.names


NOTHING = Mask(frozenset(), {})


def masked(text: str) -> str:
    """A text with its last characters only."""
    return f"••••{text[-KEPT:]}" if len(text) > 2 * KEPT else "••••" if text else ""


def mask_for(desk: Desk, scope: Scope, document_id: str) -> Mask:
    """What the scope's person may not see of a document. Raises NotFoundError."""
    with desk.store.read(scope) as session:
        document = find_document(session, document_id)
        if document is None:
            raise NotFoundError(document_id)
        return NOTHING if sees_unmasked(session, document, scope.actor) else _mask_of(session, document)


def _mask_of(session: Session, document: Document) -> Mask:
    extraction = load_extraction(session, document.id, document.version)
    if extraction is None:
        return NOTHING
    process = load_definition(session, document.definition_id).process
    kind = type_in_process(process, extraction.document_type)
    kinds = (
        [kind] if kind else document_types().values()
    )  # of a type that is not the process's, hide what any type would
    names = frozenset[tuple[str, str]]().union(*(sensitive_names(each) for each in kinds))
    boxes: dict[int, tuple[Box, ...]] = {}
    for name, table, page, box in _spots(extraction):
        if (name, table) in names:
            boxes[page] = (*boxes.get(page, ()), box)
    return Mask(names, boxes)


def _spots(extraction: Extraction) -> Sequence[tuple[str, str, int, Box]]:
    """Where the values and their runners-up stand: name, table, page, box."""
    values = [(v.name, v.table, v.page, v.box) for v in extraction.values if v.page and v.box]
    return [*values, *((c.field, "", c.page, c.box) for c in extraction.candidates if c.page and c.box)]


def sensitive_names(kind: DocumentType) -> frozenset[tuple[str, str]]:
    """Name and table of the fields of a type that are masked."""
    header = {(name, "") for name, field in kind.fields.items() if field.type in SENSITIVE}
    cells = {
        (name, table) for table, rows in kind.tables.items() for name, c in rows.columns.items() if c.type in SENSITIVE
    }
    return frozenset(header | cells)


def unmask(desk: Desk, scope: Scope, document_id: str, reason: str) -> None:
    """Open the masked values of a document to this person for a quarter of an hour. Raises NotFoundError."""
    with desk.store.session(scope) as session:
        document = find_document(session, document_id)
        if document is None:
            raise NotFoundError(document_id)
        note_unmasking(session, document, reason)


def masked_story(story: Story, mask: Mask) -> Story:
    """The story with what is masked replaced, in values, findings and corrections."""
    if not mask.names:
        return story
    for each in story.corrections:
        _mask_correction(each, mask)
    extraction = story.extraction and _masked_extraction(story.extraction, mask)
    return replace(story, extraction=extraction, findings=[_masked_finding(each, mask) for each in story.findings])


def _masked_extraction(extraction: Extraction, mask: Mask) -> Extraction:
    values = [
        v.model_copy(update={"text": masked(v.text), "raw": masked(v.raw)}) if mask.hides(v.name, v.table) else v
        for v in extraction.values
    ]
    kept = [each for each in extraction.candidates if not mask.hides(each.field)]
    return extraction.model_copy(update={"values": values, "candidates": kept})


def _mask_correction(row: Correction, mask: Mask) -> None:
    """The row was read for a page and belongs to no session any more: nothing is written."""
    if mask.hides(row.name, row.table_name):
        row.old, row.new = masked(row.old), masked(row.new)


def _masked_finding(finding: Finding, mask: Mask) -> Finding:
    if not any(mask.hides(Address(*field).name, Address(*field).table) for field in finding.fields):
        return finding
    hidden = {key: masked(value) if isinstance(value, str) else value for key, value in finding.parameters.items()}
    return finding.model_copy(update={"parameters": hidden})


def without_hidden(page: PageReading, boxes: Sequence[Box]) -> PageReading:
    """The page's words without those that stand in a masked box."""
    kept = [word for word in page.words if not any(_overlap(word.box, box) for box in boxes)]
    return page.model_copy(update={"words": kept}) if boxes else page


def _overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1
