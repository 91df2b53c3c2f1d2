"""A lead tries Cleardesk on the past: the report says how right it was, finds the wrong bookings, and leaves something to use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cleardesk.main import app
from schemas.errors import ConfigurationError
from schemas.lifecycle import ModelState
from tasks.desk import Desk
from tasks.import_try import import_try
from tasks.learned import learned_for
from tasks.past.report import TryReport
from tasks.past.setting import definition_of, setting_of
from tests.tasks.past import UNBOOKED, WITHOUT_FILE, WRONG_DATE, WRONG_GROSS, Past, make_past

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Tried:
    """A past, the folder of results, the report, and what the command printed."""

    past: Past
    out: Path
    report: TryReport
    printed: str


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    """One try for all tests: it trains four times, on few documents, which is quick."""
    root = tmp_path_factory.mktemp("try")
    past, out = make_past(root), root / "results"
    called = ["try", str(past.folder), "--truth", str(past.truth), "--out", str(out), "--profile", "fast"]
    result = CliRunner().invoke(app, [*called, "--type", "invoice", "--type", "credit_note"])
    assert result.exit_code == 0, (result.output, result.exception)
    return Tried(past, out, TryReport.model_validate_json((out / "report.json").read_bytes()), result.stdout)


def test_the_export_is_understood_without_being_told(tried: Tried) -> None:
    report = tried.report
    assert (report.encoding, report.delimiter, report.unused_columns) == ("cp1252", ";", ["Konto"])
    assert {column.header: column.field for column in report.columns} == {
        "Datei": "file",
        "Beleg-Nr": "invoice_number",
        "Belegdatum": "invoice_date",
        "Lieferant": "supplier_name",
        "Rechnungsbetrag": "gross_total",
    }


def test_each_row_finds_its_document_and_what_is_left_over_is_listed(tried: Tried) -> None:
    past, report = tried.past, tried.report
    documents = {past.row(at): at for at in range(len(past.invoices)) if at != UNBOOKED}
    assert {match.row: int(match.file[-8:-4]) for match in report.matches} == documents
    assert {m.how for m in report.matches if documents[m.row] % WITHOUT_FILE == 0} == {"number"}
    assert report.unmatched_rows == [max(documents) + 1]
    assert [(left.file[-13:], left.reason) for left in report.unmatched_files] == [
        (f"scan_{UNBOOKED:04d}.pdf", "no booking")
    ]


def test_the_planted_wrong_bookings_are_found_and_no_others(tried: Tried) -> None:
    found = {(each.row, each.field): each for each in tried.report.suspicions}
    past = tried.past
    gross, date = (past.row(WRONG_GROSS), "gross_total"), (past.row(WRONG_DATE), "invoice_date")
    assert set(found) == {gross, date}
    assert found[gross].found == f"{past.invoices[WRONG_GROSS].gross:.2f}" and found[gross].booked_is_printed is False
    assert all((tried.out / each.crop).read_bytes()[:2] == b"\xff\xd8" for each in found.values())


def test_accuracy_is_measured_on_the_newest_third_and_printed(tried: Tried) -> None:
    figures = tried.report.figures
    assert tried.report.split == "time" and figures.documents == 5
    assert figures.mean is not None and figures.mean >= 0.9
    assert figures.deciding == ["invoice_number", "invoice_date", "supplier_name", "gross_total"]
    assert re.search(r"^mean .*%", tried.printed, re.MULTILINE)
    assert all(field.learned.n == field.seen.n + field.unseen.n for field in figures.fields)
    hours = tried.report.hours[-1]
    assert 0 <= hours.with_review <= hours.by_hand == pytest.approx(1000 * (20 + 4 * 6) / 3600, abs=0.01)


def test_the_page_needs_nothing_from_anywhere(tried: Tried) -> None:
    page = (tried.out / "report.html").read_text(encoding="utf-8")
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page) and "<script" not in page
    assert page.count("data:image/jpeg;base64,") == 2


@ON_SQLITE
def test_what_was_learned_comes_into_a_desk_once(tried: Tried, desk: Desk) -> None:
    first = import_try(desk, tried.out, process="supplier-invoices")
    assert (first.suppliers, first.suppliers_known) == (6, 0)
    learned = learned_for(desk, definition_of(desk, "northwind", "supplier-invoices"))
    assert len(learned.suppliers) == 6 and set(learned.models) <= {"invoice"}
    assert [row.state for row in first.models] == [ModelState.CHAMPION if learned.models else ModelState.CHALLENGER]
    again = import_try(desk, tried.out, process="supplier-invoices")
    assert (again.suppliers, again.suppliers_known) == (0, 6)
    if learned.models:
        assert [row.state for row in again.models] == [ModelState.CHALLENGER]


@ON_SQLITE
def test_a_process_says_how_its_past_is_read(desk: Desk) -> None:
    setting = setting_of(desk, None, "expense-receipts")
    assert (setting.booked.name, setting.country, setting.master is not None) == ("receipt", "AT", True)
    with pytest.raises(ConfigurationError):
        setting_of(desk, "northwind", "expense-receipts")


@ON_SQLITE
def test_a_folder_without_results_is_refused(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        import_try(desk, tmp_path, process="supplier-invoices")


def test_too_few_pairs_are_refused_with_what_to_do(tmp_path: Path) -> None:
    past = make_past(tmp_path, count=4)
    called = ["try", str(past.folder), "--truth", str(past.truth), "--out", str(tmp_path / "out"), "--profile", "fast"]
    result = CliRunner().invoke(app, called)
    assert isinstance(result.exception, ConfigurationError) and "--columns" in str(result.exception)
