"""The way in: a reading becomes an extraction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from extraction.classify import OTHER, Classification, classify, classify_pages
from extraction.evidence import gather
from extraction.learning.chosen import Chosen, chosen
from extraction.learning.model import Model
from extraction.learning.survey import survey_of
from extraction.learning.types import TypeModel
from extraction.line_items import line_items, pages_in_doubt
from extraction.master_data import MasterData
from extraction.page_layout import layouts
from extraction.row_confidence import row_values
from extraction.rows import LINE_ITEMS
from extraction.supplier import supplier_values
from extraction.tax_table import tax_values
from extraction.transcripts import stated_facts
from schemas.document_type import TRANSCRIPT, DocumentType, document_types
from schemas.learning import RememberedSupplier
from schemas.reading import Reading, SecondLook, Table
from schemas.values import Candidate, Extraction, Value

__all__ = ["classify", "extract", "pages_with_tables"]

EXTRACTOR = "rules 1"
STATED = "transcript 1"
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
    models: Mapping[str, Model] | None = None,
    suppliers: Sequence[RememberedSupplier] = (),
    looks: Mapping[str, SecondLook] | None = None,
    type_model: TypeModel | None = None,
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
        models: what was learned, by document type; without one the rules decide, helped by memory.
        suppliers: what earlier documents taught about their senders.
        looks: field -> where its value was read again and what was read, for the probability of being right.
        type_model: what was learned of kinds of documents.

    Returns:
        Values with canonical text, place, source and probability; the best candidates of each field.
    """
    stated = stated_facts(reading) if TRANSCRIPT in types else None
    if stated is not None:
        return _as_extraction(Classification(TRANSCRIPT, 1.0, languages[0], "title"), stated, [], STATED)
    pages = layouts(reading)
    kind = classify_pages(pages[:2], types, languages, type_model)
    if kind.document_type == OTHER:
        return _as_extraction(kind, [], [])
    definition = document_types()[kind.document_type]
    known = [each for each in suppliers if each.document_type == definition.name]
    model = (models or {}).get(definition.name)
    seen = survey_of(pages, definition, kind.language, country, master, recipients)
    evidence, values, learned = seen.evidence, seen.by_rules, None
    if model is not None or known:
        learned = chosen(seen, model, known, values, looks or {})
        values = [*(each for each in values if each.name not in learned.fields), *learned.values]
    columns = learned.recalls[0].supplier.columns if learned and learned.recalls else None
    rows = row_values(line_items(evidence, tables, columns=columns), scanned=evidence.scanned)
    values = [*supplier_values(values, evidence, master), *rows, *tax_values(evidence)]
    return _as_extraction(kind, values, _with_learned(seen.rules, learned), model.card.name if model else EXTRACTOR)


def pages_with_tables(reading: Reading, document_type: DocumentType) -> list[int]:
    """The digital pages whose ruled tables are worth their time: those with line items that the words leave in doubt."""
    if LINE_ITEMS not in document_type.tables:
        return []
    return pages_in_doubt(gather(layouts(reading), document_type, country="", language=""))


def _with_learned(found: Sequence[Candidate], learned: Chosen | None) -> list[Candidate]:
    """The rules' candidates, and first the learned ones where there are some."""
    if learned is None:
        return list(found)
    return [*learned.candidates, *(each for each in found if each.field not in learned.fields)]


def _as_extraction(
    kind: Classification, values: list[Value], found: Sequence[Candidate], extractor: str = EXTRACTOR
) -> Extraction:
    return Extraction(
        document_type=kind.document_type,
        type_probability=kind.probability,
        type_reason=kind.reason,
        language=kind.language,
        values=values,
        candidates=_runners_up(found),
        extractor=extractor,
    )


def _runners_up(found: Sequence[Candidate]) -> list[Candidate]:
    """The best few of each field, one a text."""
    kept: dict[str, dict[str, Candidate]] = {}
    for each in found:
        of_field = kept.setdefault(each.field, {})
        if each.field and len(of_field) < RUNNERS_UP:
            of_field.setdefault(each.text, each)
    return [each for of_field in kept.values() for each in of_field.values()]
