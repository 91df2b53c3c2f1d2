"""The extraction benchmark: its arithmetic, and all its figures on a small corpus, cold, trained and over folds."""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import pytest

from benchmarks import extraction_runs
from benchmarks.corpus import Labelled
from benchmarks.extraction import measure
from benchmarks.extraction_corpus import Document, with_suppliers
from benchmarks.extraction_figures import accuracy, auroc, coverage, one_shot, word_recall
from benchmarks.extraction_runs import NEVER, Measured, Outcome
from benchmarks.metered_reading import Cost
from schemas.reading import Box, PageReading, Reading, Source, Word

SAMPLES = Path(__file__).parents[2] / "sample_data"
FIELDS = ["invoice_number", "gross_total"]

DOCUMENTS = 9


def read_as(text: str) -> Reading:
    words = [Word(each, Box(0.1, 0.1, 0.2, 0.12)) for each in text.split()]
    return Reading(reader="test", pages=[PageReading(number=1, width=600, height=800, source=Source.OCR, words=words)])


def document(file: str, supplier: str = "", lines: tuple[str, ...] = (), text: str = "") -> Document:
    return Document(Labelled(file, {"supplier_name": supplier}, lines=lines), read_as(text), supplier)


def outcome(*values: Measured, file: str = "a", threshold: float = 0.9) -> Outcome:
    return Outcome(document(file, "s"), True, list(values), [], 1.0, dict.fromkeys((0.005, 0.01, 0.02), threshold))


def total(*, right: bool, sure: float) -> Measured:
    return Measured("total", right, sure, recalled=True)


def test_a_document_is_right_when_all_its_fields_are_and_the_mean_is_over_fields() -> None:
    date = Measured("date", right=True, probability=0.9, recalled=True)
    found = accuracy([outcome(total(right=True, sure=0.9), date), outcome(total(right=False, sure=0.2), date)])

    assert found["fields"]["total"] == {"accuracy": 0.5, "candidate_recall": 1.0, "n": 2}
    assert (found["documents"], found["mean"], found["documents_right"]) == (2, 0.75, 0.5)


def test_coverage_counts_what_reaches_the_frozen_threshold_among_all_values() -> None:
    values = [total(right=True, sure=0.95), total(right=False, sure=0.9), total(right=True, sure=0.5)]

    assert coverage([outcome(*values)])["0.01"] == {"coverage": 0.6667, "error": 0.5}
    assert coverage([outcome(*values, threshold=NEVER)])["0.01"] == {"coverage": 0.0, "error": None}


def test_auroc_is_one_when_every_right_value_is_surer_than_every_wrong_one() -> None:
    values = [total(right=True, sure=0.9), total(right=False, sure=0.3), total(right=False, sure=0.0)]
    assert auroc([outcome(*values)]) == 1.0
    assert auroc([outcome(values[0])]) is None


def test_shots_without_outcomes_are_not_told() -> None:
    figures = one_shot({0: [outcome(total(right=False, sure=0.1))], 1: [outcome(total(right=True, sure=0.9))], 2: []})
    assert figures["one_shot"] == {"0": 0.0, "1": 1.0}
    assert figures["one_shot_suppliers"] == {"0": 1, "1": 1}


def test_a_word_counts_as_often_as_it_stands() -> None:
    page = document("a", lines=("TOTAL 5.00", "Cash 5.00"), text="total 5.00 CASH")
    assert word_recall([page]) == pytest.approx(4 / 6, abs=1e-4)
    assert word_recall([document("b")]) is None


def test_nearly_the_same_name_is_the_same_supplier() -> None:
    spelled = [document("a", "Gardenia Bakeries (KL) Sdn Bhd"), document("b", "GARDENIA BAKERIES (KL) SDN. BHD")]
    known = with_suppliers([*spelled, document("c", "Unihakka International")], "receipt")
    assert known[0].supplier == known[1].supplier != known[2].supplier


def test_where_no_field_names_the_sender_the_form_does() -> None:
    order = "Order Rev Flight Dates Advertiser Product Estimate Agency Salesperson"
    forms = [document("a", text=f"{order} 1 Smith"), document("b", text=f"{order} 2 Jones"), document("c", text="Bill")]
    known = with_suppliers(forms, "ad_buy")
    assert known[0].supplier == known[1].supplier != known[2].supplier


def test_memory_is_told_of_readers_that_read_enough_pages() -> None:
    grown = [100] * 20 + [150] * 20
    figures = Cost(pages=60, cpu_s=30.0, resident=[grown, [500] * 20]).figures()
    assert (figures["read_cpu_s_per_page"], figures["rss_ratio"], figures["rss_pages"]) == (0.5, 1.5, 40)
    assert Cost().figures()["rss_ratio"] is None


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some digital invoices of the sample data."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "inbox").symlink_to(SAMPLES / "inbox")
    lines = (SAMPLES / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    digital = [
        line
        for line in lines
        if (each := json.loads(line))["kind"] == "digital"
        and each["document_type"] == "invoice"
        and "!" not in each["file"]
    ]
    chosen = random.Random(3).sample(digital, DOCUMENTS)
    (folder / "labels.jsonl").write_text("\n".join(chosen), encoding="utf-8")
    return folder


def options(cache: Path, **given: object) -> argparse.Namespace:
    common = {"train": None, "test": None, "limit": None, "one_shot": False, "languages": None, "country": None}
    names = {"type": "invoice", "profile": "fast", "fields": FIELDS, "readers": 1, "cache": cache}
    return argparse.Namespace(**common | names | given)


def test_a_cold_start_is_measured(corpus: Path, tmp_path: Path) -> None:
    figures = measure(options(tmp_path, test=corpus))

    assert figures["documents"] == DOCUMENTS
    assert set(figures["fields"]) == set(FIELDS)
    assert figures["mean"] > 0.8
    assert sum(group["documents"] for group in figures["groups"].values()) == DOCUMENTS
    assert figures["coverage_at"] == {} and figures["suppliers"] == {}
    assert figures["read_cpu_s_per_page"] > 0


def test_a_credit_note_among_invoices_counts_by_the_parts_that_its_fields_play(tmp_path: Path) -> None:
    labels = (SAMPLES / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    notes = [
        each for each in map(json.loads, labels) if each["document_type"] == "credit_note" and "!" not in each["file"]
    ]
    digital = next(each for each in notes if each["kind"] == "digital")
    fields = {
        "invoice_number": digital["fields"]["credit_note_number"],
        "gross_total": digital["fields"]["gross_total"],
    }
    (tmp_path / "inbox").symlink_to(SAMPLES / "inbox")
    (tmp_path / "labels.jsonl").write_text(json.dumps({"file": digital["file"], "fields": fields}), encoding="utf-8")

    assert measure(options(tmp_path / "cache", test=tmp_path))["documents_right"] == 1.0


def test_what_was_learned_is_measured_over_folds_and_for_suppliers_never_seen(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction_runs, "FOLDS", 2)
    figures = measure(options(tmp_path, train=corpus, limit=4, one_shot=True))

    assert figures["trained_on"] == 4
    assert figures["documents"] == figures["suppliers"]["unseen"]["documents"] == DOCUMENTS
    assert set(figures["coverage_at"]) == {"0.005", "0.01", "0.02"}
    assert figures["train_s"] > 0
    assert figures["one_shot"].keys() == figures["one_shot_documents"].keys()
