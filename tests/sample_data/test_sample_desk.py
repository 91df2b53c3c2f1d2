"""The sample desk keeps what its lists promise: every file accounted for, every label printed, every sum as said."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest

import validations.validate  # noqa: F401  (fills the rule book)
from reading.transcripts import MEDIA_TYPES, form_of, parse_transcript
from sample_data.generate import SEED
from sample_data.generator import harbour
from sample_data.generator.desk import Desk
from sample_data.generator.kestrel import SAID
from schemas.amounts import convention_of, parse_amount
from schemas.document_type import document_types
from schemas.identifiers import is_valid_iban, is_valid_vat_id
from schemas.process import Client, Process
from schemas.scorecard import Form
from schemas.yaml_file import load_yaml
from validations.rule_book import RULES

DESK = Path(__file__).parents[2] / "sample_data"
EXCEPTIONS = {f"inbox/kestrel/support-audits/{name}" for name in ("call_without_agent.json", "zz_again.json")}
Row = dict[str, Any]


@cache
def rows(name: str) -> dict[str, Row]:
    """The lines of labels.jsonl or expected.jsonl by file, and by its first page where the file holds another before it."""
    lines = [json.loads(line) for line in (DESK / name).read_text(encoding="utf-8").splitlines()]
    found = {line["file"]: line for line in reversed(lines)}
    found |= {f"{line['file']}#{line['pages'][0]}": line for line in lines if line is not found[line["file"]]}
    assert len(found) == len(lines)
    return found


def labels() -> list[Row]:
    return list(rows("labels.jsonl").values())


def bytes_of(file: str) -> bytes:
    """The content of a file or, for `archive.zip!/member`, of a member."""
    outer, *inner = file.split("!/")
    content = (DESK / outer).read_bytes()
    for member in inner:
        content = zipfile.ZipFile(io.BytesIO(content)).read(member)
    return content


def text_of(pdf: bytes) -> str:
    """The text layer of all pages."""
    return "".join(page.get_textpage().get_text_bounded() for page in pdfium.PdfDocument(pdf))


def bare(text: str) -> str:
    """Without blanks and commas, where lines are broken and joined."""
    return re.sub(r"[\s,]", "", text)


def code_of(label: Row) -> str:
    return str(rows("expected.jsonl")[label["file"]].get("code", ""))


def amounts(label: Row, texts: list[str]) -> list[Decimal]:
    """Printed amounts in the convention of their document."""
    convention = convention_of(label["fields"].get(name, "") for name in ("net_total", "gross_total"))
    found = [parse_amount(text, convention) for text in texts]
    return [each for each in found if each is not None]


def test_there_is_enough_of_everything_and_it_stays_small() -> None:
    files = [path for path in (DESK / "inbox").rglob("*") if path.is_file()]
    kinds = Counter(label["kind"] for label in labels())
    assert len(files) >= 150
    assert sum(path.stat().st_size for path in files) < 15_000_000
    assert kinds["digital"] >= 85 and kinds["scan"] >= 45 and kinds["photo"] >= 20
    assert {label["document_type"] for label in labels()} == {
        *("invoice", "credit_note", "receipt", "transcript", "other")
    }


def test_every_file_and_archive_member_has_an_expected_outcome() -> None:
    dropped = {path.relative_to(DESK).as_posix() for path in (DESK / "inbox").rglob("*") if path.is_file()}
    expected = set(rows("expected.jsonl"))
    assert {file.split("!/")[0] for file in expected} == dropped
    assert dropped <= expected
    for file in expected - dropped:
        assert bytes_of(file)


def test_every_readable_document_is_labelled_and_nothing_else() -> None:
    unreadable = {"rejected", "quarantined", "expanded", "control"}
    for file, line in rows("expected.jsonl").items():
        readable = line["expect"] not in unreadable and line.get("code") != "NEEDS_PASSWORD"
        assert (file in rows("labels.jsonl")) == readable, file
    for label in labels():
        assert bytes_of(label["file"])


def test_labels_use_the_words_of_the_document_types() -> None:
    known = document_types()
    for label in labels():
        if label["document_type"] != "other":
            kind = known[label["document_type"]]
            assert set(label["fields"]) <= set(kind.fields), label["file"]
            for table in ("line_items", "taxes"):
                for row in label[table]:
                    assert set(row) <= set(kind.tables[table].columns), label["file"]


def test_expected_rules_are_in_the_rule_book() -> None:
    assert {line["rule"] for line in rows("expected.jsonl").values() if "rule" in line} <= set(RULES)


@pytest.mark.parametrize("client", ["northwind", "harbour", "lumen", "kestrel"])
def test_definitions_load_and_every_inbox_belongs_to_one(client: str) -> None:
    folder = DESK / "clients" / client
    assert load_yaml(folder / "client.yaml", Client).client == client
    for inbox in (DESK / "inbox" / client).iterdir():
        process = load_yaml(folder / f"{inbox.name}.yaml", Process)
        assert (process.client, process.process) == (client, inbox.name)
        assert all((folder / file).exists() for file in process.master_data.values())
        assert process.master_data or client == "kestrel"  # nobody is a supplier there


def test_every_label_of_a_digital_document_is_printed_on_it() -> None:
    for label in labels():
        if label["kind"] == "digital" and code_of(label) != "DAMAGED_REPAIRED":
            text = bare(text_of(bytes_of(label["file"])))
            values = [value for name, value in label["fields"].items() if name != "currency"]
            values += [value for row in label["line_items"] + label["taxes"] for value in row.values()]
            assert [value for value in values if bare(value) not in text] == [], label["file"]


def test_clean_documents_add_up_and_faulty_ones_do_not() -> None:
    for label in labels():
        names = ["net_total", "tax_total", "gross_total"]
        sums = amounts(label, [label["fields"].get(name, "") for name in names])
        lines = amounts(label, [row["line_total"] for row in label["line_items"]])
        balanced = len(sums) < 3 or sums[0] + sums[1] == sums[2]
        complete = not lines or sum(lines) == sums[0]
        assert (balanced and complete) == (code_of(label) != "SUM"), label["file"]


def test_lines_multiply_and_taxes_follow_their_rate() -> None:
    cent = Decimal("0.005")
    for label in labels():
        for row in label["line_items"]:
            quantity, price, total = amounts(label, [row["quantity"], row["unit_price"], row["line_total"]])
            assert abs(quantity * price - total) <= cent, label["file"]
        for row in label["taxes"]:
            if {"net", "rate", "tax"} <= set(row):
                rate, net, tax = amounts(label, [row["rate"], row["net"], row["tax"]])
                assert abs(net * rate / 100 - tax) <= 2 * cent, label["file"]


def test_check_digits_hold_where_they_should() -> None:
    for label in labels():
        if "iban" in label["fields"]:
            assert is_valid_iban(label["fields"]["iban"]) == (code_of(label) != "CHECK_DIGIT"), label["file"]
        if "supplier_vat_id" in label["fields"]:
            assert is_valid_vat_id(label["fields"]["supplier_vat_id"]), label["file"]


def test_suppliers_are_in_the_master_data_unless_they_are_said_to_be_unknown() -> None:
    for label in labels():
        if label["document_type"] in ("invoice", "credit_note"):
            with (DESK / "clients" / label["client"] / "suppliers.csv").open(encoding="utf-8", newline="") as file:
                known = {row["vat_id"]: re.sub(r"\s", "", row["iban"]) for row in csv.DictReader(file)}
            vat_id, iban = label["fields"]["supplier_vat_id"], re.sub(r"\s", "", label["fields"]["iban"])
            assert (vat_id in known) == (code_of(label) != "UNKNOWN_SUPPLIER"), label["file"]
            if vat_id in known:
                assert (known[vat_id] == iban) == (code_of(label) not in ("CHECK_DIGIT", "BANK_CHANGED")), label["file"]


def test_scorecards_are_answered_as_their_contacts_show() -> None:
    """Every answer is one that the form knows; a fault is shown where the agent says what the truth calls wrong."""
    form = load_yaml(DESK / "clients" / "kestrel" / "scorecards" / "support.yaml", Form)
    faults = {text for topic in SAID["topics"] for key in ("wrong", "told", "excess") if (text := topic.get(key))}
    found = rows("scorecards.jsonl")
    assert set(found) == {f for f, label in rows("labels.jsonl").items() if label["kind"] == "contact"} - EXCEPTIONS
    shown = 0
    for file, card in found.items():
        content = bytes_of(file)
        talk = parse_transcript(content, MEDIA_TYPES[form_of(content, mail=file.endswith(".eml"))])
        assert talk.facts == rows("labels.jsonl")[file]["fields"]
        assert {item.id for item in form.items} == set(card["answers"])
        for item in form.items:
            given = card["answers"][item.id]
            assert given["answer"] in item.answers, file
            assert ("line" in given) == (item.evidence and given["answer"] == "no"), file
            if "line" in given:
                said = talk.lines[given["line"] - 1]
                assert any(said.removeprefix("Agent: ").rstrip(".") == fault.rstrip(".") for fault in faults), file
                shown += 1
    assert shown >= 5


def test_control_sheets_announce_what_came_and_what_did_not() -> None:
    missing = []
    for sheet in (DESK / "inbox").rglob("control.csv"):
        with sheet.open(encoding="utf-8", newline="") as file:
            missing += [row["file"] for row in csv.DictReader(file) if not (sheet.parent / row["file"]).exists()]
    assert missing == ["dewaal-2.pdf"]


def test_the_seed_gives_the_same_labels_again(tmp_path: Path) -> None:
    again = Desk(tmp_path, SEED)
    harbour.every_layout(again.tray("harbour", "purchase-invoices"))
    assert len(again.labels) >= 20
    for label in again.labels:
        assert label == rows("labels.jsonl")[str(label["file"])]
