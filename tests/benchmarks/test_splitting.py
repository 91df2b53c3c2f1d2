"""The splitting benchmark on a small sample: what it counts is what there is."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.splitting import main
from tests.extraction.paper import reading_of
from tests.extraction.test_splitting import invoice, second_page


def test_figures_of_files_made_of_known_documents(tmp_path: Path) -> None:
    for number in range(6):
        name = f"RE-20{number}"
        pages = [invoice(name)] if number % 2 else [invoice(name), second_page(name)]
        (tmp_path / f"{number}.json").write_text(reading_of(*pages, confidence=0.9).model_dump_json())
    out = tmp_path / "result" / "figures.json"
    out.parent.mkdir()
    main(["--readings", str(tmp_path), "--train", str(tmp_path), "--batch", "3", "--json", str(out)])
    figures = json.loads(out.read_text())
    assert (figures["documents"], figures["pages"], figures["boundaries"]) == (6, 9, 7)
    assert (figures["cuts_right"], figures["cuts_wrong"], figures["cuts_missing"]) == (4, 0, 0)
    assert (figures["documents_exact"], figures["accepted_wrong"], figures["learned_from"]) == (1.0, 0.0, 7)
