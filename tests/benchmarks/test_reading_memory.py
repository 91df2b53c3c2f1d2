"""The memory benchmark on a few pages: a worker reads on, and is measured page by page."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.reading_memory import main


def test_figures_of_a_few_pages(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"

    main(["--pages", "3", "--profile", "fast", "--json", str(out)])

    figures = json.loads(out.read_text(encoding="utf-8"))
    assert figures["pages"] == 3
    assert 0.5 < figures["rss_ratio"] < 2
    assert 0 < figures["resident_mb"]["early"] <= figures["resident_mb"]["most"] <= figures["peak_mb"]
