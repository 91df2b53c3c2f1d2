"""Read a file page by page: its own text where that is good, else OCR of its picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pypdfium2 import PYPDFIUM_INFO

from reading.codes import find_codes
from reading.frame import Frame, turn
from reading.images import ImageFile
from reading.layer_check import layer_agrees
from reading.limits import Limits
from reading.page_objects import PageObjects, page_objects
from reading.pdf import PdfFile, page_size
from reading.plausibility import mostly_meaningless, reads_like_text
from reading.protocol import Reader
from reading.scans import read_scan
from reading.source import Gray, Source, open_source
from reading.text_layer import TextLayer, text_layer
from reading.transcript_pages import TranscriptFile
from schemas.errors import UnreadableError
from schemas.reading import Box, PageReading, Reading
from schemas.reading import Source as WordSource

REVISION = 7  # counts up whenever the same bytes may read differently
FEW_CHARACTERS = 20  # fewer are a stamp or a page number, not a page's text
SCAN_LABEL_CHARACTERS = 250  # visible text on a full-page picture up to this is a label printed onto a scan


@dataclass(frozen=True)
class Job:
    """What reading a page needs: engine, limits, and the sign of life to give after each page."""

    reader: Reader
    limits: Limits
    beat: Callable[[], None]


def reader_name(profile: str, reader: Reader) -> str:
    """Names everything that the words depend on: the cache key beside the content hash."""
    return f"{profile}/{REVISION}/pdfium-{PYPDFIUM_INFO.version}/{reader.name}"


def read_file(path: Path, media_type: str, profile: str, job: Job) -> Reading:
    """Read all pages. A page that cannot be loaded is noted; a file without any page that can be is an error.

    Raises:
        DocumentError: it cannot be read, with the reason.
        ReaderCrashedError: the OCR engine failed.
    """
    with open_source(path, media_type, job.limits) as source:
        pages = [_read_page(source, number, job) for number in range(1, source.pages + 1)]
        if all("PAGE_UNREADABLE" in page.notes for page in pages):
            raise UnreadableError("no page can be read")
        return Reading(reader=reader_name(profile, job.reader), pages=pages, flags=source.flags)


def read_turned(path: Path, media_type: str, number: int, rotation: int, job: Job) -> PageReading:
    """Read one page (from 1) again, turned clockwise by `rotation` as a person set it.

    Raises:
        DocumentError: it cannot be read, with the reason.
        ReaderCrashedError: the OCR engine failed.
    """
    with open_source(path, media_type, job.limits) as source:
        if not 1 <= number <= source.pages:
            raise UnreadableError("there is no such page", reason="PAGE_UNREADABLE")
        page = _read_pdf_page(source, number, job) if isinstance(source, PdfFile) else None
        if page and page.source is WordSource.TEXT_LAYER:
            return turned_page(page, (rotation - page.rotation) % 360)
        return _read_picture(source, number, job, [], rotation)


def turned_page(page: PageReading, degrees: int) -> PageReading:
    """A page with its own text, turned clockwise by 90, 180 or 270 degrees; the words keep their order."""
    if not degrees:
        return page
    width, height = (page.height, page.width) if degrees in (90, 270) else (page.width, page.height)
    return page.model_copy(
        update={
            "width": width,
            "height": height,
            "rotation": (page.rotation + degrees) % 360,
            "words": [word._replace(box=_turned_box(word.box, degrees)) for word in page.words],
            "codes": [code._replace(box=_turned_box(code.box, degrees)) for code in page.codes],
        }
    )


def _turned_box(box: Box, degrees: int) -> Box:
    if degrees == 90:
        return Box(1 - box.y1, box.x0, 1 - box.y0, box.x1)
    if degrees == 180:
        return Box(1 - box.x1, 1 - box.y1, 1 - box.x0, 1 - box.y0)
    return Box(box.y0, 1 - box.x1, box.y1, 1 - box.x0)


def _read_page(source: Source, number: int, job: Job) -> PageReading:
    job.beat()
    try:
        if isinstance(source, PdfFile):
            return _read_pdf_page(source, number, job)
        if isinstance(source, TranscriptFile):
            return source.read(number)
        assert isinstance(source, ImageFile)
        return _read_picture(source, number, job, [])
    except UnreadableError:
        return PageReading(
            number=number, width=595, height=842, source=WordSource.NONE, words=[], quality=0, notes=["PAGE_UNREADABLE"]
        )


def _read_pdf_page(source: PdfFile, number: int, job: Job) -> PageReading:
    with source.page(number) as page:
        layer = text_layer(page, job.limits)
        objects = page_objects(page)
        width, height = Frame(layer.rotation).size(*page_size(page))
    if _has_garbage(layer):
        return _read_picture(source, number, job, ["BAD_TEXT_LAYER"])
    if _is_picture(layer, objects):
        return _read_picture(source, number, job, [])
    picture = turn(source.gray(number), layer.rotation) if objects.scanned else None
    if picture is not None and objects.old_scan and _contradicts(layer, picture, job):
        again = _read_picture(source, number, job, ["BAD_TEXT_LAYER"])
        if again.quality >= job.reader.doubtful:
            return again
    return PageReading(
        number=number,
        width=width,
        height=height,
        source=WordSource.TEXT_LAYER if layer.words else WordSource.NONE,
        words=layer.words,
        rotation=layer.rotation,
        notes=[] if layer.words else ["BLANK"],
        codes=[] if picture is None else find_codes(picture),
    )


def _contradicts(layer: TextLayer, picture: Gray, job: Job) -> bool:
    """Whether the picture of a scan shows other words than its text layer has, as far as the reader can tell."""
    reader = job.reader
    return reader.checks_text_layers and not layer_agrees(layer.words, picture, reader, job.limits.ocr_pixels)


def _has_garbage(layer: TextLayer) -> bool:
    if layer.characters + layer.meaningless < FEW_CHARACTERS:
        return False
    return mostly_meaningless(layer.characters, layer.meaningless) or not reads_like_text(layer.words)


def _is_picture(layer: TextLayer, objects: PageObjects) -> bool:
    """Whether the page's content is (mostly) not in its text: too little of it, or a label on a scan."""
    if layer.characters < FEW_CHARACTERS:
        return not objects.only_text or (layer.characters == 0 and objects.texts > 0)
    return objects.scanned and not objects.old_scan and layer.characters < SCAN_LABEL_CHARACTERS


def _read_picture(source: Source, number: int, job: Job, notes: list[str], rotation: int | None = None) -> PageReading:
    scan = read_scan(source.gray(number), job.reader, job.limits.ocr_pixels, rotation)
    width, height = scan.frame.size(*source.size(number))
    return PageReading(
        number=number,
        width=width,
        height=height,
        source=WordSource.OCR if scan.words else WordSource.NONE,
        words=scan.words,
        rotation=scan.frame.rotation,
        skew=scan.frame.skew,
        outline=scan.frame.outline,
        quality=scan.quality,
        notes=notes if scan.words or scan.codes else [*notes, "BLANK"],
        codes=scan.codes,
    )
