"""Judge: gather the facts around an extraction and ask the rule book. Called inside the finishing transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from extraction.master_data import MasterData
from schemas.clock import now
from schemas.document_type import DocumentType
from schemas.narrowing import type_in_process
from schemas.values import Extraction, Finding, ValueState
from store.database import Session
from store.definitions import Definition
from store.documents import earlier_with_keys, set_business_keys, supplier_amounts
from store.queue import serialise_on
from store.tables import Document
from validations.business_key import business_keys
from validations.facts import EarlierDocument, Facts, Supplier, number_in
from validations.validate import validate

PRINTED_CODES = {"vat_id": "supplier_vat_id", "iban": "iban", "tax_number": "supplier_tax_number"}

_masters: dict[str, MasterData | None] = {}  # by definition version, which never changes


@dataclass(frozen=True)
class Judgement:
    """The findings, and the document type as this process uses it (None: not one of the process's types)."""

    kind: DocumentType | None
    findings: list[Finding]


def master_data(definition: Definition) -> MasterData | None:
    """The client's supplier master as it came with this version of the process; None where there is none."""
    if definition.id not in _masters:
        rows = definition.master_data.get("supplier")
        _masters[definition.id] = MasterData(rows) if rows else None
    return _masters[definition.id]


def judge(session: Session, document: Document, extraction: Extraction, definition: Definition) -> Judgement:
    """Find what is wrong with an extraction, and keep on the document what later ones are compared with.

    Whoever judges a document with the same business key at the same time waits until this transaction ends.
    """
    kind = type_in_process(definition.process, extraction.document_type)
    if kind is None:
        set_business_keys(session, document, [])
        return Judgement(None, [])
    facts = _facts(extraction, kind, definition)
    keys = business_keys(facts)
    serialise_on(session, *(f"{document.client_id}:{key}" for key in keys))
    _keep(document, facts)
    set_business_keys(session, document, keys)
    facts = replace(facts, earlier=_earlier(session, document, keys), history=_history(session, document))
    return Judgement(kind, validate(facts, definition.process))


def judge_draft(extraction: Extraction, definition: Definition) -> list[Finding]:
    """The findings that need nothing from the store: for values that a reviewer is still typing."""
    kind = type_in_process(definition.process, extraction.document_type)
    return validate(_facts(extraction, kind, definition), definition.process) if kind else []


def describe(document: Document, extraction: Extraction, definition: Definition) -> None:
    """Give a document the number, supplier and total that lists show, as these values say."""
    kind = type_in_process(definition.process, extraction.document_type)
    if kind is not None:
        _keep(document, _facts(extraction, kind, definition))


def _facts(extraction: Extraction, kind: DocumentType, definition: Definition) -> Facts:
    client = definition.client
    master = master_data(definition)
    return Facts(
        extraction=extraction,
        document_type=kind,
        today=now().astimezone(ZoneInfo(client.time_zone)).date(),
        country=client.country,
        client_names=(client.name,),
        supplier=_supplier(master, extraction, kind) if master else None,
        has_supplier_master=master is not None,
    )


def _supplier(master: MasterData, extraction: Extraction, kind: DocumentType) -> Supplier | None:
    """The master's row for the values as they stand now, whoever set them."""
    name = _text(extraction, kind.roles.supplier)
    printed = {key: [text] for key, field in PRINTED_CODES.items() if (text := _text(extraction, field))}
    match = master.match(printed, [name] if name else [])
    if match is None:
        return None
    row = master.row_of(match)
    return Supplier(
        number=match.supplier_number,
        name=match.name,
        vat_id=row.get("vat_id", ""),
        ibans=tuple(part for part in row.get("iban", "").replace(" ", "").split(";") if part),
        country=row.get("country", ""),
    )


def _keep(document: Document, facts: Facts) -> None:
    """What lists show and outliers are measured against."""
    kind = facts.document_type
    supplier = facts.supplier
    name = _text(facts.extraction, kind.roles.supplier)
    document.supplier_number = supplier.number if supplier else None
    document.supplier_key = supplier.number if supplier else (name or None)
    document.number = _text(facts.extraction, kind.roles.number) or None
    document.gross_total = number_in(_text(facts.extraction, kind.roles.total))
    document.currency = _text(facts.extraction, kind.roles.currency) or None
    document.document_type = facts.extraction.document_type


def _earlier(session: Session, document: Document, keys: list[str]) -> tuple[EarlierDocument, ...]:
    shared = earlier_with_keys(session, document, keys) if keys else {}
    return tuple(EarlierDocument(id_, frozenset(common)) for id_, common in shared.items())


def _history(session: Session, document: Document) -> tuple[Decimal, ...]:
    if document.supplier_key is None or document.currency is None:
        return ()
    return tuple(supplier_amounts(session, document, document.supplier_key, document.currency))


def _text(extraction: Extraction, name: str | None) -> str:
    value = extraction.get(name) if name else None
    return value.text if value is not None and value.state is ValueState.PRESENT else ""
