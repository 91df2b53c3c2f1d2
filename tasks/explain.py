"""Explain: why a document's value is what it is: candidates, features, memory and findings, and who changed it when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from extraction.learning.explain import explain
from schemas.document_type import DocumentType, document_types
from schemas.errors import NotFoundError
from schemas.learning import Explanation
from schemas.lifecycle import DocumentState
from schemas.values import Address, Candidate, Finding, Value
from store.database import Scope
from store.definitions import Definition, load_definition
from store.story import Story
from store.tables import Correction
from tasks.desk import Desk
from tasks.judge import master_data
from tasks.learned import learned_for
from tasks.look_alike import story_for
from tasks.read import known_reading
from tasks.reread import known_looks


class Change(BaseModel):
    """What a person changed: the texts before and after, who, when, and why where a reason was asked for."""

    model_config = ConfigDict(frozen=True)

    old: str
    new: str
    by: str
    at: dt.datetime
    reason: str | None = None


class ValueExplanation(BaseModel):
    """All that can be said of one value.

    `value` is what stands now (None: there is none). `candidates` are the runners-up that were kept when it was extracted.
    `machine` is what the machine of today makes of the reading; None for a table's cell, for a document that is none of the
    process's types, and where the reading is not kept any more.
    """

    model_config = ConfigDict(frozen=True)

    document: str
    document_type: str
    extractor: str
    field: str
    value: Value | None
    candidates: list[Candidate]
    changes: list[Change]
    findings: list[Finding]
    machine: Explanation | None


def explain_value(
    desk: Desk, scope: Scope, document_id: str, field: str, *, quarantine: bool = False
) -> ValueExplanation:
    """Explain a header field (`gross_total`) or a table's cell (`line_items.2.quantity`, rows from 1).

    Args:
        quarantine: also of quarantined documents.

    Raises:
        NotFoundError: no such document for this scope, it has no values yet, or its type has no such field.
    """
    with desk.store.read(scope) as session:
        story = story_for(session, document_id)
        if story is None or (story.document.state == DocumentState.QUARANTINED and not quarantine):
            raise NotFoundError(document_id)
        definition = load_definition(session, story.document.definition_id)
    extraction = story.extraction
    kind = document_types().get(extraction.document_type) if extraction is not None else None
    address = address_of(field)
    if extraction is None or kind is None or kind.definition(address.name, address.table) is None:
        raise NotFoundError(f"{field} of {document_id}")
    return ValueExplanation(
        document=document_id,
        document_type=extraction.document_type,
        extractor=extraction.extractor,
        field=field,
        value=extraction.get(*address),
        candidates=[each for each in extraction.candidates if not address.table and each.field == address.name],
        changes=_changes(story.corrections, address),
        findings=[each for each in story.findings if address in each.fields],
        machine=_machine(desk, story, definition, kind, address),
    )


def address_of(field: str) -> Address:
    """`gross_total` or `line_items.2.quantity` as an address. Raises NotFoundError."""
    match field.split("."):
        case [name]:
            return Address(name)
        case [table, row, name] if row.isdecimal():
            return Address(name, table, int(row))
        case _:
            raise NotFoundError(field)


def _changes(corrections: Sequence[Correction], address: Address) -> list[Change]:
    return [
        Change(old=each.old, new=each.new, by=each.by, at=each.at, reason=each.reason)
        for each in corrections
        if Address(each.name, each.table_name, each.row) == address
    ]


def _machine(
    desk: Desk, story: Story, definition: Definition, kind: DocumentType, address: Address
) -> Explanation | None:
    """What the models and the memory of today say, from the reading that is kept."""
    process = definition.process
    if address.table or kind.name not in process.document_types:
        return None
    reading = known_reading(desk, story.document, definition)
    if reading is None:
        return None
    learned = learned_for(desk, definition)
    return explain(
        reading,
        address.name,
        types=process.document_types,
        languages=process.languages,
        country=definition.client.country,
        master=master_data(definition),
        recipients=(definition.client.name,),
        models=learned.models,
        suppliers=learned.suppliers,
        looks=known_looks(desk, story.document),
    )
