"""A desk with people and printed invoices whose values have boxes, so that pages show what reviewers see."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from schemas.lifecycle import DocumentState, TaskKind
from schemas.reading import Box
from schemas.roles import Role
from schemas.values import Candidate, Extraction, Value
from store.definitions import Definition
from store.documents import save_pages, save_version
from store.queue import claim_documents, hold_document
from store.tables import Document
from store.transitions import move_document, open_task
from tasks.desk import Desk
from tasks.judge import judge_draft
from tasks.users import create_user
from tests.given import ACTOR, LEASE, LONG_AGO, document_of, reading_of, receipt_of

PASSWORD = "correct horse battery"
WIDTH, HEIGHT = A4
LABELS = {
    "supplier_name": "Supplier",
    "invoice_number": "Invoice number",
    "invoice_date": "Invoice date",
    "order_number": "Order number",
    "currency": "Currency",
    "net_total": "Net total",
    "tax_total": "VAT 19 %",
    "gross_total": "Total",
}
RIGHT = {
    "supplier_name": "Nordlicht Bürobedarf GmbH",
    "invoice_number": "NB-2026-0117",
    "invoice_date": "2026-11-03",
    "order_number": "4500012345",
    "currency": "EUR",
    "net_total": "100.00",
    "tax_total": "19.00",
    "gross_total": "119.00",
}
LINES = [
    {"description": "Copy paper A4, 500 sheets", "quantity": "10", "unit_price": "5.00", "line_total": "50.00"},
    {"description": "Ring binder, blue", "quantity": "20", "unit_price": "2.50", "line_total": "50.00"},
]


@dataclass
class Sheet:
    """A page that remembers where it printed what."""

    stream: io.BytesIO = field(default_factory=io.BytesIO)

    def __post_init__(self) -> None:
        self.canvas = Canvas(self.stream, pagesize=A4)

    def write(self, x: float, y: float, text: str, *, size: float = 10, font: str = "Helvetica") -> Box:
        """Print at points from the left and the top; returns the box in shares."""
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, HEIGHT - y, text)
        width = stringWidth(text, font, size)
        return Box(x / WIDTH, (y - size) / HEIGHT, (x + width) / WIDTH, (y + size * 0.25) / HEIGHT)

    def close(self) -> bytes:
        self.canvas.showPage()
        self.canvas.save()
        return self.stream.getvalue()


def printed_invoice(
    number: str = "NB-2026-0117", *, misread: dict[str, str] | None = None, doubtful: tuple[str, ...] = ()
) -> tuple[bytes, Extraction]:
    """A PDF and what a machine read of it: right, but for what is `misread`, and unsure of what is `doubtful`."""
    sheet, values, candidates = Sheet(), [], []
    sheet.write(60, 70, "Nordlicht Bürobedarf GmbH", size=16, font="Helvetica-Bold")
    sheet.write(60, 88, "Hafenstraße 12, 20457 Hamburg")
    sheet.write(60, 160, "INVOICE", size=20, font="Helvetica-Bold")
    printed = {**RIGHT, "invoice_number": number}
    for at, (name, text) in enumerate(printed.items()):
        y = 200 + 18 * at if at < 5 else 420 + 18 * at
        sheet.write(330 if at >= 5 else 60, y, LABELS[name])
        box = sheet.write(460 if at >= 5 else 200, y, text)
        read = (misread or {}).get(name, text)
        probability = 0.55 if name in doubtful else 0.97
        values.append(Value(name=name, text=read, raw=read, page=1, box=box, probability=probability))
        candidates += [
            Candidate(field=name, text=each, raw=each, page=1, box=box, score=score)
            for each, score in {read: 2.0, text: 1.0}.items()
        ]
    for row, line in enumerate(LINES, 1):
        for column, (name, text) in enumerate(line.items()):
            box = sheet.write((60, 300, 380, 470)[column], 330 + 20 * row, text)
            values.append(
                Value(name=name, table="line_items", row=row, text=text, raw=text, page=1, box=box, probability=0.95)
            )
    extraction = Extraction(
        document_type="invoice",
        type_probability=0.99,
        language="en",
        values=values,
        candidates=candidates,
        extractor="rules-1",
    )
    return sheet.close(), extraction


def in_review(desk: Desk, definition: Definition, content: bytes, extraction: Extraction) -> str:
    """A read document with its findings, in front of people; returns the document's id."""
    document_id = document_of(desk, receipt_of(desk, definition, content))
    with desk.store.session(ACTOR) as session:
        waiting = session.get_one(Document, document_id)
        due_at, waiting.due_at, waiting.urgent = waiting.due_at, LONG_AGO, True  # so that it is claimed before others
        session.flush()
        (lease,) = claim_documents(session, waiting.client_id, "worker", 1, lease=LEASE, max_attempts=5)
        document = hold_document(session, lease)
        document.due_at, document.urgent = due_at, False
        save_pages(session, document, reading_of(1))
        findings = judge_draft(extraction, definition)
        save_version(session, document, extraction, findings)
        number = extraction.get("invoice_number")
        document.number = number.text if number else None
        move_document(session, document, DocumentState.IN_REVIEW, reason="SUM")
        open_task(
            session,
            document,
            TaskKind.EXCEPTION,
            "invoices",
            due_at=document.due_at,
            reasons=[finding.rule for finding in findings],
        )
    return document_id


def person(desk: Desk, name: str, role: Role, clients: tuple[str, ...] = (), language: str = "en") -> str:
    """Someone who can sign in with PASSWORD."""
    return create_user(desk, name, PASSWORD, role, clients, language=language)
