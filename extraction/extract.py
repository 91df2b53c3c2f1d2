"""The way in: a reading becomes an extraction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extraction.candidates import candidates
from extraction.choose import Chooser, choose
from extraction.classify import OTHER, Classification, classify, classify_pages
from extraction.evidence import gather
from extraction.line_items import line_items, pages_in_doubt
from extraction.master_data import MasterData
from extraction.page_layout import layouts
from extraction.row_confidence import row_values
from extraction.rows import LINE_ITEMS
from extraction.supplier import match_supplier, supplier_values
from extraction.tax_table import tax_values
from schemas.document_type import DocumentType, document_types
from schemas.reading import Reading, Table
from schemas.values import Candidate, Extraction, Value

__all__ = ["classify", "extract", "pages_with_tables"]

EXTRACTOR = "rules 1"
RUNNERS_UP = 5  # candidates a field that a reviewer is shown


def extract(
    reading: Reading,
    *,
    types: Sequence[str],
    languages: Sequence[str],
    country: str,
    master: MasterData | None,
    tables: list[Table] | None = None,
    recipients: Sequence[str] = (),
    chooser: Chooser = choose,
) -> Extraction:
    """Classify a document and find its values.

    Args:
        reading: the words of its pages.
        types: the document types that its process knows; anything else is `other` and has no values.
        languages: what the process's documents are written in, the likeliest first.
        country: ISO 3166 code of the client; it decides notation where the document does not.
        master: the client's suppliers.
        tables: what the reader found on `pages_with_tables`, where it was asked.
        recipients: the names under which the client is written to; a printed one is the recipient.
        chooser: what decides between candidates.

    Returns:
        Values with canonical text, place, source and probability; the best candidates of each field.
    """
    pages = layouts(reading)
    kind = classify_pages(pages[:2], types, languages)
    if kind.document_type == OTHER:
        return _as_extraction(kind, [], [])
    definition = document_types()[kind.document_type]
    evidence = replace(gather(pages, definition, country, kind.language), recipients=tuple(recipients))
    evidence = match_supplier(evidence, master)
    found = candidates(evidence)
    values = supplier_values(chooser(found, evidence), evidence, master)
    values += [*row_values(line_items(evidence, tables), scanned=evidence.scanned), *tax_values(evidence)]
    return _as_extraction(kind, values, found)


def pages_with_tables(reading: Reading, document_type: DocumentType) -> list[int]:
    """The digital pages whose ruled tables are worth their time: those with line items that the words leave in doubt."""
    if LINE_ITEMS not in document_type.tables:
        return []
    return pages_in_doubt(gather(layouts(reading), document_type, country="", language=""))


def _as_extraction(kind: Classification, values: list[Value], found: Sequence[Candidate]) -> Extraction:
    return Extraction(
        document_type=kind.document_type,
        type_probability=kind.probability,
        type_reason=kind.reason,
        language=kind.language,
        values=values,
        candidates=_runners_up(found),
        extractor=EXTRACTOR,
    )


def _runners_up(found: Sequence[Candidate]) -> list[Candidate]:
    """The best few of each field, one a text."""
    kept: dict[str, dict[str, Candidate]] = {}
    for each in found:
        of_field = kept.setdefault(each.field, {})
        if each.field and len(of_field) < RUNNERS_UP:
            of_field.setdefault(each.text, each)
    return [each for of_field in kept.values() for each in of_field.values()]
