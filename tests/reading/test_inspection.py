"""The first look at a file: its bytes decide what it is, and a bad one gets a reason that we have a text for."""

from __future__ import annotations

import gzip
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from reading.limits import Limits
from reading.pool import ReaderPool
from schemas.inspection import Kind
from schemas.reasons import REASONS
from tests.reading import papers


def test_a_letter_may_go_on(pool: ReaderPool, tmp_path: Path) -> None:
    found = pool.inspect(papers.letter(tmp_path / "letter.pdf", pages=3), "letter.pdf")
    assert (found.kind, found.media_type, found.pages) == (Kind.PDF, "application/pdf", 3)
    assert (found.flags, found.reason) == ([], None)


@pytest.mark.parametrize("form", ["jpeg", "png", "tiff", "bmp", "gif", "webp"])
def test_pictures_of_the_allowed_formats_may_go_on(pool: ReaderPool, tmp_path: Path, form: str) -> None:
    Image.new("L", (300, 400), 255).save(tmp_path / "picture", form)
    found = pool.inspect(tmp_path / "picture", "picture")
    assert (found.kind, found.media_type, found.pages, found.reason) == (Kind.IMAGE, f"image/{form}", 1, None)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
DOCX = {"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "EMPTY_FILE"),
        (b"%PDF-1.7\n" + bytes(300), "UNREADABLE"),
        (b"\x89PNG\r\n\x1a\n" + bytes(300), "UNREADABLE"),
        (b"PK\x03\x04" + bytes(300), "UNREADABLE"),
        (b"MZ\x90\x00" + bytes(300), "UNSUPPORTED_TYPE"),
        (b"just a note\n", "UNSUPPORTED_TYPE"),
        (b"From: a@example.org\nSubject: invoice\n\nHello", "UNSUPPORTED_TYPE"),
        (b"<?xml version='1.0'?><invoice/>", "UNSUPPORTED_TYPE"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "XML_DTD_FORBIDDEN"),
        ("<?xml version='1.0'?><!DOCTYPE a><a/>".encode("utf-16"), "XML_DTD_FORBIDDEN"),
        (b"<a>" * 500 + b"</a>" * 500, "PARSER_LIMIT"),
        (b"<a><b></a>", "UNREADABLE"),
        (OLE, "UNSUPPORTED_TYPE"),
        (OLE + "_VBA_PROJECT".encode("utf-16-le"), "MACRO"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "NEEDS_PASSWORD"),
    ],
)
def test_what_stops_a_file(pool: ReaderPool, tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "file").write_bytes(content)
    assert pool.inspect(tmp_path / "file", "file").reason == reason
    assert reason in REASONS


def test_office_files_are_no_archives(pool: ReaderPool, tmp_path: Path) -> None:
    plain = pool.inspect(papers.archive(tmp_path / "a.docx", DOCX), "a.docx")
    macros = pool.inspect(papers.archive(tmp_path / "b.docm", {**DOCX, "word/vbaProject.bin": b"x"}), "b.docm")
    assert (plain.kind, plain.reason) == (Kind.OFFICE, "UNSUPPORTED_TYPE")
    assert (macros.kind, macros.reason) == (Kind.OFFICE, "MACRO")


def test_a_password_holds_a_file_and_a_restriction_does_not(pool: ReaderPool, tmp_path: Path) -> None:
    letter = papers.letter(tmp_path / "letter.pdf")
    locked = pool.inspect(papers.encrypted(letter, tmp_path / "locked.pdf", user="secret"), "locked.pdf")
    restricted = pool.inspect(papers.encrypted(letter, tmp_path / "restricted.pdf", user=""), "restricted.pdf")
    assert locked.reason == "NEEDS_PASSWORD"
    assert (restricted.reason, restricted.flags) == (None, ["RESTRICTED"])


def test_scripts_and_embedded_files_are_noted_and_not_run(pool: ReaderPool, tmp_path: Path) -> None:
    letter = papers.letter(tmp_path / "letter.pdf")
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
    active = papers.changed(letter, tmp_path / "active.pdf", OpenAction=action)
    with pikepdf.open(letter) as document:
        document.attachments["invoice.xml"] = b"<invoice/>"
        document.save(tmp_path / "carrier.pdf")

    assert pool.inspect(active, "active.pdf").flags == ["ACTIVE_CONTENT"]
    assert pool.inspect(tmp_path / "carrier.pdf", "carrier.pdf").flags == ["EMBEDDED_FILES"]


def test_a_signature_is_noted(pool: ReaderPool, tmp_path: Path) -> None:
    with pikepdf.open(papers.letter(tmp_path / "letter.pdf")) as document:
        document.Root["/Signature"] = document.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Sig))
        document.save(tmp_path / "signed.pdf")
    assert pool.inspect(tmp_path / "signed.pdf", "signed.pdf").flags == ["SIGNED"]


def test_a_name_that_promises_something_else_is_noted(pool: ReaderPool, tmp_path: Path) -> None:
    letter = papers.letter(tmp_path / "letter.pdf")
    assert pool.inspect(letter, "letter.jpg").flags == ["TYPE_MISMATCH"]
    assert pool.inspect(letter, "LETTER.PDF").flags == []
    assert pool.inspect(letter, "letter.2026-11").flags == []


def test_two_kinds_of_file_in_one_are_set_apart(pool: ReaderPool, tmp_path: Path) -> None:
    letter = papers.letter(tmp_path / "letter.pdf")
    zipped = papers.archive(tmp_path / "a.zip", {"a.txt": b"a"})
    (tmp_path / "both.pdf").write_bytes(letter.read_bytes() + zipped.read_bytes())
    Image.new("L", (9, 9)).save(tmp_path / "dot.gif")
    (tmp_path / "both.gif").write_bytes((tmp_path / "dot.gif").read_bytes() + letter.read_bytes())

    assert pool.inspect(tmp_path / "both.pdf", "both.pdf").reason == "POLYGLOT"
    assert pool.inspect(tmp_path / "both.gif", "both.gif").reason == "POLYGLOT"


def test_a_flood_of_pixels_is_refused_before_one_is_decoded(pool: ReaderPool, tmp_path: Path) -> None:
    found = pool.inspect(papers.png_header(tmp_path / "flood.png", 60_000, 60_000), "flood.png")
    assert (found.kind, found.reason) == (Kind.IMAGE, "IMAGE_TOO_LARGE")


def test_stacked_compression_is_refused(pool: ReaderPool, tmp_path: Path) -> None:
    bomb = papers.with_page(tmp_path / "bomb.pdf", content=b" " * 100_000_000, layers=3)
    assert bomb.stat().st_size < 20_000
    assert pool.inspect(bomb, "bomb.pdf").reason == "PDF_RESOURCE_LIMIT"


def test_odd_page_sizes_and_trees_end_well(pool: ReaderPool, tmp_path: Path) -> None:
    huge = papers.with_page(tmp_path / "huge.pdf", media_box=(0, 0, 2_000_000, 2_000_000), content=b"0 0 9 9 re f")
    deep = papers.deep_page_tree(tmp_path / "deep.pdf", 5000)
    assert pool.inspect(huge, "huge.pdf").reason is None
    assert pool.read(huge, media_type="application/pdf").pages[0].words == []
    assert pool.inspect(deep, "deep.pdf").reason in (None, "UNREADABLE", "PDF_RESOURCE_LIMIT")


def test_limits_are_settings(tmp_path: Path) -> None:
    letter = papers.letter(tmp_path / "letter.pdf", pages=3)
    with ReaderPool(1, limits=Limits(pdf_pages=2)) as pool:
        assert pool.inspect(letter, "letter.pdf").reason == "PDF_RESOURCE_LIMIT"
    with ReaderPool(1, limits=Limits(file_bytes=1000)) as pool:
        assert pool.inspect(letter, "letter.pdf").reason == "FILE_TOO_LARGE"


def test_a_packed_single_file_is_an_archive(pool: ReaderPool, tmp_path: Path) -> None:
    (tmp_path / "letter.gz").write_bytes(gzip.compress(b"a letter"))
    assert pool.inspect(tmp_path / "letter.gz", "letter.gz").kind is Kind.ARCHIVE
