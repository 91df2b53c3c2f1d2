"""A document comes in as bytes and goes on as words with boxes, whatever way it was made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from reading.pool import ReaderPool
from reading.text_layer import turned
from schemas.errors import NeedsPasswordError, UnreadableError, UnsupportedTypeError
from schemas.reading import Box, PageReading, Reading, Source
from tests.reading import papers

PDF = "application/pdf"


def word(page: PageReading, text: str) -> Box:
    return next(w.box for w in page.words if w.text == text)


def test_a_digital_letter_is_read_from_its_own_text(pool: ReaderPool, tmp_path: Path) -> None:
    reading = pool.read(papers.letter(tmp_path / "letter.pdf", pages=2), media_type=PDF)

    first, second = reading.pages
    assert (first.number, second.number) == (1, 2)
    assert first.source is Source.TEXT_LAYER
    assert [w.text for w in first.words if w.line == 2] == ["Rechnung", papers.NUMBER, "vom", "03.11.2026"]
    assert first.words == second.words
    assert reading.reader == pool.reader_name()


def test_boxes_are_shares_of_the_page(pool: ReaderPool, tmp_path: Path) -> None:
    page = pool.read(papers.letter(tmp_path / "letter.pdf"), media_type=PDF).pages[0]

    box = word(page, "Muster")
    assert box.x0 == pytest.approx(100 / A4[0], abs=0.003)
    assert box.y0 < 100 / A4[1] < box.y1  # the base line lies in the box
    assert (page.width, page.height) == pytest.approx(A4, abs=0.1)


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_letter_shown_on_its_side_is_set_upright(pool: ReaderPool, tmp_path: Path, rotate: int) -> None:
    """The viewer shows the letter on its side; its words tell which way is up."""
    letter = papers.letter(tmp_path / "letter.pdf")
    straight = pool.read(letter, media_type=PDF).pages[0]
    turned_page = pool.read(papers.shown_turned(letter, tmp_path / "turned.pdf", rotate), media_type=PDF).pages[0]

    assert turned_page.rotation == 360 - rotate
    assert word(turned_page, papers.NUMBER) == pytest.approx(word(straight, papers.NUMBER), abs=1e-4)
    assert (turned_page.width, turned_page.height) == pytest.approx((straight.width, straight.height))


def test_only_the_visible_part_of_a_cropped_page_counts(pool: ReaderPool, tmp_path: Path) -> None:
    path = papers.letter(tmp_path / "letter.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as document:
        document.pages[0].cropbox = pikepdf.Array([50, 600, 595, 842])
        document.save(path)

    page = pool.read(path, media_type=PDF).pages[0]

    assert page.height == pytest.approx(242, abs=0.2)
    assert word(page, "Muster").x0 == pytest.approx(50 / 545, abs=0.003)
    assert "Vielen" not in [w.text for w in page.words]


def test_what_was_typed_into_a_form_is_read(pool: ReaderPool, tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    canvas.drawString(100, 700, "Please fill in the order number:")
    canvas.acroForm.textfield(name="order", x=300, y=690, width=200, height=24, value="PO-77-4711")
    canvas.save()

    assert "PO-77-4711" in pool.read(path, media_type=PDF).text


def test_a_scan_is_read_and_straightened(pool: ReaderPool, tmp_path: Path) -> None:
    picture = papers.tilted(papers.picture_of(papers.letter(tmp_path / "letter.pdf")), 2.0)
    page = pool.read(papers.scanned_pdf(tmp_path / "scan.pdf", [picture]), media_type=PDF).pages[0]

    assert page.source is Source.OCR
    assert page.skew == pytest.approx(2.0, abs=0.3)
    assert word(page, papers.NUMBER).x0 == pytest.approx(0.26, abs=0.02)
    assert page.quality > 0.8


@pytest.mark.parametrize("quarters", [1, 3])
def test_a_scan_that_lies_wrong_is_set_upright(pool: ReaderPool, tmp_path: Path, quarters: int) -> None:
    picture = papers.picture_of(papers.letter(tmp_path / "letter.pdf"))
    Image.fromarray(np.ascontiguousarray(np.rot90(picture, quarters))).save(tmp_path / "scan.png", dpi=(150, 150))

    page = pool.read(tmp_path / "scan.png", media_type="image/png").pages[0]

    assert page.rotation == 90 * quarters
    assert word(page, papers.NUMBER).x0 == pytest.approx(0.26, abs=0.02)
    assert (page.width, page.height) == pytest.approx(A4, abs=2)


def test_a_photograph_with_a_shadow_is_read(pool: ReaderPool, tmp_path: Path) -> None:
    picture = papers.shaded(papers.picture_of(papers.letter(tmp_path / "letter.pdf")))
    Image.fromarray(picture).save(tmp_path / "photo.jpg", quality=85)

    text = pool.read(tmp_path / "photo.jpg", media_type="image/jpeg").text

    assert "1.231,00" in text
    assert papers.NUMBER in text


def test_a_sheet_on_a_table_is_cut_out_and_flattened(pool: ReaderPool, tmp_path: Path) -> None:
    picture = papers.on_a_table(papers.picture_of(papers.letter(tmp_path / "letter.pdf")))
    Image.fromarray(picture).save(tmp_path / "photo.jpg", quality=90)

    page = pool.read(tmp_path / "photo.jpg", media_type="image/jpeg").pages[0]

    assert page.outline is not None
    assert page.outline[0] == pytest.approx((0.12, 0.1), abs=0.01)
    assert word(page, papers.NUMBER).x0 == pytest.approx(0.26, abs=0.02)
    assert "1.231,00" in [w.text for w in page.words]


def test_needle_print_is_joined_before_it_is_read(pool: ReaderPool, tmp_path: Path) -> None:
    picture = papers.picture_of(papers.letter(tmp_path / "letter.pdf"), dpi=200)
    for gap in (0, 1):
        picture[gap::9] = picture[:, gap::9] = 255
    Image.fromarray(picture).save(tmp_path / "dots.png")

    words = pool.read(tmp_path / "dots.png", media_type="image/png").text.split()

    assert {papers.NUMBER, "1.034,45", "1.231,00"} <= set(words)


def test_the_camera_says_how_it_was_held(pool: ReaderPool, tmp_path: Path) -> None:
    picture = papers.picture_of(papers.letter(tmp_path / "letter.pdf"), dpi=110)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise by 90 degrees
    Image.fromarray(np.ascontiguousarray(np.rot90(picture))).save(tmp_path / "photo.jpg", exif=exif)

    page = pool.read(tmp_path / "photo.jpg", media_type="image/jpeg").pages[0]

    assert page.rotation == 0
    assert papers.NUMBER in [w.text for w in page.words]


def test_a_fax_of_several_pages_is_a_tiff(pool: ReaderPool, tmp_path: Path) -> None:
    picture = Image.fromarray(papers.picture_of(papers.letter(tmp_path / "letter.pdf"))).convert("1")
    blank = Image.new("1", picture.size, 1)
    picture.save(tmp_path / "fax.tif", save_all=True, append_images=[blank], compression="group4", dpi=(150, 150))

    first, second = pool.read(tmp_path / "fax.tif", media_type="image/tiff").pages

    assert papers.NUMBER in [w.text for w in first.words]
    assert (second.source, second.notes, second.words) == (Source.NONE, ["BLANK"], [])


def test_a_hybrid_file_is_decided_page_by_page(pool: ReaderPool, tmp_path: Path) -> None:
    digital = papers.letter(tmp_path / "letter.pdf")
    scan = papers.scanned_pdf(tmp_path / "scan.pdf", [papers.picture_of(digital)])
    with pikepdf.open(digital) as document, pikepdf.open(scan) as other:
        document.pages.extend(other.pages)
        document.save(tmp_path / "hybrid.pdf")

    pages = pool.read(tmp_path / "hybrid.pdf", media_type=PDF).pages

    assert [page.source for page in pages] == [Source.TEXT_LAYER, Source.OCR]


def test_a_searchable_scan_keeps_its_text(pool: ReaderPool, tmp_path: Path) -> None:
    picture = papers.picture_of(papers.letter(tmp_path / "letter.pdf"))
    path = papers.scanned_pdf(tmp_path / "scan.pdf", [picture], hidden_text=" ".join(papers.LINES))

    assert pool.read(path, media_type=PDF).pages[0].source is Source.TEXT_LAYER


def test_garbage_behind_a_scan_is_noticed(pool: ReaderPool, tmp_path: Path) -> None:
    picture = papers.picture_of(papers.letter(tmp_path / "letter.pdf"))
    shifted = " ".join(papers.LINES).translate({code: 97 + (code - 97 + 7) % 26 for code in range(97, 123)})
    path = papers.scanned_pdf(tmp_path / "scan.pdf", [picture], hidden_text=shifted)

    page = pool.read(path, media_type=PDF).pages[0]

    assert page.source is Source.OCR
    assert page.notes == ["BAD_TEXT_LAYER"]
    assert papers.NUMBER in [w.text for w in page.words]


def test_an_empty_page_is_blank(pool: ReaderPool, tmp_path: Path) -> None:
    page = pool.read(papers.letter(tmp_path / "blank.pdf", lines=[]), media_type=PDF).pages[0]
    assert (page.source, page.words, page.notes) == (Source.NONE, [], ["BLANK"])


def test_a_ruled_table_comes_with_its_cells(pool: ReaderPool, tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "table.pdf"), pagesize=A4)
    canvas.grid([100, 200, 300], [600, 620, 640, 660])
    for row, cells in enumerate([("Menge", "Preis"), ("2", "10,00"), ("3", "4,50")]):
        for column, cell in enumerate(cells):
            canvas.drawString(105 + 100 * column, 645 - 20 * row, cell)
    canvas.save()

    (table,) = pool.tables(tmp_path / "table.pdf", [1])

    assert table.rows == [["Menge", "Preis"], ["2", "10,00"], ["3", "4,50"]]
    assert table.box == pytest.approx((100 / A4[0], 182 / A4[1], 300 / A4[0], 242 / A4[1]), abs=0.002)
    cell = table.boxes[2][1]
    assert cell is not None and cell.x0 == pytest.approx(200 / A4[0], abs=0.002)


def test_a_cut_off_file_is_repaired_and_says_so(pool: ReaderPool, tmp_path: Path) -> None:
    path = papers.letter(tmp_path / "letter.pdf")
    path.write_bytes(path.read_bytes()[:-200])

    reading = pool.read(path, media_type=PDF)

    assert "DAMAGED_REPAIRED" in reading.flags
    assert papers.NUMBER in reading.text


def test_what_cannot_be_read_says_why(pool: ReaderPool, tmp_path: Path) -> None:
    letter = papers.letter(tmp_path / "letter.pdf")
    locked = papers.encrypted(letter, tmp_path / "locked.pdf", user="secret")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.4\nnothing follows")

    with pytest.raises(NeedsPasswordError):
        pool.read(locked, media_type=PDF)
    with pytest.raises(UnreadableError):
        pool.read(broken, media_type=PDF)
    with pytest.raises(UnsupportedTypeError):
        pool.read(letter, media_type="text/plain")


def test_a_reading_survives_the_cache(pool: ReaderPool, tmp_path: Path) -> None:
    reading = pool.read(papers.letter(tmp_path / "letter.pdf"), media_type=PDF)
    assert Reading.model_validate_json(reading.model_dump_json()) == reading


shares = st.floats(0, 1)


@given(st.tuples(shares, shares, shares, shares), st.sampled_from([0, 90, 180, 270]))
def test_turning_a_box_all_the_way_round_brings_it_back(corners: tuple[float, ...], turn: int) -> None:
    x0, x1 = sorted(corners[:2])
    y0, y1 = sorted(corners[2:])
    box = turned(Box(x0, y0, x1, y1), turn)
    assert box.width >= 0 and box.height >= 0
    assert turned(box, (360 - turn) % 360) == pytest.approx((x0, y0, x1, y1))
