"""Digital pages: from inbox to outbox, with extraction and without, and how memory grows on the way."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from benchmarks.bench_desk import Dropped, drop, new_desk, take_in, work_off
from benchmarks.flow_desk import Cost, FlowDesk
from benchmarks.invoices import NUMBER_PREFIX, made_invoices
from benchmarks.process_tree import own_rss
from extraction.extract import extract
from reading.pool import ReaderPool
from schemas.reading import Reading
from schemas.values import Extraction
from tasks import read

MEASURED = 400  # documents of each kind that the CPU figures rest on
PORTION = 200  # documents of one sweep


def digital_pages(flows: FlowDesk, count: int) -> dict[str, Any]:
    """The figures of digital one-page documents; memory is compared between the first portion's end and the last one's."""
    documents: list[Dropped] = list(made_invoices(count))
    measured = min(MEASURED, count // 2)
    bare, full = documents[:measured], documents[measured : 2 * measured]
    without, real, early = Cost(), Cost(), 0
    stand_in = StandIn(bare)
    for start in range(0, measured, PORTION):
        with stand_in.instead():
            without += flows.run(bare[start : start + PORTION])
        early = early or own_rss()
        real += flows.run(full[start : start + PORTION])
    for start in range(2 * measured, count, PORTION):
        flows.run(documents[start : start + PORTION])
    return {
        "digital_documents": count,
        "digital_cpu_ms": round(1000 * without.cpu / measured, 1),
        "digital_with_extraction_cpu_ms": round(1000 * real.cpu / measured, 1),
        "digital_control_plane_ms": round(1000 * real.control_plane / measured, 2),
        "roundtrips_per_document": round(real.statements / measured, 1),
        "rss_growth": round(own_rss() / early, 3),
    }


class StandIn:
    """Puts a ready extraction in the place of the real one: what is left is the cost of everything else."""

    def __init__(self, documents: Sequence[Dropped]) -> None:
        """Work the documents off once, on a desk of its own, and keep what was extracted."""
        self._kept: dict[str, Extraction] = {}
        real = extract

        def keep(reading: Reading, **named: Any) -> Extraction:
            return self._kept.setdefault(_number(reading), real(reading, **named))

        with TemporaryDirectory(prefix="cleardesk-bench-") as folder, ReaderPool(2) as pool:
            desk = new_desk(Path(folder))
            with patch.object(read, "extract", keep):
                drop(desk, documents)
                take_in(desk, pool)
                work_off(desk, pool)
            desk.close()

    def instead(self) -> AbstractContextManager[Any]:
        """Neither type nor values nor tables are looked for in this block."""

        def kept(reading: Reading, *_: Any, **__: Any) -> Extraction:
            return self._kept[_number(reading)]

        return patch.multiple(read, extract=kept, classify=kept, pages_with_tables=lambda *_: [])


def _number(reading: Reading) -> str:
    return next(word.text for page in reading.pages for word in page.words if word.text.startswith(NUMBER_PREFIX))
