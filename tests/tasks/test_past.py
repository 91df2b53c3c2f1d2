"""A past is understood before anything is learned from it: its export, its pairs, its folds, and what figures may claim."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.document_type import document_types
from schemas.errors import ConfigurationError
from schemas.learning import Example
from schemas.reading import Box, PageReading, Reading, Source, Word
from schemas.values import Value
from tasks.past.bookings import Booking, Bookings, read_bookings
from tasks.past.documents import PastDocument
from tasks.past.figures import share_of, threshold
from tasks.past.held_out import Prediction, Split, plan_folds
from tasks.past.matching import match_bookings
from tasks.past.setting import Setting, in_words_of

INVOICE = document_types()["invoice"]
START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SETTING = Setting((INVOICE,), ("de", "en"), "DE", "fast")


def understood(path: Path, text: str, *, encoding: str = "utf-8", **chosen: str) -> Bookings:
    path.write_bytes(text.encode(encoding))
    return read_bookings(path, INVOICE, chosen=chosen, file_names={"a1", "a2", "a3"}, country="DE")


GERMAN = """Rechnungsnr.;Datum;Kreditor;Betrag;Anhang
R-1;03.11.2026;Müller GmbH;1.234,50;x/A1.pdf
R-2;4.11.26;Weiß KG;7,00;a2.PDF
"""
ENGLISH = (
    'Invoice Number,Invoice Date,Vendor,Total\nR-1,2026-11-03,Müller GmbH,"1,234.50"\nR-2,2026-11-04,Weiß KG,7.00\n'
)


@pytest.mark.parametrize(
    ("text", "encoding", "delimiter"),
    [
        (GERMAN, "utf-8", ";"),
        (GERMAN, "utf-8-sig", ";"),
        (GERMAN, "cp1252", ";"),
        (GERMAN.replace(";", "\t"), "utf-16", "\t"),
        (GERMAN.replace(";", "|"), "utf-8", "|"),
        ("Buchungen Müller\n\n" + GERMAN, "utf-8", ";"),
        (ENGLISH, "utf-8", ","),
    ],
)
def test_an_export_is_understood_however_it_is_written(
    tmp_path: Path, text: str, encoding: str, delimiter: str
) -> None:
    found = understood(tmp_path / "export.csv", text, encoding=encoding)
    assert found.delimiter == delimiter
    assert [row.fields for row in found.rows] == [
        {
            "invoice_number": "R-1",
            "invoice_date": "2026-11-03",
            "supplier_name": "Müller GmbH",
            "gross_total": "1234.50",
        },
        {"invoice_number": "R-2", "invoice_date": "2026-11-04", "supplier_name": "Weiß KG", "gross_total": "7.00"},
    ]


def test_the_column_of_files_is_known_by_the_files_themselves(tmp_path: Path) -> None:
    assert [row.file for row in understood(tmp_path / "export.csv", GERMAN).rows] == ["x/A1.pdf", "a2.PDF"]


def test_a_header_alone_proves_nothing(tmp_path: Path) -> None:
    text = "Rechnungsdatum;Bruttobetrag\nMüller;12,00\nSchulze;13,00\n"
    assert understood(tmp_path / "export.csv", text).fields == ["gross_total"]


def test_columns_can_be_named(tmp_path: Path) -> None:
    text = "A;B\n12,00;R-1\n13,00;R-2\n"
    found = understood(tmp_path / "export.csv", text, net_total="A", invoice_number="B")
    assert found.rows[0].fields == {"net_total": "12.00", "invoice_number": "R-1"}


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("A;B\n1;2\n", {}),
        ("Betrag;B\n1;2\n", {"gross_total": "C"}),
        ("Betrag;B\n1;2\n", {"colour": "B"}),
        ("Betrag;B\n", {}),
        ("", {}),
    ],
)
def test_an_export_that_cannot_be_understood_is_refused(tmp_path: Path, text: str, chosen: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        understood(tmp_path / "export.csv", text, **chosen)


def test_an_unknown_cell_is_unknown_and_not_absent(tmp_path: Path) -> None:
    text = "Rechnungsnr;Betrag\n" + "".join(f"R-{n};{n},00\n" for n in range(1, 9)) + "R-9;\nR-10;offen\n"
    found = understood(tmp_path / "export.csv", text)
    assert [set(row.fields) for row in found.rows[-2:]] == [{"invoice_number"}, {"invoice_number"}]


def test_a_booking_that_was_split_over_accounts_is_one(tmp_path: Path) -> None:
    rows = ("R-1;3.11.2026;Blau AG;5,00", "R-1;3.11.2026;Blau AG;7,00", "R-1;3.11.2026;Rot AG;7,00", "")
    text = "\n".join(("Rechnungsnr;Datum;Lieferant;Betrag", *rows))
    found = understood(tmp_path / "export.csv", text)
    assert [(row.row, row.fields.get("gross_total")) for row in found.rows] == [(2, None), (4, "7.00")]
    assert found.joined == 1


def paper(folder: Path, name: str, *lines: str) -> PastDocument:
    """A document that prints these lines."""
    words = [
        Word(text, Box(0.1 * column, 0.05 * line, 0.1 * column + 0.08, 0.05 * line + 0.03), 1.0, line)
        for line, printed in enumerate(lines)
        for column, text in enumerate(printed.split())
    ]
    page = PageReading(number=1, width=595, height=842, source=Source.TEXT_LAYER, words=words)
    kept = folder / f"{name}.json"
    kept.write_text(Reading(reader="test-1", pages=[page]).model_dump_json())
    return PastDocument(folder / name, (name,), "application/pdf", kept)


def booking(row: int, number: str, day: str, name: str, total: str, file: str = "") -> Booking:
    fields = {"invoice_number": number, "invoice_date": day, "supplier_name": name, "gross_total": total}
    return Booking(row, {key: text for key, text in fields.items() if text}, file)


@pytest.fixture
def papers(tmp_path: Path) -> list[PastDocument]:
    """Twelve monthly bills of one telephone company for the same amount, and two others."""
    bills = [
        paper(
            tmp_path,
            f"scan{month:02}.pdf",
            "Fernruf AG",
            f"Rechnung FR 26-{month:02}77 vom 05.{month:02}.2026",
            "Summe 39,90 EUR",
        )
        for month in range(1, 13)
    ]
    other = paper(tmp_path, "X.pdf", "Malerei Blau", "Datum 7.3.2026", "Gesamt 1.190,00")
    return [*bills, other, paper(tmp_path, "letter.pdf", "Frohe Weihnachten")]


def pairs(rows: list[Booking], papers: list[PastDocument]) -> dict[int, tuple[str, str]]:
    found = match_bookings(rows, papers, INVOICE)
    assert all(0.8 <= match.certainty <= 1 for match in found.matches)
    return {match.booking.row: (match.document.name, match.how) for match in found.matches}


def test_rows_find_their_documents_by_number_or_by_content(papers: list[PastDocument]) -> None:
    rows = [booking(month, f"FR26{month:02}77", f"2026-{month:02}-05", "Fernruf AG", "39.90") for month in range(1, 13)]
    rows.append(booking(20, "", "2026-03-07", "Malerei Blau GmbH", "1190.00"))
    found = pairs(rows, papers)
    assert found == {m: (f"scan{m:02}.pdf", "number") for m in range(1, 13)} | {20: ("X.pdf", "content")}


def test_a_file_name_decides_and_a_wrong_amount_does_not_hinder(papers: list[PastDocument]) -> None:
    rows = [
        booking(2, "FR260177", "2026-01-05", "Fernruf AG", "93.90"),
        booking(3, "", "2026-07-05", "", "1.00", "scan07.PDF"),
    ]
    assert pairs(rows, papers) == {2: ("scan01.pdf", "number"), 3: ("scan07.pdf", "file name")}


def test_what_is_not_certain_stays_unmatched(papers: list[PastDocument]) -> None:
    found = match_bookings([booking(2, "", "", "Fernruf AG", "39.90")], papers, INVOICE)
    assert (found.matches, len(found.bookings_left), len(found.documents_left)) == ([], 1, len(papers))


def examples(suppliers: list[int], *, dated: bool) -> list[Example]:
    empty = Reading(reader="test-1", pages=[])
    return [
        Example(
            key=f"{at}.pdf",
            document_type="invoice",
            reading=empty,
            fields={},
            supplier=f"s{supplier}",
            at=START - dt.timedelta(days=at) if dated else None,
        )
        for at, supplier in enumerate(suppliers)
    ]


@given(st.lists(st.integers(0, 8), min_size=10, max_size=60), st.booleans())
def test_every_document_is_predicted_once_by_what_has_not_seen_it(suppliers: list[int], dated: bool) -> None:
    them = examples(suppliers, dated=dated)
    plan = plan_folds(them, SETTING)
    assert not any(set(fold.train) & set(fold.test) for fold in plan.folds)
    tested = [at for fold in plan.folds for at in fold.test]
    assert len(tested) == len(set(tested))
    if dated:
        (counted,) = (fold for fold in plan.folds if fold.counted)
        assert plan.split is Split.TIME and sorted(tested) == list(range(len(them)))
        assert max(them[at].at or START for at in counted.train) < min(them[at].at or START for at in counted.test)


def test_without_dates_some_documents_come_from_suppliers_that_were_kept_away() -> None:
    them = examples([n % 7 for n in range(70)], dated=False)
    plan = plan_folds(them, SETTING)
    unseen = [
        at for fold in plan.folds for at in fold.test if them[at].supplier not in {them[t].supplier for t in fold.train}
    ]
    assert plan.split is Split.SUPPLIERS and 0 < len(unseen) < 70


def predictions(values: list[tuple[float, bool]]) -> list[Prediction]:
    return [
        Prediction(
            example=at,
            fold=0,
            counted=True,
            field="gross_total",
            booked="1.00",
            found=Value(name="gross_total", text="1.00" if right else "2.00", probability=probability),
            right=right,
            cold=Value(name="gross_total"),
            cold_right=False,
            seen=True,
        )
        for at, (probability, right) in enumerate(values)
    ]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=60), st.sampled_from([0.0, 0.01, 0.05, 0.3]))
def test_a_threshold_keeps_its_word_where_it_was_chosen(values: list[tuple[float, bool]], target: float) -> None:
    accepted = [right for probability, right in values if probability >= threshold(predictions(values), target)]
    assert sum(not right for right in accepted) <= target * len(accepted)


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_a_share_lies_in_its_interval(flags: list[bool]) -> None:
    found = share_of(flags)
    assert found.share is not None and found.low is not None and found.high is not None
    assert 0 <= found.low <= found.share + 1e-12 and found.share - 1e-12 <= found.high <= 1


def test_a_credit_notes_fields_are_those_that_play_the_same_part() -> None:
    credit = document_types()["credit_note"]
    booked = {INVOICE.roles.number or "": "G-1", INVOICE.roles.total or "": "5.00"}
    assert in_words_of(booked, INVOICE, credit) == {credit.roles.number: "G-1", credit.roles.total: "5.00"}
