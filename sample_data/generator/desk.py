"""The desk being laid out: files dropped into trays, and three lists beside them: labels, expectations, provenance."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from dataclasses import dataclass, field
from pathlib import Path

from sample_data.generator import receipt_layouts
from sample_data.generator.business import Books, Invoice, Party, suppliers_of
from sample_data.generator.layouts import draw
from sample_data.generator.pen import Truth
from sample_data.generator.receipts import Merchant, buy, merchants

BUYERS = {
    "northwind": Party("Northwind Handels GmbH", "Kanalstraße 80", "23552", "Lübeck", "DE"),
    "harbour": Party("Harbour Facilities Ltd", "22 Welsh Back", "BS1 4RP", "Bristol", "GB"),
    "lumen": Party("Lumen Beratung GmbH", "Praterstraße 44", "1020", "Wien", "AT"),
}

MASTER_COLUMNS = [
    "supplier_number",
    "name",
    "vat_id",
    "tax_number",
    "iban",
    "bic",
    "country",
    "postcode",
    "city",
    "street",
]


@dataclass(frozen=True)
class Fate:
    """What ought to become of a file. `tolerate`: an outcome that is honest too, such as a person looking at it."""

    expect: str = "delivered"
    code: str = ""
    tolerate: str = ""

    @property
    def sentence(self) -> str:
        """`delivered or in_review (SUM)`."""
        outcome = f"{self.expect} or {self.tolerate}" if self.tolerate else self.expect
        return f"{outcome} ({self.code})" if self.code else outcome


DELIVERED = Fate()
DOUBTFUL = Fate(tolerate="in_review")  # readable, but a careful desk may well ask a person


@dataclass(frozen=True)
class Paper:
    """What a file shows: the truth of its content and what kind of input it is."""

    truth: Truth
    document_type: str
    group: str
    kind: str = "digital"


@dataclass
class Desk:
    """Collects everything under `root`; `close` writes the lists."""

    root: Path
    seed: int
    labels: list[dict[str, object]] = field(default_factory=list)
    expected: list[dict[str, str]] = field(default_factory=list)
    provenance: list[tuple[str, str, str, Fate]] = field(default_factory=list)

    def tray(self, client: str, process: str) -> Tray:
        return Tray(self, client, process, Books(client, BUYERS[client], self.seed))

    def close(self) -> None:
        """Write labels, expectations, the provenance table and each client's master data."""
        _write_lines(self.root / "labels.jsonl", sorted(self.labels, key=lambda each: str(each["file"])))
        _write_lines(self.root / "expected.jsonl", sorted(self.expected, key=lambda each: each["file"]))
        self._write_provenance()
        for client in ("northwind", "harbour"):
            _write_suppliers(self.root / "clients" / client / "suppliers.csv", _known_suppliers(client, self.seed))
        _write_suppliers(self.root / "clients" / "lumen" / "suppliers.csv", _known_merchants(self.seed))

    def _write_provenance(self) -> None:
        head = (Path(__file__).parent / "provenance_head.md").read_text(encoding="utf-8")
        rows = [
            f"| `{file.removeprefix('inbox/')}` | {made} | {shows} | {fate.sentence} |"
            for file, made, shows, fate in sorted(self.provenance)
        ]
        (self.root / "PROVENANCE.md").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


@dataclass
class Tray:
    """One process's inbox."""

    desk: Desk
    client: str
    process: str
    books: Books

    def rng(self, name: str) -> random.Random:
        """Chance for one file, independent of all others."""
        return random.Random(f"{self.desk.seed}/{self.client}/{name}")

    def drop(
        self, name: str, content: bytes, *, made: str, shows: str, fate: Fate = DELIVERED, paper: Paper | None = None
    ) -> None:
        """Put a file into the tray, say what it is for, and label it where it can be read."""
        file = f"inbox/{self.client}/{self.process}/{name}"
        path = self.desk.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        self.desk.provenance.append((file, made, shows, fate))
        self.note(file, fate, paper)

    def note(self, file: str, fate: Fate, paper: Paper | None) -> None:
        """Add the lines for a file, or for a member of an archive (`archive.zip!/member`)."""
        line = {"file": file, "expect": fate.expect, "code": fate.code, "tolerate": fate.tolerate}
        self.desk.expected.append({key: value for key, value in line.items() if value})
        if paper:
            self.desk.labels.append(self._label(file, paper))

    def print(
        self, name: str, invoice: Invoice, layout: str, *, shows: str, fate: Fate = DELIVERED, shift: float = 0.0
    ) -> bytes:
        """Drop a digital PDF of an invoice; returns its bytes."""
        content, paper = printed(invoice, layout, shift=shift)
        self.drop(name, content, made=f"PDF, layout `{layout}`", shows=shows, fate=fate, paper=paper)
        return content

    def pay(self, name: str, merchant: Merchant, day: dt.date, *, shows: str, fate: Fate = DELIVERED) -> None:
        """Drop a digital PDF of a receipt."""
        pen = receipt_layouts.draw(buy(merchant, day, self.rng(name)))
        paper = Paper(pen.truth, "receipt", merchant.key)
        self.drop(name, pen.finish(), made=f"PDF, layout `{merchant.layout}`", shows=shows, fate=fate, paper=paper)

    def _label(self, file: str, paper: Paper) -> dict[str, object]:
        return {
            "file": file,
            "client": self.client,
            "process": self.process,
            "document_type": paper.document_type,
            "kind": paper.kind,
            "group": paper.group,
            "fields": paper.truth.fields,
            "line_items": paper.truth.rows("line_items"),
            "taxes": paper.truth.rows("taxes"),
        }


def printed(invoice: Invoice, layout: str, *, shift: float = 0.0) -> tuple[bytes, Paper]:
    """An invoice as a digital PDF, and the truth of it."""
    pen = draw(invoice, layout, shift=shift)
    return pen.finish(), Paper(pen.truth, invoice.kind, invoice.supplier.key)


def _write_lines(path: Path, rows: list[dict[str, object]] | list[dict[str, str]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _known_suppliers(client: str, seed: int) -> list[dict[str, str]]:
    """The suppliers that the client has already met."""
    known = [each for each in suppliers_of(client, seed).values() if each.known]
    return [
        {"supplier_number": each.number} | {name: str(getattr(each, name)) for name in MASTER_COLUMNS[1:]}
        for each in known
    ]


def _known_merchants(seed: int) -> list[dict[str, str]]:
    """The merchants that travellers meet again and again; the last four are new. Nobody transfers money to them."""
    known = list(merchants(seed).values())[:-4]
    names = ("name", "vat_id", "country", "postcode", "city", "street")
    return [
        {"supplier_number": str(3000 + at)} | {name: str(getattr(each, name)) for name in names}
        for at, each in enumerate(known)
    ]


def _write_suppliers(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, MASTER_COLUMNS, restval="", lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
