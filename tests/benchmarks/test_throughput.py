"""The throughput benchmark on a few pages: its figures are all there, and the meter sees children that are gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import pypdfium2
import pytest

from benchmarks.bench_desk import Dropped
from benchmarks.invoices import made_invoices
from benchmarks.process_tree import ProcessTree

BUSY_SECONDS = 0.3
NESTED = """
import subprocess, sys
subprocess.run([sys.executable, "-c", "import time\\nwhile time.process_time() < 0.4: pass\\n{after}"])
"""


def scans(folder: Path, invoices: list[Dropped]) -> None:
    """Pictures of invoices."""
    for name, content in invoices:
        with pypdfium2.PdfDocument(content) as document:
            pixels = document[0].render(scale=150 / 72).to_numpy()
        cv2.imwrite(str(folder / f"{name}.png"), pixels)


def test_the_meter_counts_children_that_end_and_orphans_that_are_killed() -> None:
    with ProcessTree().watching() as tree:
        before = tree.cpu_seconds()
        subprocess.run([sys.executable, "-c", NESTED.format(after="")], check=True)
        family = subprocess.Popen([sys.executable, "-c", NESTED.format(after="time.sleep(60)")], start_new_session=True)
        while tree.below(family.pid) < BUSY_SECONDS:
            time.sleep(0.01)
        tree.cpu_seconds()
        os.killpg(family.pid, signal.SIGKILL)
        family.wait()

        assert tree.cpu_seconds() - before >= 2 * BUSY_SECONDS
        assert tree.peak_rss > 0


@pytest.mark.slow
def test_all_figures_are_printed(tmp_path: Path) -> None:
    scans(tmp_path, list(made_invoices(2)))
    figures_file = tmp_path / "figures.json"

    command = [sys.executable, "-m", "benchmarks.throughput", "--documents", "4", "--json", str(figures_file)]
    subprocess.run(
        [*command, "--corpus", str(tmp_path)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    figures = json.loads(figures_file.read_text())
    assert figures["pages"] == 2
    for name in (
        "engine_cpu_s",
        "pipeline_cpu_s",
        "ratio",
        "startup_cpu_s",
        "control_plane_ms_per_page",
        "peak_rss_mb",
        "digital_cpu_ms",
        "digital_with_extraction_cpu_ms",
        "roundtrips_per_document",
        "rss_growth",
    ):
        assert figures[name] > 0, name
