"""What an office scanner makes of a sheet: skew, noise, blur, stamps, folds; written as PDF, TIFF, PNG or JPEG."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import pikepdf
import pypdfium2 as pdfium
from PIL import Image

Grey = npt.NDArray[np.uint8]
LARGEST = 140_000  # bytes that one page may take


@dataclass(frozen=True)
class Scan:
    """How a sheet is scanned. `skew` in degrees, `noise` in grey levels, `blur` in pixels, `turn` in quarter turns."""

    name: str
    dpi: int = 200
    skew: float = 0.0
    noise: float = 2.0
    blur: float = 0.0
    turn: int = 0
    fade: float = 0.0  # 0 to 1: how much ink has gone
    stamp: str = ""
    folds: int = 0
    form: str = "pdf"  # pdf | tiff | png | jpeg


CLEAN = Scan("clean scan")
SKEWED = Scan("scan, skewed by 1.6 degrees", skew=1.6)
TILTED = Scan("scan, skewed by -2 degrees, stamped", skew=-2.0, stamp="EINGEGANGEN|05. NOV. 2026")
NOISY = Scan("noisy scan", dpi=150, noise=14, blur=0.5)
BLURRED = Scan("blurred scan", blur=1.3)
FADED = Scan("pale scan of a worn print", fade=0.55, noise=5)
LOW = Scan("scan at 110 dpi", dpi=110)
LEFT = Scan("scan turned by 90 degrees", turn=1)
HEADLONG = Scan("scan upside down", turn=2)
RIGHT = Scan("scan turned by 270 degrees", turn=3, skew=0.7)
STAMPED = Scan("stamped scan", stamp="EINGEGANGEN|05. NOV. 2026", skew=0.4)
RECEIVED = Scan("stamped scan", stamp="RECEIVED|05 NOV 2026", skew=-0.6)
FOLDED = Scan("scan of a folded letter", folds=2, noise=4)
FAX = Scan("black and white TIFF (G4)", form="tiff")
PNG = Scan("grey PNG", form="png", dpi=150, noise=1)
JPEG = Scan("JPEG scan", form="jpeg", skew=-0.8)


def scan(pdf: bytes, how: Scan, rng: random.Random) -> bytes:
    """The scanned file of all pages of a PDF."""
    pages = [degrade(page, how, rng) for page in render(pdf, how.dpi)]
    return _WRITERS[how.form](pages, how.dpi)


def render(pdf: bytes, dpi: int) -> list[Grey]:
    """Every page as grey pixels."""
    return [np.array(page.render(scale=dpi / 72, grayscale=True).to_pil()) for page in pdfium.PdfDocument(pdf)]


def degrade(page: Grey, how: Scan, rng: random.Random) -> Grey:
    """One page as the scanner saw it."""
    if how.stamp:
        page = _stamped(page, how, rng)
    picture = page.astype(np.float32)
    picture = picture + (235 - picture) * how.fade * 0.75
    for fold in range(how.folds):
        _fold(picture, (fold + 1) / (how.folds + 1))
    if how.skew:
        picture = _rotated(picture, how.skew)
    if how.blur:
        picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), how.blur), np.float32)
    chance = np.random.default_rng(rng.getrandbits(32))
    picture += chance.normal(0, how.noise, picture.shape) - 3
    return np.ascontiguousarray(np.rot90(np.clip(picture, 0, 255).astype(np.uint8), how.turn))


def pdf_of(pages: list[Grey], dpi: int, under: bytes | None = None) -> bytes:
    """A PDF with one JPEG a page, drawn over the pages of `under` (a text layer) where it is given."""
    out = pikepdf.open(io.BytesIO(under)) if under else pikepdf.new()
    for at, page in enumerate(pages):
        height, width = page.shape
        size = (width * 72 / dpi, height * 72 / dpi)
        target = out.pages[at] if under else out.add_blank_page(page_size=size)
        image = pikepdf.Stream(out, jpeg_of(page))
        image.stream_dict = pikepdf.Dictionary(
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=width,
            Height=height,
            ColorSpace=pikepdf.Name.DeviceGray,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        name = target.add_resource(image, pikepdf.Name.XObject, pikepdf.Name.Scan)
        target.contents_add(f"q {size[0]:.2f} 0 0 {size[1]:.2f} 0 0 cm {name} Do Q".encode(), prepend=True)
    return saved(out)


def saved(pdf: pikepdf.Pdf) -> bytes:
    """The bytes of a PDF, the same every time."""
    buffer = io.BytesIO()
    pdf.save(buffer, static_id=True)
    return buffer.getvalue()


def jpeg_of(page: Grey) -> bytes:
    """A JPEG of the best quality that keeps the page small."""
    for quality in (70, 60, 50, 42, 35, 28):
        buffer = io.BytesIO()
        Image.fromarray(page).save(buffer, "JPEG", quality=quality)
        if buffer.tell() <= LARGEST:
            break
    return buffer.getvalue()


def _tiff(pages: list[Grey], dpi: int) -> bytes:
    """A multi-page TIFF in two colours, fax compression."""
    frames = [Image.fromarray(page).point(lambda level: 255 if level > 150 else 0).convert("1") for page in pages]
    buffer = io.BytesIO()
    frames[0].save(buffer, "TIFF", compression="group4", save_all=True, append_images=frames[1:], dpi=(dpi, dpi))
    return buffer.getvalue()


def _png(pages: list[Grey], dpi: int) -> bytes:
    """The first page with sixteen grey levels, its background cleaned by the scanner."""
    cleaned = np.where(pages[0] > 205, 255, pages[0] // 17 * 17).astype(np.uint8)
    levels = Image.fromarray(cleaned).quantize(16)
    buffer = io.BytesIO()
    levels.save(buffer, "PNG", dpi=(dpi, dpi), optimize=True)
    return buffer.getvalue()


def _jpeg(pages: list[Grey], dpi: int) -> bytes:
    return jpeg_of(pages[0])


_WRITERS: dict[str, Callable[[list[Grey], int], bytes]] = {"pdf": pdf_of, "tiff": _tiff, "png": _png, "jpeg": _jpeg}


def _rotated(picture: npt.NDArray[np.float32], degrees: float) -> npt.NDArray[np.float32]:
    height, width = picture.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(250.0,))
    return turned.astype(np.float32)


def _fold(picture: npt.NDArray[np.float32], where: float) -> None:
    """A crease across the sheet: a soft shadow with a bright line in it."""
    height = picture.shape[0]
    row = int(height * where)
    distance = np.abs(np.arange(height) - row)[:, None]
    picture -= 38 * np.exp(-distance / 5.0)
    picture[row : row + 1] += 30


def _stamped(page: Grey, how: Scan, rng: random.Random) -> Grey:
    """A received stamp, a little crooked, where the sheet has most room for it."""
    lines = how.stamp.split("|")
    scale = how.dpi / 200
    stamp = np.full((int(120 * scale), int(430 * scale)), 255, np.uint8)
    edge = int(6 * scale)
    cv2.rectangle(stamp, (edge, edge), (stamp.shape[1] - edge, stamp.shape[0] - edge), (90,), max(2, int(3 * scale)))
    for at, text in enumerate(lines):
        where = (int(28 * scale), int((50 + 48 * at) * scale))
        cv2.putText(
            stamp, text, where, cv2.FONT_HERSHEY_DUPLEX, 1.15 * scale, (80,), max(1, int(2 * scale)), cv2.LINE_AA
        )
    turned = Image.fromarray(stamp).rotate(
        rng.uniform(-6, 6), expand=True, fillcolor=255, resample=Image.Resampling.BICUBIC
    )
    return _onto_free_place(page, np.array(turned))


def _onto_free_place(page: Grey, stamp: Grey) -> Grey:
    """The page with the stamp where least is printed."""
    margin = stamp.shape[0] // 4
    stamp = np.pad(stamp, margin, constant_values=255)
    height, width = stamp.shape
    ink = cv2.boxFilter(
        (255 - page).astype(np.float32), -1, (width, height), anchor=(0, 0), borderType=cv2.BORDER_CONSTANT
    )
    room = ink[page.shape[0] // 12 : int(page.shape[0] * 0.85) - height, : page.shape[1] - width]
    row, column = divmod(int(np.argmin(room[::20, ::20])), room[::20, ::20].shape[1])
    top, left = page.shape[0] // 12 + row * 20, column * 20
    out = page.copy()
    area = out[top : top + height, left : left + width]
    np.minimum(area, stamp, out=area)
    return out
