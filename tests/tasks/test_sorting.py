"""People's decisions teach what kind a document is, and where one begins: at night, for the next day's files."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from extraction.learning.first_pages import FirstPageModel
from extraction.page_layout import layouts
from reading.pool import ReaderPool
from schemas.errors import DamagedModelError
from schemas.reading import Reading
from store.database import system
from store.definitions import Definition, load_definition
from store.tables import Document
from tasks import sorting
from tasks.desk import Desk
from tasks.learn_sorting import learn_sorting
from tasks.reconcile import reconcile
from tasks.sorting import Sorting, sorting_for
from tests.extraction.test_learned_types import bonus_statement, finished
from tests.given import ACTOR, document_of, invoice, process_of, receipt_of, work_on
from tests.tasks.test_intake import documents, take_in
from tests.tasks.test_split import INVOICES, SHEET, batch_scan, splitting
from tests.tasks.test_work import work_off

__all__ = ["splitting"]
ME = system("test")


def definition_of(desk: Desk) -> Definition:
    with desk.store.read(ME) as session:
        return load_definition(session, documents(desk)[0].definition_id)


def test_files_that_sheets_divide_teach_first_pages(splitting: Desk, pool: ReaderPool) -> None:
    assert learn_sorting(splitting) == 0  # nothing to learn from
    batch_scan(splitting, [SHEET, INVOICES[0], SHEET, INVOICES[1], SHEET, INVOICES[2]])
    take_in(splitting, pool)
    work_off(splitting, pool)
    assert learn_sorting(splitting) == 1
    learned = sorting_for(splitting, definition_of(splitting)).first_pages
    assert learned is not None and learned.examples == 2
    assert learned.weights != FirstPageModel().weights
    assert learn_sorting(splitting) == 0  # nothing new
    assert reconcile(splitting).residual == 0


def test_the_machines_own_guesses_teach_it_nothing(splitting: Desk, pool: ReaderPool) -> None:
    batch_scan(splitting, INVOICES)
    take_in(splitting, pool)
    work_off(splitting, pool)
    learn_sorting(splitting)
    learned = sorting_for(splitting, definition_of(splitting)).first_pages
    assert learned is not None and learned.examples == 0


def test_finished_documents_teach_their_kind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client's bonus statements are credit notes, whatever the rules make of them."""
    definition = process_of(desk)
    readings: dict[str, Reading] = {}
    for example in finished(12):
        id_ = document_of(desk, receipt_of(desk, definition))
        extraction = invoice(example.key).model_copy(update={"document_type": example.document_type})
        work_on(desk, id_, extraction)
        readings[id_] = example.reading
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).values(touched=True))
    monkeypatch.setattr("tasks.learn_sorting.known_reading", lambda _desk, document, _definition: readings[document.id])
    assert learn_sorting(desk, client="acme") == 1
    types = sorting_for(desk, definition).types
    assert types is not None and types.speaks
    assert types.examples == {"credit_note": 12, "invoice": 12}
    assert types.probabilities(layouts(bonus_statement(99)))["credit_note"] > 0.5


def test_what_was_changed_after_it_was_learned_is_refused(splitting: Desk, pool: ReaderPool) -> None:
    batch_scan(splitting, [SHEET, INVOICES[0], SHEET, INVOICES[1]])
    take_in(splitting, pool)
    work_off(splitting, pool)
    learn_sorting(splitting)
    (kept,) = (splitting.folder / "blobs").rglob("sorting/*.json")
    kept.write_text(kept.read_text().replace("-", "+"))
    sorting._loaded.cache_clear()
    with pytest.raises(DamagedModelError):
        sorting_for(splitting, definition_of(splitting))


def test_nothing_learned_sorts_by_the_rules(desk: Desk) -> None:
    definition = process_of(desk)
    assert sorting_for(desk, definition) == Sorting()
