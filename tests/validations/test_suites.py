"""The audit of a batch: a good batch passes; each thing that is wrong in a bad one is found by document and line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.audit import AuditResult, Place
from schemas.document_type import document_types
from tests.validations.documents import TODAY, document, invoice
from validations.facts import Facts
from validations.frames import Documents, frame_of, lines_of
from validations.suites import audit_batch

INVOICE = document_types()["invoice"]


def documents(**facts: Facts) -> Documents:
    return {name: known.extraction.values for name, known in facts.items()}


def audit(batch: Documents, kind: str = "invoice") -> AuditResult:
    document_type = document_types()[kind]
    return audit_batch(frame_of(batch, document_type), lines_of(batch, document_type), document_type, TODAY)


def found(result: AuditResult) -> set[tuple[str, str, str, int]]:
    """(expectation, column, document, line) of everything that failed."""
    return {
        (e.name.removeprefix("expect_"), e.columns[-1], at.document, at.line)
        for e in result.expectations
        for at in e.failures
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty folder that everything here runs in."""
    folder, before = tmp_path_factory.mktemp("audit"), Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


@pytest.fixture(scope="module")
def bad_batch(folder: Path) -> AuditResult:
    return audit(
        documents(
            good=invoice(invoice_number="1", line_items__1__position="1", line_items__2__position="2"),
            sum=invoice(invoice_number="2", gross_total="346.00"),
            nameless=invoice(without=("invoice_number",)),
            old=invoice(invoice_number="4", invoice_date="1999-01-01"),
            future=invoice(invoice_number="5", invoice_date="2026-12-24"),
            money=invoice(invoice_number="6", currency="DEM", iban="DE12"),
            negative=invoice(without=("line_items", "net_total"), invoice_number="7", gross_total="-1.00"),
            twice=invoice(invoice_number="8"),
            again=invoice(invoice_number="8"),
            garbled=invoice(invoice_number="9", due_date="soon"),
            line=invoice(invoice_number="10", line_items__2__line_total="76.00"),
            order=invoice(invoice_number="11", line_items__1__position="2", line_items__2__position="1"),
        )
    )


def test_what_is_wrong_is_found_by_document_and_line(bad_batch: AuditResult) -> None:
    between = "column_values_to_be_between"
    assert found(bad_batch) == {
        (between, "_sum_difference", "sum", 0),
        ("column_values_to_not_be_null", "invoice_number", "nameless", 0),
        (between, "invoice_date", "old", 0),
        (between, "invoice_date", "future", 0),
        ("column_values_to_be_in_set", "currency", "money", 0),
        ("column_values_to_match_regex", "iban", "money", 0),
        (between, "gross_total", "negative", 0),
        ("compound_columns_to_be_unique", "invoice_number", "twice", 0),
        ("compound_columns_to_be_unique", "invoice_number", "again", 0),
        (between, "_unreadable", "garbled", 0),
        (between, "_lines_difference", "line", 0),
        (between, "_line_difference", "line", 2),
        (between, "_position_step", "order", 2),
    }
    assert not bad_batch.success
    assert all(e.ran for e in bad_batch.expectations)
    assert "good" not in bad_batch.failed_documents


def test_the_result_is_plain_data_that_quotes_no_value(bad_batch: AuditResult) -> None:
    text = bad_batch.model_dump_json()
    assert AuditResult.model_validate_json(text) == bad_batch
    assert "Acme" not in text
    assert "346" not in text
    assert Place(document="sum", line=0) in [at for e in bad_batch.expectations for at in e.failures]


def test_an_audit_leaves_no_files_behind(folder: Path, bad_batch: AuditResult) -> None:
    assert bad_batch.documents == 12
    assert list(folder.iterdir()) == []


def test_a_good_batch_passes() -> None:
    result = audit(documents(a=invoice(invoice_number="1"), b=invoice(invoice_number="2")))
    assert result.success
    assert (result.documents, result.lines) == (2, 8)
    assert result.engine.startswith("great_expectations 1.")


def test_receipts_without_numbers_or_lines_pass() -> None:
    receipt = document(
        "receipt",
        without=("line_items", "taxes"),
        supplier_name="Café",
        receipt_date="2026-11-02",
        gross_total="4.50",
        currency="EUR",
    )
    assert audit(documents(one=receipt, other=receipt), "receipt").success


def test_an_empty_batch_passes() -> None:
    assert audit({}).success


def test_the_library_is_not_imported_until_an_audit_runs() -> None:
    code = "import sys, validations.suites, validations.validate; assert 'great_expectations' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True)
