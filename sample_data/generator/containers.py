"""Files around documents, and files that are none: archives, locked, broken, hostile and empty ones."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Sequence

import numpy as np
import pikepdf

from reading.separator_sheets import write_sheets
from sample_data.generator.scanning import Grey, Scan, degrade, pdf_of, render, saved

_THEN = (2026, 11, 3, 8, 0, 0)


def archive(members: dict[str, bytes]) -> bytes:
    """A ZIP of the members, the same bytes every time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for name, content in members.items():
            out.writestr(zipfile.ZipInfo(name, _THEN), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def page_count(pdf: bytes) -> int:
    return len(pikepdf.open(io.BytesIO(pdf)).pages)


def joined(pdfs: Sequence[bytes]) -> tuple[bytes, list[int]]:
    """One PDF of several, and on which page each begins."""
    out, firsts = pikepdf.new(), []
    for pdf in pdfs:
        firsts.append(len(out.pages) + 1)
        out.pages.extend(pikepdf.open(io.BytesIO(pdf)).pages)
    return saved(out), firsts


def scanned_pile(pdfs: Sequence[bytes], how: Scan, rng: random.Random) -> tuple[bytes, list[int]]:
    """A scan of paper with a separator sheet before each document, and a blank back behind the first one."""
    sheet = io.BytesIO()
    write_sheets(sheet, "CLEARDESK-SEPARATOR", 1)
    (divider,) = render(sheet.getvalue(), how.dpi)
    pages: list[Grey] = []
    firsts = []
    for pdf in pdfs:
        firsts.append(len(pages) + 2)
        pages += [divider, *render(pdf, how.dpi)]
        pages += [] if len(firsts) > 1 else [np.full_like(divider, 255)]
    return pdf_of([degrade(page, how, rng) for page in pages], how.dpi), firsts


def bomb() -> bytes:
    """A harmless one: 12 MB of zeros in 12 kB, past a ratio of 100 to 1 after the first megabyte."""
    return archive({"rechnungen.pdf": bytes(12_000_000)})


def slip(content: bytes) -> bytes:
    """An archive that wants to write outside its folder."""
    return archive({"../../../../rechnung.pdf": content, "rechnung.pdf": content})


def locked(pdf: bytes, *, user: str, owner: str) -> bytes:
    """The PDF encrypted; with an empty user password anybody can open it, but not change it."""
    allow = pikepdf.Permissions(extract=True, modify_other=False, print_highres=True)
    buffer = io.BytesIO()
    encryption = pikepdf.Encryption(user=user, owner=owner, allow=allow, R=4, aes=True)
    pikepdf.open(io.BytesIO(pdf)).save(buffer, encryption=encryption, static_id=True)
    return buffer.getvalue()


def truncated(pdf: bytes, share: float) -> bytes:
    """The first part of a PDF: an upload that broke off."""
    return pdf[: int(len(pdf) * share)]


def without_ending(pdf: bytes) -> bytes:
    """A PDF whose cross-reference table is lost; every object is there, so that it can be repaired."""
    rewritten = saved(pikepdf.open(io.BytesIO(pdf)))
    return rewritten[: rewritten.rindex(b"xref\n", 0, rewritten.rindex(b"startxref"))]


def word_document() -> bytes:
    """The outline of a word processor file."""
    kinds = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    body = '<?xml version="1.0"?><document><body><p>Please find our offer attached.</p></body></document>'
    return archive({"[Content_Types].xml": kinds.encode(), "word/document.xml": body.encode()})


def program() -> bytes:
    """Begins like a program for Windows and is none."""
    return b"MZ\x90\x00" + b"This is not a program, only the beginning of one.\r\n" * 8
