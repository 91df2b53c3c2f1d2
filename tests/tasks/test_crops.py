"""A person points at the page: what stands there is a value of the field that they are at, read again where it must be."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from reading.pool import ReaderPool
from schemas.document_type import FieldType
from schemas.errors import LeaseLostError, NotFoundError
from schemas.reading import Box, Word, union
from store.queue import Lease
from store.tables import Document, ReviewTask
from tasks.crops import Spot, page_words, read_box
from tasks.desk import Desk
from tasks.review import Person, next_task
from tests.tasks.conftest import drop
from tests.tasks.test_intake import NORTHWIND, documents, take_in
from tests.tasks.test_split import ME
from tests.tasks.test_work import work_off

ADA = Person("ada")
AMOUNT = re.compile(r"\d[\d.]*,\d\d")


@pytest.fixture
def document(desk: Desk, pool: ReaderPool) -> Document:
    """An invoice in German with a wrong sum, in review."""
    drop(desk, f"{NORTHWIND}/5502_schrader.pdf")
    take_in(desk, pool)
    work_off(desk, pool)
    return documents(desk)[0]


@pytest.fixture
def lease(desk: Desk, document: Document) -> Lease:
    with desk.store.read(ME) as session:
        task_id = session.scalars(select(ReviewTask.id).where(ReviewTask.document_id == document.id)).one()
    taken = next_task(desk, ADA, task_id=task_id)
    assert taken is not None
    return taken


def words_of(desk: Desk, document: Document) -> list[Word]:
    return page_words(desk, ME, document.id, 1, quarantine=False).words


def a_number(words: list[Word]) -> Word:
    """An amount with a decimal comma."""
    return next(word for word in words if AMOUNT.fullmatch(word.text))


def grown(box: Box, by: float = 0.004) -> Box:
    return Box(box.x0 - by, box.y0 - by, box.x1 + by, box.y1 + by)


def test_a_word_is_read_as_the_document_writes_numbers(
    desk: Desk, pool: ReaderPool, document: Document, lease: Lease
) -> None:
    word = a_number(words_of(desk, document))
    (found,) = read_box(desk, pool, lease, ADA, Spot(1, grown(word.box), "net_total"))
    assert (found.raw, found.type) == (word.text, FieldType.AMOUNT)
    assert found.text is not None and found.text.replace(".", "") == word.text.replace(".", "").replace(",", "")
    assert found.box == word.box


def test_a_column_gives_a_value_for_each_line(desk: Desk, pool: ReaderPool, document: Document, lease: Lease) -> None:
    words = words_of(desk, document)
    first = a_number(words)
    column = [w for w in words if abs(w.box.x1 - first.box.x1) < 0.01 and AMOUNT.fullmatch(w.text)]
    assert len(column) > 1
    box = grown(union([word.box for word in column]))
    found = read_box(desk, pool, lease, ADA, Spot(1, box, "line_total", "line_items", rows=True))
    assert [word.text for word in sorted(column, key=lambda w: w.box.y0)] == [each.raw.split()[-1] for each in found]
    assert all(each.text for each in found)


def test_where_no_word_was_read_the_crop_is_read_again(
    desk: Desk, pool: ReaderPool, document: Document, lease: Lease, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = words_of(desk, document)
    word = a_number(words)
    monkeypatch.setattr("tasks.crops.known_reading", lambda *_: None)
    assert words_of(desk, document) == []
    (found,) = read_box(desk, pool, lease, ADA, Spot(1, grown(word.box, 0.002), "net_total"))
    assert found.raw == word.text
    lines = [w for w in words if w.line in (words[0].line, words[0].line + 1)]
    several = read_box(
        desk, pool, lease, ADA, Spot(1, grown(union([w.box for w in lines])), "supplier_name", rows=True)
    )
    assert words[0].text in " ".join(each.raw for each in several)


def test_only_a_field_and_a_page_of_ones_own_task_are_read(
    desk: Desk, pool: ReaderPool, document: Document, lease: Lease
) -> None:
    box = Box(0.1, 0.1, 0.2, 0.12)
    with pytest.raises(NotFoundError):
        read_box(desk, pool, lease, ADA, Spot(1, box, "shoe_size"))
    with pytest.raises(NotFoundError):
        read_box(desk, pool, lease, ADA, Spot(9, box, "net_total"))
    with pytest.raises(LeaseLostError):
        read_box(desk, pool, Lease(lease.id, lease.epoch + 1, "ada"), ADA, Spot(1, box, "net_total"))
    with pytest.raises(NotFoundError):
        page_words(desk, ME, document.id, 9, quarantine=False)
