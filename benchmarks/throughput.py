"""What a page costs, in CPU time of everything that works on it: flows, reader processes and Prefect's server.

    python -m benchmarks.throughput [--corpus DIR] [--profile fast] [--documents N] [--scans N] [--json FILE]

Scanned pages (with `--corpus`: a folder of images and scanned PDFs) against the bare `tesseract` command on the same prepared
images, portion by portion in turn. Digital pages, made here, with and without extraction. Start-up is apart.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.digital_pages import digital_pages
from benchmarks.flow_desk import flow_desk
from benchmarks.process_tree import MIB, ProcessTree
from benchmarks.scanned_pages import scanned_documents, scanned_pages
from flows.environment import ARENAS


def main() -> None:
    """Run the benchmark and print its figures."""
    options = _options()
    if not ARENAS.items() <= os.environ.items():  # a served flow is started with these
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.throughput", *sys.argv[1:]], os.environ | ARENAS)
    report: dict[str, Any] = {"profile": options.profile}
    with (
        tempfile.TemporaryDirectory(prefix="cleardesk-bench-") as folder,
        ProcessTree().watching() as tree,
        flow_desk(Path(folder) / "desk", tree) as flows,
    ):
        report["startup_cpu_s"] = round(flows.startup.cpu, 2)
        if options.documents:
            report |= digital_pages(flows, options.documents)
        if options.corpus:
            report |= scanned_pages(flows, scanned_documents(options.corpus)[: options.scans], Path(folder))
        report["peak_rss_mb"] = round(tree.peak_rss / MIB)
    text = json.dumps(report, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, help="folder with scanned documents; only read")
    parser.add_argument("--profile", default="fast", choices=["fast"], help="how pages are read")
    parser.add_argument("--documents", type=int, default=2000, help="digital documents; 0: none")
    parser.add_argument("--scans", type=int, default=80, help="scanned documents at most")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
