"""The desk being laid out: files dropped into trays, and lists beside them: labels, scorecards, expectations, provenance."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from sample_data.generator import containers, photos, receipt_layouts, scanning
from sample_data.generator.business import Books, Invoice, Party, suppliers_of
from sample_data.generator.layouts import draw
from sample_data.generator.pen import Pen, Truth
from sample_data.generator.receipts import Merchant, buy, merchants
from sample_data.generator.scanning import Scan

BUYERS = {
    "northwind": Party("Northwind Handels GmbH", "Kanalstraße 80", "23552", "Lübeck", "DE"),
    "harbour": Party("Harbour Facilities Ltd", "22 Welsh Back", "BS1 4RP", "Bristol", "GB"),
    "lumen": Party("Lumen Beratung GmbH", "Praterstraße 44", "1020", "Wien", "AT"),
    "kestrel": Party("Kestrel Energy Ltd", "5 Temple Way", "BS1 6EA", "Bristol", "GB"),
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
Overlay = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True)
class Fate:
    """What ought to become of a file. `tolerate`: an outcome that is honest too, such as a person looking at it."""

    expect: str = "delivered"
    code: str = ""
    tolerate: str = ""
    rule: str = ""  # the named rule that finds it

    @property
    def sentence(self) -> str:
        """`delivered or in_review (SUM)`."""
        outcome = f"{self.expect} or {self.tolerate}" if self.tolerate else self.expect
        return f"{outcome} ({self.code})" if self.code else outcome


DELIVERED = Fate()
EXPANDED = Fate("expanded")
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
    scorecards: list[dict[str, object]] = field(default_factory=list)
    expected: list[dict[str, str]] = field(default_factory=list)
    provenance: list[tuple[str, str, str, Fate]] = field(default_factory=list)

    def tray(self, client: str, process: str) -> Tray:
        return Tray(self, client, process, Books(client, BUYERS[client], self.seed))

    def close(self) -> None:
        """Write labels, expectations, the provenance table and each client's master data."""
        _write_lines(self.root / "labels.jsonl", sorted(self.labels, key=lambda each: str(each["file"])))
        _write_lines(self.root / "scorecards.jsonl", sorted(self.scorecards, key=lambda each: str(each["file"])))
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
        line = {"file": file, "expect": fate.expect, "code": fate.code, "tolerate": fate.tolerate, "rule": fate.rule}
        self.desk.expected.append({key: value for key, value in line.items() if value})
        if paper:
            self.desk.labels.append(self._label(file, paper))

    def print(
        self, name: str, invoice: Invoice, layout: str, *, shows: str, fate: Fate = DELIVERED, shift: float = 0.0
    ) -> bytes:
        """Drop a digital PDF of an invoice; returns its bytes."""
        content, paper = printed(invoice, layout, shift=shift)
        self._drop_print(name, content, paper, "PDF", layout, shows, fate)
        return content

    def scan(
        self, name: str, invoice: Invoice, layout: str, how: Scan, *, shows: str = "", fate: Fate = DELIVERED
    ) -> None:
        """Drop a scan of an invoice; what it shows is how it was scanned where nothing else is said."""
        content, paper = printed(invoice, layout)
        scanned = scanning.scan(content, how, self.rng(name))
        self._drop_print(name, scanned, replace(paper, kind="scan"), how.name, layout, shows or how.name, fate)

    def overlay(
        self, name: str, invoice: Invoice, layout: str, make: Overlay, *, shows: str, fate: Fate = DELIVERED
    ) -> None:
        """Drop a scan with a text layer of some sort, see `textlayers`."""
        content, paper = printed(invoice, layout)
        made = f"scan, `{make.__name__}`"
        self._drop_print(name, make(content, self.rng(name)), replace(paper, kind="scan"), made, layout, shows, fate)

    def pay(self, name: str, merchant: Merchant, day: dt.date, *, shows: str, fate: Fate = DELIVERED) -> bytes:
        """Drop a digital PDF of a receipt; returns its bytes."""
        content, paper = paid(merchant, day, self.rng(name))
        self._drop_print(name, content, paper, "PDF", merchant.layout, shows, fate)
        return content

    def scan_receipt(self, name: str, merchant: Merchant, day: dt.date, how: Scan, *, fate: Fate = DELIVERED) -> None:
        """Drop a flatbed scan of a receipt."""
        content, paper = paid(merchant, day, self.rng(name))
        scanned = scanning.scan(content, how, self.rng(name))
        self._drop_print(name, scanned, replace(paper, kind="scan"), how.name, merchant.layout, how.name, fate)

    def photograph(self, name: str, merchant: Merchant, day: dt.date, *, effort: float, orientation: int) -> None:
        """Drop a photograph of a receipt."""
        content, paper = paid(merchant, day, self.rng(name))
        picture = photos.photograph(content, self.rng(name + "/photo"), orientation=orientation, effort=effort)
        shows = f"perspective and uneven light, effort {effort}, EXIF orientation {orientation}"
        self._drop_print(name, picture, replace(paper, kind="photo"), "photograph", merchant.layout, shows, DOUBTFUL)

    def stray(self, name: str, pen: Pen, *, shows: str) -> None:
        """Drop a paper that is none of the process's types."""
        paper = Paper(pen.truth, "other", "stray")
        self.drop(name, pen.finish(), made="PDF", shows=shows, fate=Fate("in_review", "OTHER_TYPE"), paper=paper)

    def batch(self, folder: str, papers: Sequence[tuple[str, Invoice, str]], *, missing: str = "") -> None:
        """Drop files together with a control sheet; `missing` is announced and does not come."""
        fate = Fate("held", "BATCH_INCOMPLETE", tolerate="delivered") if missing else DELIVERED
        announced = ["file,amount"]
        for name, invoice, layout in papers:
            announced.append(f"{name},{invoice.gross}")
            if name != missing:
                self.print(f"{folder}/{name}", invoice, layout, shows="one of a batch", fate=fate)
        sheet = "".join(f"{line}\n" for line in announced).encode()
        shows = f"announces {len(papers)} files" + (f", of which {missing} does not come" if missing else "")
        self.drop(f"{folder}/control.csv", sheet, made="CSV", shows=shows, fate=Fate("control"))

    def pile(self, name: str, papers: Sequence[tuple[Invoice, str]], how: Scan | None, *, shows: str) -> None:
        """Drop one file of several invoices: scanned with a separator sheet before each and a blank back, or just joined."""
        made = [printed(invoice, layout) for invoice, layout in papers]
        if how:
            content, firsts = containers.scanned_pile([pdf for pdf, _ in made], how, self.rng(name))
        else:
            content, firsts = containers.joined([pdf for pdf, _ in made])
        self.drop(name, content, made=how.name if how else "PDF", shows=shows, fate=DOUBTFUL)
        for first, (pdf, paper) in zip(firsts, made, strict=True):
            label = self._label(
                f"inbox/{self.client}/{self.process}/{name}", replace(paper, kind="scan" if how else "digital")
            )
            self.desk.labels.append(label | {"pages": [first, first + containers.page_count(pdf) - 1]})

    def archive(self, name: str, papers: Sequence[tuple[str, Invoice, str]], *, inside: str = "") -> None:
        """Drop a ZIP of digital PDFs; with `inside` they lie in an archive of that name within the archive."""
        file = f"inbox/{self.client}/{self.process}/{name}"
        prefix = f"{file}!/{inside}!/" if inside else f"{file}!/"
        members = {}
        for member, invoice, layout in papers:
            members[member], paper = printed(invoice, layout)
            self.note(prefix + member, DELIVERED, paper)
        content = containers.archive(members)
        if inside:
            self.note(f"{file}!/{inside}", EXPANDED, None)
            content = containers.archive({inside: content})
        shows = f"{len(members)} invoices in a ZIP" + (" in a ZIP" if inside else "")
        self.drop(name, content, made="ZIP", shows=shows, fate=EXPANDED)

    def _drop_print(
        self, name: str, content: bytes, paper: Paper, made: str, layout: str, shows: str, fate: Fate
    ) -> None:
        self.drop(name, content, made=f"{made}, layout `{layout}`", shows=shows, fate=fate, paper=paper)

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


def paid(merchant: Merchant, day: dt.date, rng: random.Random) -> tuple[bytes, Paper]:
    """A receipt as a digital PDF, and the truth of it."""
    pen = receipt_layouts.draw(buy(merchant, day, rng))
    return pen.finish(), Paper(pen.truth, "receipt", merchant.key)


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
