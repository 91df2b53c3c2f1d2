"""Small real files to read: letters as PDF, their scans, and hostile ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

Gray = npt.NDArray[np.uint8]
NUMBER = "RE-2026-0815"
LINES = [
    "Muster Werkzeuge GmbH",
    "Hauptstrasse 12, 20095 Hamburg",
    f"Rechnung {NUMBER} vom 03.11.2026",
    "Lieferung und Montage der bestellten Werkzeuge in Ihrem Haus",
    "Die Zahlung ist innerhalb von vierzehn Tagen ohne Abzug erbeten",
    "Please pay the amount within fourteen days to the account below",
    "Nettobetrag 1.034,45 EUR",
    "Umsatzsteuer 19 % 196,55 EUR",
    "Gesamtbetrag 1.231,00 EUR",
    "Vielen Dank fuer Ihren Auftrag und auf weitere gute Zusammenarbeit",
]


def letter(path: Path, lines: Iterable[str] = LINES, *, pages: int = 1) -> Path:
    """A digital letter; every page has the same lines, the first at 100, 100 points from the top left."""
    canvas = Canvas(str(path), pagesize=A4)
    for _ in range(pages):
        canvas.setFont("Helvetica", 12)
        for row, line in enumerate(lines):
            canvas.drawString(100, A4[1] - 100 - 30 * row, line)
        canvas.showPage()
    canvas.save()
    return path


def shown_turned(pdf: Path, target: Path, degrees: int) -> Path:
    """A copy that a viewer shows turned clockwise."""
    with pikepdf.open(pdf) as document:
        document.pages[0].rotate(degrees, relative=False)
        document.save(target)
    return target


def picture_of(pdf: Path, dpi: int = 150) -> Gray:
    """The first page as a clean gray picture."""
    with pypdfium2.PdfDocument(pdf) as document:
        pixels = document[0].render(scale=dpi / 72, grayscale=True).to_numpy()
    return np.ascontiguousarray(pixels.reshape(pixels.shape[:2]), dtype=np.uint8)


def tilted(picture: Gray, degrees: float) -> Gray:
    """Turned counter-clockwise about its centre, as paper lies on the glass."""
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderValue=255), dtype=np.uint8)


def shaded(picture: Gray) -> Gray:
    """With a shadow that grows from left to right, as under a lamp."""
    fall = np.linspace(1.0, 0.35, picture.shape[1])
    return (picture * fall).astype(np.uint8)


def on_a_table(picture: Gray) -> Gray:
    """Photographed at an angle on a dark, grained table."""
    height, width = picture.shape
    paper = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = np.array([(0.12, 0.1), (0.85, 0.14), (0.9, 0.9), (0.06, 0.86)], np.float32) * (width, height)
    matrix = cv2.getPerspectiveTransform(paper, seen.astype(np.float32))
    table = np.random.default_rng(1).normal(70, 12, picture.shape).clip(0, 255).astype(np.uint8)
    sheet = cv2.warpPerspective(picture, matrix, (width, height))
    mask = cv2.warpPerspective(np.full_like(picture, 255), matrix, (width, height))
    return np.where(mask > 127, sheet, table).astype(np.uint8)


def scanned_pdf(path: Path, pictures: Iterable[Gray], *, hidden_text: str = "") -> Path:
    """Pictures as full pages, with a text over each that is there but not seen."""
    canvas = Canvas(str(path), pagesize=A4)
    for picture in pictures:
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "JPEG", quality=85)
        buffer.seek(0)
        canvas.drawInlineImage(Image.open(buffer), 0, 0, *A4)
        text = canvas.beginText(50, 700)
        text.setTextRenderMode(3)
        text.setFont("Helvetica", 10)
        for start in range(0, len(hidden_text), 80):
            text.textLine(hidden_text[start : start + 80])
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return path


def searchable_scan(path: Path, picture: Gray, lines: Iterable[str]) -> Path:
    """The scan of a `letter`, with lines of hidden text where the letter has its own."""
    canvas = Canvas(str(path), pagesize=A4)
    canvas.drawInlineImage(Image.fromarray(picture), 0, 0, *A4)
    for row, line in enumerate(lines):
        text = canvas.beginText(100, A4[1] - 100 - 30 * row)
        text.setTextRenderMode(3)
        text.setFont("Helvetica", 12)
        text.textLine(line)
        canvas.drawText(text)
    canvas.save()
    return path


def encrypted(pdf: Path, target: Path, *, user: str) -> Path:
    with pikepdf.open(pdf) as document:
        document.save(target, encryption=pikepdf.Encryption(owner="owner", user=user))
    return target


def changed(pdf: Path, target: Path, **entries: object) -> Path:
    """A copy with entries of its catalogue replaced."""
    with pikepdf.open(pdf) as document:
        for name, value in entries.items():
            document.Root[f"/{name}"] = value
        document.save(target)
    return target


def with_page(
    path: Path, *, media_box: tuple[float, ...] = (0, 0, 595, 842), content: bytes = b"", layers: int = 1
) -> Path:
    """A PDF of one page whose content is packed `layers` times."""
    with pikepdf.new() as document:
        document.add_blank_page()
        page = document.pages[0]
        page.mediabox = pikepdf.Array(list(media_box))
        for _ in range(layers):
            content = zlib.compress(content, 9)
        stream = pikepdf.Stream(document, content)
        stream.write(content, filter=pikepdf.Array([pikepdf.Name.FlateDecode] * layers))
        page.obj["/Contents"] = stream
        document.save(path, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return path


def deep_page_tree(path: Path, depth: int) -> Path:
    """A page tree that goes down so many steps to its only page."""
    parts = ["%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"]
    for number in range(2, depth + 2):
        parts.append(f"{number} 0 obj\n<</Type/Pages/Count 1/Kids[{number + 1} 0 R]>>\nendobj\n")
    parts.append(f"{depth + 2} 0 obj\n<</Type/Page/MediaBox[0 0 595 842]>>\nendobj\n")
    parts.append("trailer\n<</Root 1 0 R>>\nstartxref\n0\n%%EOF\n")
    path.write_text("".join(parts))
    return path


def png_header(path: Path, width: int, height: int) -> Path:
    """A PNG that promises so many pixels and holds none."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    return path


def archive(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def overlapping_archive(path: Path) -> Path:
    """A ZIP whose second entry points at the bytes of the first one."""
    archive(path, {"a.txt": b"x" * 5000, "b.txt": b"x" * 5000})
    content = bytearray(path.read_bytes())
    second = content.rindex(b"PK\x01\x02")
    content[second + 42 : second + 46] = struct.pack("<I", 0)
    second_name = second + 46
    content[second_name : second_name + 5] = b"a.txt"
    path.write_bytes(bytes(content))
    return path
