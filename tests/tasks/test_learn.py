"""Corrections teach: at once through supplier memory, and overnight through models that must prove themselves first."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select, update

import tasks.learn
from reading.pool import ReaderPool
from schemas.errors import DamagedModelError, NotFoundError
from schemas.learning import RememberedSupplier
from schemas.lifecycle import DocumentState, ModelState, TaskKind
from schemas.settings import Settings
from schemas.values import Extraction, Value
from store.blobs import MODELS
from store.database import system
from store.definitions import Definition
from store.documents import load_extraction
from store.memory import memories
from store.models import lessons, models_seen
from store.tables import Document, Event, FieldValue, LearnedModel, ReviewTask, SupplierMemory
from tasks.desk import Desk, open_desk
from tasks.learn import learn_due
from tasks.learned import learned_for, load_models
from tasks.models import card_of, plot, rollback
from tasks.reconcile import reconcile, verify_models
from tasks.review import Person, next_task, submit
from tasks.suppliers import forget_supplier, set_locked, set_value
from tests.given import new_document, process_of
from tests.tasks.letters import KONTOR, letter, supplier
from tests.tasks.test_work import work_off

ME, ADA = system("test"), Person("ada")
INVOICES = ("acme", "invoices", "invoice")
LETTERS = 20

pytestmark = pytest.mark.xdist_group("learn")  # the desk that has learned is made once


def read(desk: Desk, pool: ReaderPool, definition: Definition, content: bytes) -> tuple[str, Extraction]:
    """A document comes and is worked on."""
    document_id = new_document(desk, definition, content)
    work_off(desk, pool)
    with desk.store.read(ME) as session:
        extraction = load_extraction(session, document_id, 1)
    assert extraction is not None
    return document_id, extraction


def key_in(desk: Desk, document_id: str, truth: dict[str, str]) -> None:
    """A person looks at it and enters the truth, whatever the machine thought."""
    with desk.store.read(ME) as session:
        task = session.scalars(select(ReviewTask).where(ReviewTask.document_id == document_id)).one()
    lease = next_task(desk, ADA, task_id=task.id)
    assert lease is not None
    values = [Value(name=name, text=text, source="person") for name, text in truth.items()]
    sent = submit(desk, lease, ADA, "invoice", values, accept_reason="as printed", seconds=5)
    assert sent.state == DocumentState.READY


def number_of(extraction: Extraction) -> str:
    value = extraction.get("invoice_number")
    return value.text if value else ""


# supplier memory


def test_one_correction_fixes_the_next_document_of_that_supplier(desk: Desk, pool: ReaderPool) -> None:
    definition = process_of(desk)
    content, truth = letter(0)
    first, extraction = read(desk, pool, definition, content)
    assert number_of(extraction) == ""  # nobody calls an invoice number `Zeichen`
    key_in(desk, first, truth)
    content, truth = letter(1)
    _, extraction = read(desk, pool, definition, content)
    assert number_of(extraction) == truth["invoice_number"]
    name = extraction.get("supplier_name")
    assert name is not None and name.text == KONTOR and "memory:1" in name.evidence
    with desk.store.read(ME) as session:
        event = session.scalars(select(Event).where(Event.kind == "supplier.learned")).one()
        assert [lesson.document_id for lesson in lessons(session, *INVOICES, most=9)] == [first]
    assert (event.subject, event.actor) == (first, "ada") and KONTOR not in event.data


def test_a_document_teaches_once_and_only_where_corrections_may_teach(desk: Desk, pool: ReaderPool) -> None:
    definition = process_of(desk, "learning: {enabled: false}")
    content, truth = letter(0)
    first, _ = read(desk, pool, definition, content)
    key_in(desk, first, truth)
    assert remembered(desk) == []
    definition = process_of(desk)
    for turn in (1, 2):
        content, truth = letter(turn)
        document_id, _ = read(desk, pool, definition, content)
        if turn == 1:
            key_in(desk, document_id, truth)
    assert [each.documents for each in remembered(desk)] == [1]


def test_people_can_correct_lock_and_forget_what_is_remembered(desk: Desk, pool: ReaderPool) -> None:
    definition = process_of(desk)
    content, truth = letter(0)
    document_id, _ = read(desk, pool, definition, content)
    key_in(desk, document_id, {**truth, "supplier_name": "Kontor Seeblik GmbH"})
    with desk.store.read(ME) as session:
        (row,) = memories(session, "acme", ["invoice"])
    set_value(desk, ME, row.id, "supplier_name", KONTOR)
    set_locked(desk, ME, row.id, "currency", locked=True)
    (known,) = remembered(desk)
    assert known.fields["supplier_name"].values == {KONTOR: 1}
    assert known.fields["supplier_name"].locked and known.fields["currency"].locked
    with pytest.raises(NotFoundError):
        set_locked(desk, ME, row.id, "shoe_size", locked=True)
    forget_supplier(desk, ME, row.id)
    assert remembered(desk) == []
    with desk.store.read(ME) as session:
        kinds = session.scalars(select(Event.kind).where(Event.subject == row.id).order_by(Event.seq)).all()
    assert kinds == ["supplier.edited", "supplier.edited", "supplier.forgotten"]


def test_a_field_that_is_wanted_as_printed_gets_no_value_from_memory(desk: Desk, pool: ReaderPool) -> None:
    definition = process_of(desk)
    content, truth = letter(0)
    document_id, _ = read(desk, pool, definition, content)
    key_in(desk, document_id, truth)
    assert learned_for(desk, definition).suppliers[0].fields["supplier_name"].values
    printed = process_of(desk, "fields: {supplier_name: {wanted: printed}}")
    known = learned_for(desk, printed).suppliers[0].fields["supplier_name"]
    assert not known.values and known.anchors


def remembered(desk: Desk) -> list[RememberedSupplier]:
    with desk.store.read(ME) as session:
        return [RememberedSupplier.model_validate(row.memory) for row in session.scalars(select(SupplierMemory))]


# models


@pytest.fixture(scope="session")
def corrected_desk(tmp_path_factory: pytest.TempPathFactory, pool: ReaderPool) -> Path:
    """A desk on which people keyed invoices of many suppliers; of each fifth they keyed another number."""
    folder = tmp_path_factory.mktemp("corrected")
    desk = open_desk(settings(folder), create=True)
    definition = process_of(desk)
    for turn in range(LETTERS):
        content, truth = letter(turn, of=supplier(turn))
        document_id, _ = read(desk, pool, definition, content)
        key_in(desk, document_id, {**truth, "invoice_number": f"{4400 + turn}-B"} if turn % 5 == 3 else truth)
    desk.close()
    return folder


@pytest.fixture(scope="session")
def learned_once(corrected_desk: Path, tmp_path_factory: pytest.TempPathFactory, pool: ReaderPool) -> Path:
    """The same desk after its first night."""
    folder = tmp_path_factory.mktemp("learned")
    with copied(corrected_desk, folder) as desk, pytest.MonkeyPatch.context() as patch:
        patch.setattr(tasks.learn, "NICE", 0)  # a test need not be polite
        assert len(list(learn_due(desk, pool))) == 1
    return folder


@pytest.fixture
def corrected(corrected_desk: Path, tmp_path: Path) -> Iterator[Desk]:
    with copied(corrected_desk, tmp_path) as desk:
        yield desk


@pytest.fixture
def learned(learned_once: Path, tmp_path: Path) -> Iterator[Desk]:
    with copied(learned_once, tmp_path) as desk:
        yield desk


@contextmanager
def copied(folder: Path, to: Path) -> Iterator[Desk]:
    shutil.copytree(folder, to, dirs_exist_ok=True)
    desk = open_desk(settings(to))
    yield desk
    desk.close()


def settings(folder: Path) -> Settings:
    return Settings(desk=folder / "desk", retry_seconds=0, max_attempts=1)


def rows(desk: Desk) -> list[LearnedModel]:
    with desk.store.read(ME) as session:
        return models_seen(session)


def test_a_model_that_proves_better_is_promoted_and_reads_what_nobody_has_seen(learned: Desk, pool: ReaderPool) -> None:
    (row,) = rows(learned)
    card = card_of(row)
    assert (row.state, row.promoted_by, card.documents) == (ModelState.CHAMPION, "flow:learn", LETTERS)
    assert card.backtest is not None and card.backtest.documents + card.backtest.trained_on == LETTERS
    assert card.backtest.better and card.backtest.challenger_accuracy >= card.backtest.champion_accuracy
    for name in ("reliability", "coverage", "learning"):
        assert plot(learned, ME, row.id, name, "en").startswith(b"<?xml")
    content, truth = letter(LETTERS, of="Unbekannt und Neu OHG")
    document_id, extraction = read(learned, pool, process_of(learned), content)
    assert (extraction.extractor, number_of(extraction)) == (row.name, truth["invoice_number"])
    with learned.store.read(ME) as session:
        last = session.scalars(select(Event).where(Event.subject == document_id).order_by(Event.seq.desc())).first()
    assert last is not None and row.name in last.data  # the trail names the model
    assert list(learn_due(learned, pool)) == []  # nothing new
    assert reconcile(learned).residual == 0


def test_samples_measure_and_teach_nothing(corrected: Desk, pool: ReaderPool) -> None:
    with corrected.store.session(ME) as session:
        some = session.scalars(select(ReviewTask.id).order_by(ReviewTask.id).limit(LETTERS - 9)).all()
        session.execute(update(ReviewTask).where(ReviewTask.id.in_(some)).values(kind=TaskKind.SAMPLE))
        assert len(lessons(session, *INVOICES, most=100)) == 9
    assert list(learn_due(corrected, pool, force=True)) == []  # too few are left


def test_a_worse_challenger_is_kept_with_its_figures_and_reads_nothing(
    corrected: Desk, pool: ReaderPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The older part was keyed by somebody who took the net for the total."""
    monkeypatch.setattr(tasks.learn, "NICE", 0)
    key_net_for_total(corrected, documents=LETTERS - 4)
    (outcome,) = learn_due(corrected, pool)
    assert not outcome.promoted and not outcome.backtest.better
    (row,) = rows(corrected)
    assert row.state == ModelState.CHALLENGER and card_of(row).backtest == outcome.backtest
    assert load_models(corrected, "acme", "invoices") == {}


def key_net_for_total(desk: Desk, *, documents: int) -> None:
    with desk.store.session(ME) as session:
        for document_id in session.scalars(select(Document.id).order_by(Document.id).limit(documents)).all():
            net = session.get_one(FieldValue, (document_id, 2, "", 0, "net_total")).text
            session.get_one(FieldValue, (document_id, 2, "", 0, "gross_total")).text = net


def test_people_can_go_back_and_the_trail_says_so(learned: Desk) -> None:
    with pytest.raises(NotFoundError):
        rollback(learned, ME, *INVOICES, to="mdl_0", because="no such model")
    assert rollback(learned, system("olga"), *INVOICES, to=None, because="it reads dates wrong") is None
    (row,) = rows(learned)
    assert (row.state, row.rolled_back_because) == (ModelState.ROLLED_BACK, "it reads dates wrong")
    assert load_models(learned, "acme", "invoices") == {}
    with learned.store.read(ME) as session:
        event = session.scalars(select(Event).where(Event.kind == "model.state").order_by(Event.seq.desc())).first()
    assert event is not None and event.actor == "olga" and "dates" not in event.data
    assert reconcile(learned).residual == 0


def test_a_tampered_model_is_refused_and_no_document_is_read_with_it(learned: Desk, pool: ReaderPool) -> None:
    (row,) = rows(learned)
    path = Path(learned.blobs.key("acme", row.files["model.json"], MODELS))
    assert verify_models(learned) == []
    path.write_bytes(path.read_bytes() + b" ")
    assert [(problem.grain, problem.id) for problem in verify_models(learned)] == [("model", row.id)]
    with pytest.raises(DamagedModelError, match=row.id):
        load_models(learned, "acme", "invoices")
    document_id = new_document(learned, process_of(learned), letter(50)[0])
    work_off(learned, pool)
    with learned.store.read(ME) as session:
        document = session.get_one(Document, document_id)
    assert (document.state, document.error) == (DocumentState.FAILED, "C304")
    assert rollback(learned, ME, *INVOICES, to=None, because="damaged") is None
