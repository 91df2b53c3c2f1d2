"""Feed every file of a folder, however broken, through the real intake and process; each must end in a defined outcome.

    python -m benchmarks.robustness --corpus DIR [--json FILE] [--good N] [--limit N]

Good documents are mixed in, and the same ones also run alone: among the bad files they should be about as fast. The folder is
worked off in slices, each next to its run of good documents alone, so that what else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from benchmarks.bench_desk import Dropped, drop, new_desk, take_in, work_off
from benchmarks.invoices import made_invoices
from benchmarks.process_tree import MIB, ProcessTree
from reading.pool import Answer, ReaderPool
from schemas.errors import ReaderCrashedError
from schemas.lifecycle import DocumentState, ReceiptState
from store.database import system
from store.tables import Document, Receipt
from tasks.desk import Desk
from tasks.inboxes import is_temporary

ACTOR = system("benchmark")
HANG_SECONDS = 60.0
SETTLE_SECONDS = 600.0
SCANS = Path(__file__).resolve().parent.parent / "sample_data" / "inbox"
GOOD_SCANS = 12
SLICE_FILES, MOST_SLICES = 100, 9
CRASHED = ("the reader ended", "unexpected")  # a child died, or met an error that nobody had thought of
UNFORESEEN = "X000"
ENDED = {
    ReceiptState.REGISTERED,
    ReceiptState.EXPANDED,
    ReceiptState.SUPPRESSED,
    ReceiptState.REJECTED,
    ReceiptState.QUARANTINED,
    ReceiptState.HELD,
}
ACCEPTED = {DocumentState.READY, DocumentState.DELIVERED}
STOPPED = {DocumentState.IN_REVIEW, DocumentState.HELD, DocumentState.REJECTED, DocumentState.QUARANTINED}


@dataclass
class Watch:
    """What the reader pool saw: seconds and crashes by content hash."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    crashes: dict[str, str] = field(default_factory=dict)


class WatchedPool(ReaderPool):
    """A reader pool that notes how long each file took, and over which one a child died."""

    def __init__(self, size: int, watch: Watch) -> None:
        super().__init__(size)
        self.watch = watch

    def _fetch(
        self, operation: str, path: Path | None, arguments: Any, fetch: Callable[[bytes, Path], Answer]
    ) -> Answer:
        started = time.monotonic()
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if path else ""
        try:
            return super()._fetch(operation, path, arguments, fetch)
        except ReaderCrashedError as error:
            if str(error).startswith(CRASHED):
                self.watch.crashes[sha256] = f"{operation}: {error}"
            raise
        finally:
            if path is not None:
                self.watch.seconds[sha256] += time.monotonic() - started


@dataclass(frozen=True)
class Run:
    """Desks after everything has settled: what came in, and what became of it."""

    dropped: dict[str, str]  # inbox name -> content hash
    receipts: list[Receipt]
    documents: list[Document]
    watch: Watch

    def good_seconds(self) -> float:
        """How long the good documents took to read and extract, all together."""
        return sum(d.reading_seconds or 0.0 for d in self.documents if "-good-" in d.name)

    def add(self, other: Run) -> None:
        """Count another run in."""
        self.dropped.update(other.dropped)
        self.receipts.extend(other.receipts)
        self.documents.extend(other.documents)
        self.watch.seconds.update(other.watch.seconds)
        self.watch.crashes.update(other.watch.crashes)


def main() -> None:
    """Run the benchmark and print its figures."""
    options = _options()
    bad = sorted(path for path in options.corpus.rglob("*") if path.is_file())[: options.limit]
    with ProcessTree().watching() as tree:
        report = measure(bad, options.good)
    report |= {"max_rss_mb": round(tree.peak_rss / MIB)}
    text = json.dumps(report, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def measure(bad: Sequence[Path], good_count: int) -> dict[str, Any]:
    """All figures but the memory."""
    good: list[Dropped] = [(f"good-{name}", content) for name, content in made_invoices(good_count)]
    good += [(f"good-{path.name}", path) for path in _scans(min(GOOD_SCANS, good_count))]
    slices = max(1, min(MOST_SLICES, len(bad) // SLICE_FILES))
    run(good[:2])  # what every process pays once is paid
    all_runs, ratios = Run({}, [], [], Watch()), []
    for number in range(slices):
        good_ones, bad_ones = good[number::slices], [(_safe(path), path) for path in bad[number::slices]]
        alone = run(good_ones)
        mixed = run(_mixed(good_ones, bad_ones), named=f"{number}-")
        ratios.append(alone.good_seconds() / mixed.good_seconds())
        all_runs.add(mixed)
    return figures(all_runs) | {"good_speed_ratio": round(statistics.median(ratios), 3)}


def run(files: Sequence[Dropped], *, named: str = "") -> Run:
    """All files through one desk, until nothing is open."""
    numbered = [(f"{named}{number:05d}-{name}", content) for number, (name, content) in enumerate(files)]
    watch = Watch()
    with tempfile.TemporaryDirectory(prefix="cleardesk-bench-") as folder, WatchedPool(2, watch) as pool:
        desk = new_desk(Path(folder), retry_seconds=0.2)
        try:
            pool.warm()
            drop(desk, numbered)
            _settle(desk, pool)
            with desk.store.read(ACTOR) as session:
                receipts = list(session.scalars(select(Receipt)))
                documents = list(session.scalars(select(Document)))
        finally:
            desk.close()
    return Run({name: _sha256(content) for name, content in numbered}, receipts, documents, watch)


def _settle(desk: Desk, pool: ReaderPool) -> None:
    """Intake and process until nothing waits; what still does after `SETTLE_SECONDS` without progress is the finding."""
    last, deadline = -1, time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline and (waiting := _waiting(desk)):
        if waiting != last:
            last, deadline = waiting, time.monotonic() + SETTLE_SECONDS
        take_in(desk, pool)
        work_off(desk, pool)
        time.sleep(0.1)


def _waiting(desk: Desk) -> int:
    """Files in the inbox, receipts not looked at and documents not worked on."""
    with desk.store.read(ACTOR) as session:
        receipts = session.scalars(select(Receipt.state)).all()
        documents = session.scalars(select(Document.state)).all()
    inbox = sum(path.is_file() for path in desk.inbox("northwind", "supplier-invoices").rglob("*"))
    return inbox + receipts.count(ReceiptState.RECEIVED) + sum(d in ("received", "in_work") for d in documents)


def figures(run: Run) -> dict[str, Any]:
    """The keys that say whether every file ended well."""
    arrived = {receipt.name for receipt in run.receipts if receipt.parent_id is None}
    seconds = [*run.watch.seconds.items(), *((d.sha256, d.reading_seconds or 0.0) for d in run.documents)]
    hangs = {sha256 for sha256, taken in seconds if taken > HANG_SECONDS}
    crashes = {*run.watch.crashes, *(d.sha256 for d in run.documents if d.error == UNFORESEEN)}
    undefined = [r.name for r in run.receipts if not _is_defined(r)]
    undefined += [d.name for d in run.documents if not _is_settled(d)]
    names = {sha256: name for name, sha256 in run.dropped.items()}
    return {
        "files": len(run.dropped),
        "outcomes": dict(sorted(Counter(_outcomes(run)).items())),
        "crashes": len(crashes),
        "hangs": len(hangs),
        "undefined": len(undefined),
        "lost": len(set(run.dropped) - arrived),
        "max_wall_s": round(max(taken for _, taken in seconds), 1),
        "offenders": {
            "crashes": sorted(f"{names.get(one, one)}: {run.watch.crashes.get(one, UNFORESEEN)}" for one in crashes),
            "hangs": sorted(names.get(one, one) for one in hangs),
            "undefined": sorted(undefined),
            "lost": sorted(set(run.dropped) - arrived),
        },
    }


def _is_defined(receipt: Receipt) -> bool:
    told = receipt.reason is not None or receipt.state in (ReceiptState.REGISTERED, ReceiptState.EXPANDED)
    return receipt.state in ENDED and told


def _is_settled(document: Document) -> bool:
    return document.state in ACCEPTED or (document.state in STOPPED and document.reason is not None)


def _outcomes(run: Run) -> Iterable[str]:
    """One code per file: why it was stopped, or the state in which it is."""
    made: dict[str, Document] = {document.receipt_id: document for document in run.documents}
    for receipt in run.receipts:
        if receipt.parent_id is None:
            document = made.get(receipt.id)
            yield (document.reason or document.state) if document else (receipt.reason or receipt.state)


def _mixed(good: Sequence[Dropped], bad: Sequence[Dropped]) -> list[Dropped]:
    """The good documents spread evenly among the bad files."""
    places = [((number + 0.5) / len(group), one) for group in (good, bad) for number, one in enumerate(group)]
    return [one for _, one in sorted(places, key=lambda place: place[0])]


def _scans(count: int) -> list[Path]:
    """Some scans of the sample desk."""
    found = sorted(path for path in SCANS.rglob("*") if path.suffix in (".png", ".jpeg", ".jpg", ".tiff"))
    return found[:count]


def _safe(path: Path) -> str:
    """The file's own name and ending; one that says that it is still being written would rightly never be taken."""
    name = "".join(c if c.isalnum() or c in "._-" else "_" for c in path.name)[-100:]
    return f"{name}.bin" if is_temporary(f"0{name}") else name


def _sha256(content: bytes | Path) -> str:
    return hashlib.sha256(content if isinstance(content, bytes) else content.read_bytes()).hexdigest()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of files of any kind; only read")
    parser.add_argument("--good", type=int, default=100, help="how many good digital documents run along")
    parser.add_argument("--limit", type=int, help="only the first so many files")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
