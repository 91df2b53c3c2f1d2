"""The page viewer in a real browser: boxes stay on their words, words and boxes fill fields, pages are parted."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pikepdf
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from reading.pool import ReaderPool
from schemas.lifecycle import DocumentState
from schemas.reading import Box
from schemas.roles import Role
from store.definitions import load_definition
from store.documents import save_pages
from store.tables import Document, Event, Receipt
from tasks.desk import Desk
from tasks.read import reading_of
from tests.given import ACTOR, process_of
from tests.reading.papers import picture_of, scanned_pdf
from tests.workbench.browser import take_next
from tests.workbench.scene import HEIGHT, WIDTH, in_review, person, printed_invoice

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("quick_hashing"),
]
ROTATED = {
    0: lambda x, y: (x, y),
    1: lambda x, y: (1 - y, x),
    2: lambda x, y: (1 - x, 1 - y),
    3: lambda x, y: (y, 1 - x),
}
LIT = ".boxes rect.lit"


def invoice_of(desk: Desk, tmp_path: Path, *, pages: int = 1, scanned: bool = False) -> str:
    """An invoice with a misread total in review, with the words that the reader really sees."""
    content, extraction = printed_invoice(misread={"gross_total": "120.00"})
    if scanned:
        (tmp_path / "printed.pdf").write_bytes(content)
        picture = picture_of(tmp_path / "printed.pdf", dpi=200)
        content = scanned_pdf(tmp_path / "scan.pdf", [picture]).read_bytes()
    if pages > 1:
        content = repeated(content, pages)
    document_id = in_review(desk, process_of(desk), content, extraction)
    with ReaderPool(1) as pool, desk.store.session(ACTOR) as session:
        document = session.get_one(Document, document_id)
        reading = reading_of(desk, pool, document, load_definition(session, document.definition_id))
        session.get_one(Receipt, document.receipt_id).pages = pages
        save_pages(session, document, reading)
    return document_id


def repeated(content: bytes, times: int) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as source, pikepdf.new() as file:
        for _ in range(times):
            file.pages.extend(source.pages)
        file.save(out)
    return out.getvalue()


def centre(page: Page, selector: str) -> tuple[float, float]:
    frame = page.locator(selector).first.bounding_box()
    assert frame is not None
    return frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] / 2


def place_of(page: Page, x: float, y: float, *, turns: int = 0, sheet: int = 1) -> tuple[float, float]:
    """Where a point of the upright page (in shares) is on the screen."""
    frame = page.locator(f'.sheet[data-page="{sheet}"]').bounding_box()
    assert frame is not None
    x, y = ROTATED[turns](x, y)
    return frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]


def box_of(page: Page, field: str) -> Box:
    text = page.locator(f"#f-{field}").get_attribute("data-box")
    assert text is not None
    return Box(*map(float, text.split(",")))


def points(x: float, y: float) -> tuple[float, float]:
    """Points from the top left of an A4 page, in shares."""
    return x / WIDTH, y / HEIGHT


def test_the_lit_box_stays_on_its_value_however_the_page_lies(
    desk: Desk, address: str, page: Page, tmp_path: Path
) -> None:
    person(desk, "ada", Role.REVIEWER)
    invoice_of(desk, tmp_path, pages=3)
    take_next(page, address, "ada")
    page.locator("#f-gross_total").focus()
    middle = box_of(page, "gross_total").middle
    turns = 0
    for key in ("", "Alt+=", "Alt+=", "Alt+=", "Alt+r", "Alt+-", "Alt+r", "Alt+9", "Alt+b", "Alt+r", "Alt+0"):
        if key:
            page.keyboard.press(key)
        turns += key == "Alt+r"
        assert centre(page, LIT) == pytest.approx(place_of(page, *middle, turns=turns), abs=1.5), key
        expect(page.locator(LIT)).to_be_in_viewport()
    expect(page.locator(".sheet")).to_have_count(2)
    expect(page.locator("#page-number")).to_have_text("1–2 / 3")
    page.keyboard.press("Alt+PageDown")
    expect(page.locator("#page-number")).to_have_text("3 / 3")
    page.locator("#f-net_total").focus()  # its page comes back
    expect(page.locator(LIT)).to_be_in_viewport()


def test_the_wheel_zooms_at_the_pointer_and_the_strip_leads_to_a_page(
    desk: Desk, address: str, page: Page, tmp_path: Path
) -> None:
    person(desk, "ada", Role.REVIEWER)
    invoice_of(desk, tmp_path, pages=3)
    take_next(page, address, "ada")
    page.keyboard.press("Alt+9")
    spot = points(300, 420)
    page.mouse.move(*place_of(page, *spot))
    page.keyboard.down("Control")
    for _ in range(3):
        before = place_of(page, *spot)
        page.mouse.wheel(0, -200)
        page.wait_for_timeout(60)
        assert place_of(page, *spot)[1] == pytest.approx(before[1], abs=2)
    page.keyboard.up("Control")
    expect(page.locator(".sheet img").first).to_have_js_property("naturalWidth", 2000)  # as fine as it is looked at
    page.keyboard.press("Alt+p")
    page.locator("#page-strip button").nth(2).click()
    expect(page.locator('.sheet[data-page="3"]')).to_be_visible()
    expect(page.locator("#page-strip button[aria-current]")).to_have_count(1)
    expect(page.locator("#page-strip img").nth(2)).to_have_js_property("complete", True)


def test_a_click_on_a_word_fills_the_field(desk: Desk, address: str, page: Page, tmp_path: Path) -> None:
    person(desk, "ada", Role.REVIEWER)
    invoice_of(desk, tmp_path)
    take_next(page, address, "ada")
    field = page.locator("#f-order_number")
    field.focus()
    page.locator("#viewer-scroll").evaluate("element => element.scrollTo(0, 0)")
    page.mouse.click(*place_of(page, *points(80, 85)))
    expect(field).to_have_value("Hafenstraße")
    expect(field).to_be_focused()
    page.keyboard.down("Shift")
    page.mouse.click(*place_of(page, *points(190, 85)))
    page.keyboard.up("Shift")
    expect(field).to_have_value("Hafenstraße 12, 20457 Hamburg")
    expect(page.locator(LIT)).to_have_count(1)
    net = box_of(page, "net_total").middle
    page.locator("#f-gross_total").focus()
    page.keyboard.down("Control")
    page.mouse.click(*place_of(page, *net))
    page.keyboard.up("Control")
    expect(page.locator("#f-gross_total")).to_have_value("100.00")
    page.locator("#viewer-scroll").evaluate("element => element.scrollTo(0, 0)")
    page.mouse.click(*place_of(page, *box_of(page, "invoice_number").middle))  # a value's box leads to its field
    expect(page.locator("#f-invoice_number")).to_be_focused()


def draw(page: Page, box: Box, grow: float = 0.006) -> None:
    page.mouse.move(*place_of(page, box.x0 - grow, box.y0 - grow))
    page.mouse.down()
    page.mouse.move(*place_of(page, *box.middle))
    page.mouse.move(*place_of(page, box.x1 + grow, box.y1 + grow))
    page.mouse.up()


def test_a_box_drawn_on_a_scan_fills_the_field_and_a_column(
    desk: Desk, address: str, page: Page, tmp_path: Path
) -> None:
    person(desk, "ada", Role.REVIEWER)
    invoice_of(desk, tmp_path, scanned=True)
    take_next(page, address, "ada")
    total = page.locator("#f-gross_total")
    total.focus()
    draw(page, box_of(page, "gross_total"))
    expect(total).to_have_value("119.00")
    assert box_of(page, "gross_total").middle[1] == pytest.approx((420 + 18 * 7) / HEIGHT, abs=0.01)
    cells = [page.locator(f'[id="f-line_items.{row}.unit_price"]') for row in (1, 2)]
    for cell in cells:
        cell.fill("1")
    cells[0].focus()
    draw(page, Box(*points(375, 338), *points(410, 374)), grow=0)
    expect(cells[0]).to_have_value("5.00")
    expect(cells[1]).to_have_value("2.50")


def test_a_document_is_parted_turned_and_put_in_order_by_keyboard(
    desk: Desk, address: str, page: Page, tmp_path: Path
) -> None:
    person(desk, "ada", Role.REVIEWER)
    document_id = invoice_of(desk, tmp_path, pages=3)
    take_next(page, address, "ada")
    page.keyboard.press("Alt+o")
    expect(page.locator("#pages-dialog")).to_be_visible()
    page.locator('.plan [data-number="3"] [data-plan="turn"]').focus()
    page.keyboard.press("r")
    page.keyboard.press("Control+ArrowLeft")  # before the second page
    page.keyboard.press("n")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Delete")
    order = page.locator(".plan li").evaluate_all("cards => cards.map((card) => card.dataset.number)")
    assert order == ["1", "3", "2"]
    page.screenshot(path=tmp_path / "pages.png")
    page.get_by_role("button", name="Change").click()
    page.wait_for_url("**/review")
    with desk.store.read(ACTOR) as session:
        parts = session.scalars(select(Document).order_by(Document.id)).all()
        noted = json.loads(session.scalars(select(Event.data).where(Event.kind == "document.arranged")).one())
    assert {part.state for part in parts} == {DocumentState.RECEIVED}
    assert {part.id == document_id: part.file_pages for part in parts} == {
        True: [[1, None], [2, "TAKEN_OUT"]],
        False: [[3, None, 90]],
    }
    assert noted["order"] == [1, 3, 2]
