"""The recall benchmark on one receipt: what is offered counts, what no paper shows is listed as missed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.candidate_recall import main
from tests.extraction.paper import reading_of


def test_found_and_missed_values_are_reported_by_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus, readings = tmp_path / "corpus", tmp_path / "readings"
    corpus.mkdir()
    readings.mkdir()
    reading = reading_of([[(60, "Total"), (200, "RM12.50")], [(60, "Date:18/01/2018")]])
    (readings / "a.png.json").write_text(reading.model_dump_json())
    label = {"file": "images/a.png", "fields": {"date": "18/01/2018", "total": "99.00"}}
    (corpus / "labels.jsonl").write_text(json.dumps(label))
    renamed = ["--rename", "date=receipt_date", "--rename", "total=gross_total"]
    main(["--corpus", str(corpus), "--type", "receipt", "--readings", str(readings), "--misses", *renamed])
    printed = capsys.readouterr().out
    report, missed = json.JSONDecoder().raw_decode(printed)
    assert report["fields"] == {"receipt_date": {"recall": 1.0, "n": 1}, "gross_total": {"recall": 0.0, "n": 1}}
    assert report["spans"]["date"] == 1
    assert printed[missed:].split() == ["images/a.png", "gross_total", "99.00"]
