"""A full desk for benchmarks: the queue's documents with values, pages and words to search, and the people who work on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import update

from benchmarks.queue_seed import ACTOR, PORTION, Row, seed, write_rows
from schemas.clock import now
from schemas.roles import Role
from schemas.search_query import words_in
from store.search import enter_words
from store.tables import Document, ExtractionRun, FieldValue, Page
from tasks.desk import Desk
from tasks.sign_in import sign_in
from tasks.users import create_user, made_password

HEADER = {
    "supplier_name": "Nordlicht Bürobedarf GmbH",
    "invoice_date": "2026-11-03",
    "currency": "EUR",
    "net_total": "100.00",
    "tax_total": "19.00",
    "gross_total": "119.00",
}
LINES = [
    {"description": "Copy paper A4", "quantity": "10", "unit_price": "5.00", "line_total": "50.00"},
    {"description": "Ring binder", "quantity": "20", "unit_price": "2.50", "line_total": "50.00"},
]


def fill(desk: Desk, tasks: int) -> None:
    """So many documents in review, each with its task, values, page and words."""
    ids = seed(desk.store, tasks, tasks)
    with desk.store.read(ACTOR) as session:
        owners = {row.id: row.client_id for row in session.query(Document.id, Document.client_id)}
    facts = [(document_id, owners[document_id], number_of(at)) for at, document_id in enumerate(ids)]
    write_rows(desk.store, FieldValue, (row for each in facts for row in _values(*each)))
    write_rows(desk.store, Page, (_page(*each) for each in facts))
    write_rows(desk.store, ExtractionRun, (_extraction(*each) for each in facts))
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).values(version=1, language="en", reader="benchmark-1"))
    for start in range(0, len(facts), PORTION):
        with desk.store.session(ACTOR) as session:
            for document_id, client_id, number in facts[start : start + PORTION]:
                enter_words(session, document_id, client_id, words_in(f"{number} {' '.join(HEADER.values())}"))


def number_of(at: int) -> str:
    """The number printed on the n-th document."""
    return f"R-{at:07d}"


def typed(number: str, **changes: str) -> list[dict[str, Any]]:
    """A document's form as the review page sends it, with some fields typed over."""
    header = {**HEADER, "invoice_number": number, **changes}
    lines = [
        {"name": name, "table": "line_items", "row": row, "text": text}
        for row, line in enumerate(LINES, 1)
        for name, text in line.items()
    ]
    return [{"name": name, "text": text} for name, text in header.items()] + lines


def _values(document_id: str, client_id: str, number: str) -> Iterator[Row]:
    for value in typed(number):
        yield {
            "document_id": document_id,
            "client_id": client_id,
            "version": 1,
            "table_name": value.get("table", ""),
            "row": value.get("row", 0),
            "name": value["name"],
            "state": "present",
            "text": value["text"],
            "raw": value["text"],
            "page": 1,
            "box": [0.1, 0.1, 0.3, 0.12],
            "source": "machine",
            "probability": 0.8,
            "evidence": [],
        }


def _page(document_id: str, client_id: str, _: str) -> Row:
    return {
        "document_id": document_id,
        "client_id": client_id,
        "number": 1,
        "file_page": 1,
        "width": 595.0,
        "height": 842.0,
        "rotation": 0,
        "skew": 0.0,
        "source": "text_layer",
        "quality": 1.0,
        "notes": [],
    }


def _extraction(document_id: str, client_id: str, _: str) -> Row:
    return {
        "document_id": document_id,
        "client_id": client_id,
        "version": 1,
        "extractor": "benchmark-1",
        "reader": "benchmark-1",
        "document_type": "invoice",
        "type_probability": 0.99,
        "language": "en",
        "candidates": [],
        "created_at": now(),
    }


def sign_people_in(desk: Desk, role: Role, names: Sequence[str]) -> list[str]:
    """Make these people; returns their session tokens."""
    tokens = []
    for name in names:
        password = made_password()
        create_user(desk, name, password, role)
        answer = sign_in(desk, name, password, "127.0.0.1")
        tokens.append(answer.token)  # type: ignore[union-attr]
    return tokens
