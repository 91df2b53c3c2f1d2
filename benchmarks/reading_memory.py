"""Does a reading worker stay small? `python -m benchmarks.reading_memory [--corpus DIR] [--profile P] [--pages N] [--json FILE]`.

One worker reads one different page after the other: generated pages of many shapes and amounts of text, and in turn the pictures
of `--corpus`, a folder, where one is given. Keys: `pages`, `resident_mb` after 20 pages, at the end and at the most
(between pages), `peak_mb` (within a page), `rss_ratio` (the end to 20 pages), `cpu_s_per_page`.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from benchmarks.process_tree import MIB, ProcessTree
from reading.limits import Limits
from reading.pool import ReaderPool

SETTLED_PAGES = 20
NEVER = 2**62  # the worker is not replaced while its memory is measured
SIDES, LETTERS, LINES = (300, 2400), (14, 44), (2, 30)  # pixels, pixels, count: of generated pages
WORDS = ["Invoice", "Receipt", "Total", "Address", "Payment", "Customer", "19%", "EUR", "1.034,45", "2026-11-03"]
MEDIA_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".tif": "image/tiff"}


def main(arguments: list[str] | None = None) -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description="Memory of one reading worker over many different pages.")
    parser.add_argument(
        "--corpus", type=Path, help="a folder of pictures that are read in turn with the generated pages"
    )
    parser.add_argument("--profile", default="accurate", choices=["accurate", "fast"])
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args(arguments)
    text = json.dumps(measured(options.corpus, options.profile, options.pages), indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def measured(corpus: Path | None, profile: str, pages: int) -> dict[str, Any]:
    """The figures, as the module says."""
    tree = ProcessTree()
    limits = replace(Limits(), jobs_per_child=NEVER, resident_bytes=NEVER)
    resident: list[int] = []
    with TemporaryDirectory() as folder, ReaderPool(1, limits=limits) as pool, tree.watching():
        pool.reader_name(profile)
        (worker,) = pool.pids
        before = tree.below(worker)
        for path in islice(_pictures(corpus, Path(folder)), pages):
            pool.read(path, media_type=MEDIA_TYPES[path.suffix.lower()], profile=profile)
            resident.append(tree.resident_below(worker))
        used = tree.below(worker) - before
    early = resident[min(SETTLED_PAGES, len(resident)) - 1]
    return {
        "pages": len(resident),
        "resident_mb": {"early": early // MIB, "end": resident[-1] // MIB, "most": max(resident) // MIB},
        "peak_mb": tree.peak_rss // MIB,
        "rss_ratio": round(resident[-1] / early, 3),
        "cpu_s_per_page": round(used / len(resident), 3),
    }


def _pictures(corpus: Path | None, folder: Path) -> Iterator[Path]:
    """Generated pages without end, and between them the corpus's pictures as long as there are any."""
    files = sorted(path for path in corpus.rglob("*") if path.suffix.lower() in MEDIA_TYPES) if corpus else []
    generated = (_page(random.Random(number), folder / "page.png") for number in count())
    return chain((path for pair in zip(files, generated, strict=False) for path in pair), generated)


def _page(chance: random.Random, path: Path) -> Path:
    """A page of random size with random lines of words."""
    width, height = chance.randint(*SIDES), chance.randint(*SIDES)
    page = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(page)
    for _ in range(chance.randint(*LINES)):
        line = " ".join(chance.choices(WORDS, k=chance.randint(1, 6)))
        place = (chance.randint(0, width // 2), chance.randint(0, height - 10))
        draw.text(place, line, fill=0, font=ImageFont.load_default(chance.randint(*LETTERS)))
    page.save(path)
    return path


if __name__ == "__main__":
    main()
