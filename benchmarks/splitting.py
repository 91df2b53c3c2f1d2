"""How well a batch scan without separator sheets is taken apart: documents of a corpus are laid one after the other.

    python -m benchmarks.splitting --readings DIR [--train DIR] [--batch N] [--seed N] [--json FILE]

`--readings` is a folder of readings (JSON, one a document). Files of `--batch` documents are made of them at random and split;
`--train` teaches first pages with files made of other documents. Figures: boundaries between pages, cuts that are right, wrong
and missing, documents with exactly their pages, and those that would go on without a person, with their share of wrong ones.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from extraction.learning.first_pages import FirstPageModel, SplitExample, learn_first_pages
from extraction.splitting import split_pages
from schemas.reading import PageReading, Reading

ACCEPT_ABOVE = 0.9  # as a process has it by default


def main(arguments: list[str] | None = None) -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--readings", type=Path, required=True)
    parser.add_argument("--train", type=Path)
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args(arguments)
    model = FirstPageModel()
    if args.train:
        model = learn_first_pages(list(batches(load_readings(args.train), args.batch, args.seed)))
    result = measure(list(batches(load_readings(args.readings), args.batch, args.seed)), model)
    text = json.dumps({"learned_from": model.examples, **result}, indent=2)
    print(text)
    if args.json:
        args.json.write_text(text + "\n", encoding="utf-8")


def load_readings(folder: Path) -> list[Reading]:
    """The readings of a folder that have pages, by file name."""
    readings = [Reading.model_validate_json(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    return [reading for reading in readings if reading.pages]


def batches(documents: Sequence[Reading], size: int, seed: int) -> Iterator[SplitExample]:
    """Files of so many documents each, in an order of chance."""
    shuffled = list(documents)
    random.Random(seed).shuffle(shuffled)
    for at in range(0, len(shuffled), size):
        pages: list[PageReading] = []
        starts = []
        for document in shuffled[at : at + size]:
            starts.append(len(pages) + 1)
            pages += document.pages
        numbered = [page.model_copy(update={"number": number}) for number, page in enumerate(pages, start=1)]
        yield SplitExample(Reading(reader="", pages=numbered), frozenset(starts))


def measure(files: Sequence[SplitExample], model: FirstPageModel) -> dict[str, float]:
    """Split every file and compare with what it was made of."""
    right = wrong = missing = boundaries = documents = exact = accepted = accepted_wrong = 0
    started = time.process_time()
    for file in files:
        parts = split_pages(file.reading, model=model)
        cuts, truth = {min(part.kept) for part in parts} - {1}, set(file.starts) - {1}
        right, wrong, missing = right + len(cuts & truth), wrong + len(cuts - truth), missing + len(truth - cuts)
        boundaries, documents = boundaries + len(file.reading.pages) - 1, documents + len(file.starts)
        whole = _documents_of(file)
        for part in parts:
            is_whole = tuple(sorted(page.number for page in part.pages)) in whole
            sure = part.probability >= ACCEPT_ABOVE
            exact, accepted, accepted_wrong = (
                exact + is_whole,
                accepted + sure,
                accepted_wrong + (sure and not is_whole),
            )
    pages = boundaries + len(files)
    return {
        "documents": documents,
        "pages": pages,
        "boundaries": boundaries,
        "cuts_right": right,
        "cuts_wrong": wrong,
        "cuts_missing": missing,
        "documents_exact": round(exact / documents, 4),
        "accepted": round(accepted / documents, 4),
        "accepted_wrong": round(accepted_wrong / max(accepted, 1), 4),
        "ms_per_page": round((time.process_time() - started) * 1000 / pages, 2),
    }


def _documents_of(file: SplitExample) -> set[tuple[int, ...]]:
    edges = [*sorted(file.starts), len(file.reading.pages) + 1]
    return {tuple(range(first, after)) for first, after in itertools.pairwise(edges)}


if __name__ == "__main__":
    main()
