"""Scanned pages: the whole pipeline against the bare `tesseract` command on the very images that the pipeline gives it."""

from __future__ import annotations

import json
import os
import resource
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2

from benchmarks.bench_desk import LANGUAGES, Dropped
from benchmarks.flow_desk import Cost, FlowDesk
from reading.pool import ReaderPool
from schemas.errors import DocumentError

PORTION = 40  # documents of one sweep
IMAGES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"}
FEW_CHARACTERS = 20  # a PDF page with fewer has no text of its own


@dataclass(frozen=True)
class Prepared:
    """One page image as the engine gets it, and the engine's own arguments."""

    image: Path
    options: list[str]


def scanned_documents(corpus: Path) -> list[Path]:
    """Images and PDFs without text: those that `labels.jsonl` names, or all that lie in the folder."""
    labels = corpus / "labels.jsonl"
    if labels.exists():
        named = [json.loads(line)["file"] for line in labels.read_text(encoding="utf-8").splitlines() if line.strip()]
        files = [corpus / name for name in dict.fromkeys(named) if "!/" not in name]
    else:
        files = sorted(path for path in corpus.rglob("*") if path.is_file())
    return [path for path in files if path.suffix.lower() in IMAGES or _is_scanned_pdf(path)]


def _is_scanned_pdf(path: Path) -> bool:
    if path.suffix.lower() != ".pdf":
        return False
    try:
        with pypdfium2.PdfDocument(path) as document:
            return all(page.get_textpage().count_chars() < FEW_CHARACTERS for page in document)
    except pypdfium2.PdfiumError:
        return False


def scanned_pages(flows: FlowDesk, documents: Sequence[Path], folder: Path) -> dict[str, Any]:
    """The figures of scanned pages: the pipeline and the engine take portions in turn, as many at a time."""
    prepared = _prepare_all(documents, folder)
    pipeline, engine = Cost(), 0.0
    readers = flows.desk.settings.readers or os.cpu_count() or 1
    size = min(PORTION, -(-len(documents) // 2))  # two halves at least
    for number, start in enumerate(range(0, len(documents), size)):
        portion = documents[start : start + size]
        pages = [page for path in portion for page in prepared[path]]
        files: list[Dropped] = [(f"{start + n:04d}-{path.name}", path) for n, path in enumerate(portion)]
        if number % 2:  # who goes first takes turns
            engine += _run_engine(pages, readers)
            pipeline += flows.run(files)
        else:
            pipeline += flows.run(files)
            engine += _run_engine(pages, readers)
    count = sum(map(len, prepared.values()))
    return {
        "pages": count,
        "engine_cpu_s": round(engine, 2),
        "pipeline_cpu_s": round(pipeline.cpu, 2),
        "ratio": round(pipeline.cpu / engine, 3),
        "control_plane_ms_per_page": round(1000 * pipeline.control_plane / count, 2),
    }


def _prepare_all(documents: Sequence[Path], folder: Path) -> dict[Path, list[Prepared]]:
    """Every page that is not blank, cleaned up as for the pipeline's own reading."""
    prepared: dict[Path, list[Prepared]] = {}
    with ReaderPool(1) as pool:
        for number, path in enumerate(documents):
            seen = pool.inspect(path, path.name)
            prepared[path] = []
            for page in range(1, (seen.pages or 1) + 1):
                image = folder / f"{number}-{page}.pgm"
                try:
                    options = pool.prepare(path, media_type=seen.media_type, page=page, languages=LANGUAGES, out=image)
                except DocumentError:
                    continue
                prepared[path].append(Prepared(image, options))
    return prepared


def _run_engine(pages: Sequence[Prepared], at_a_time: int) -> float:
    """CPU seconds of one `tesseract` process a page, one thread each."""
    before = _waited_for()
    with ThreadPoolExecutor(at_a_time) as threads:
        list(threads.map(_tesseract, pages))
    return _waited_for() - before


def _tesseract(page: Prepared) -> None:
    subprocess.run(
        ["tesseract", str(page.image), "stdout", *page.options, "tsv"],
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )


def _waited_for() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
