"""A folder of broken files through intake and process: every file ends in a defined outcome."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.invoices import made_invoices
from benchmarks.robustness import HANG_SECONDS, measure
from reading.limits import Limits


@pytest.fixture
def broken(tmp_path: Path) -> list[Path]:
    """An empty file, noise, half a PDF, a text that calls itself a picture, and one that is still being uploaded."""
    (_, invoice), *_ = made_invoices(1, seed=5)
    contents = {
        "empty.pdf": b"",
        "noise.png": bytes(range(256)) * 20,
        "half.pdf": invoice[: len(invoice) // 2],
        "words.tiff": b"just some words\n" * 50,
        "upload.part": invoice,
    }
    paths = []
    for name, content in contents.items():
        paths.append(tmp_path / name)
        paths[-1].write_bytes(content)
    return paths


def test_broken_files_end_in_outcomes_and_good_ones_go_through(broken: list[Path]) -> None:
    figures = measure(broken, good_count=2)

    assert figures["files"] == len(broken) + 4
    assert sum(figures["outcomes"].values()) == figures["files"]
    assert (figures["crashes"], figures["hangs"], figures["undefined"], figures["lost"]) == (0, 0, 0, 0)
    assert figures["outcomes"]["EMPTY_FILE"] == 1
    assert figures["outcomes"]["ready"] >= 2
    assert figures["good_speed_ratio"] > 0


def test_a_file_over_which_two_children_hang_costs_less_than_a_minute() -> None:
    assert 2 * Limits().job_seconds < HANG_SECONDS
