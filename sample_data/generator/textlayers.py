"""Text layers under scans: right ones, nonsense, and a font whose map to letters lies."""

from __future__ import annotations

import io
import random
import re
import string
from collections.abc import Callable, Iterator

import pikepdf
import pypdfium2 as pdfium
from reportlab.pdfgen.canvas import Canvas

from sample_data.generator.scanning import CLEAN, degrade, pdf_of, render, saved


def searchable(pdf: bytes, rng: random.Random) -> bytes:
    """A clean scan with its words as invisible text, as a good scanner makes it."""
    pages = [degrade(page, CLEAN, rng) for page in render(pdf, CLEAN.dpi)]
    return pdf_of(pages, CLEAN.dpi, under=_invisible(pdf, lambda word: word))


def garbled(pdf: bytes, rng: random.Random) -> bytes:
    """A clean scan whose invisible text is nonsense, as a bad OCR run leaves it."""
    pages = [degrade(page, CLEAN, rng) for page in render(pdf, CLEAN.dpi)]
    return pdf_of(pages, CLEAN.dpi, under=_invisible(pdf, lambda word: _nonsense(word, rng)))


def lying_font(pdf: bytes, rng: random.Random) -> bytes:
    """A digital PDF whose embedded fonts map every glyph to a letter that nobody can read (the private use area)."""
    document = pikepdf.open(io.BytesIO(pdf))
    for thing in document.objects:
        if isinstance(thing, pikepdf.Dictionary) and "/ToUnicode" in thing:
            cmap = thing.ToUnicode.read_bytes().decode("ascii")
            thing.ToUnicode = document.make_stream(re.sub(r"<00([0-9A-Fa-f]{2})>(?=[\s\]])", r"<E0\1>", cmap).encode())
    return saved(document)


def hybrid(pdf: bytes, rng: random.Random) -> bytes:
    """The first page digital, every other scanned: a signed or stamped page that came back from the copier."""
    document = pikepdf.open(io.BytesIO(pdf))
    copies = pikepdf.open(
        io.BytesIO(pdf_of([degrade(page, CLEAN, rng) for page in render(pdf, CLEAN.dpi)[1:]], CLEAN.dpi))
    )
    del document.pages[1:]
    document.pages.extend(copies.pages)
    return saved(document)


def _invisible(pdf: bytes, spell: Callable[[str], str]) -> bytes:
    """A PDF with the same words at the same places, drawn with no ink."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for page in pdfium.PdfDocument(pdf):
        canvas.setPageSize(page.get_size())
        for text, left, bottom, size in _words(page):
            line = canvas.beginText(left, bottom)
            line.setFont("Helvetica", size)
            line.setTextRenderMode(3)
            line.textOut(spell(text))
            canvas.drawText(line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _words(page: pdfium.PdfPage) -> Iterator[tuple[str, float, float, float]]:
    """Runs of text with their left and bottom edge and a size that fits their height."""
    text = page.get_textpage()
    for at in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(at)
        yield text.get_text_bounded(left, bottom, right, top), left, bottom, max(4.0, (top - bottom) * 1.05)


def _nonsense(word: str, rng: random.Random) -> str:
    return "".join(letter if letter == " " else rng.choice(string.ascii_letters + "|~^_#*}{") for letter in word)
