"""Why is it this value? The machine's candidates and features, the supplier's memory, the finding, and who changed it."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from cleardesk.explaining import explanation_lines, feature_words, in_words
from cleardesk.main import app
from extraction.learning import rightness, tables
from reading.pool import ReaderPool
from schemas.errors import NotFoundError
from schemas.values import Value
from store.database import Scope, system
from tasks.desk import Desk
from tasks.explain import explain_value
from tasks.review import Person, load_task, next_task, submit
from tests.tasks.conftest import drop
from tests.tasks.test_intake import NORTHWIND, documents, take_in
from tests.tasks.test_work import work_off

ME, ADA = system("test"), Person("ada")
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_SQLITE
def test_a_value_is_followed_from_its_label_to_the_person_who_changed_it(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, f"{NORTHWIND}/5502_schrader.pdf")  # its sum does not add up
    take_in(desk, pool)
    work_off(desk, pool)
    (document,) = documents(desk)

    read = explain_value(desk, ME, document.id, "gross_total")
    assert read.value is not None and read.machine is not None
    assert read.machine.chosen == read.value.text and read.machine.candidates
    assert read.findings and not read.changes
    assert "printed beside the label" in "\n".join(explanation_lines(read))

    lease = next_task(desk, ADA)
    assert lease is not None
    values = [v for v in load_task(desk, ADA, lease).extraction.values if v.name != "gross_total" or v.table]
    values.append(Value(name="gross_total", text="1.00", source="person"))
    submit(desk, lease, ADA, "invoice", values, accept_reason="as on the telephone", seconds=9)

    changed = explain_value(desk, ME, document.id, "gross_total")
    (change,) = changed.changes
    assert (change.old, change.new, change.by) == (read.value.text, "1.00", "ada")
    assert changed.value is not None and changed.value.source == "person"
    assert "changed by ada" in "\n".join(explanation_lines(changed))


@ON_SQLITE
def test_the_next_document_of_a_supplier_shows_what_memory_knew(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, f"{NORTHWIND}/5502_schrader.pdf")
    take_in(desk, pool)
    work_off(desk, pool)
    lease = next_task(desk, ADA)
    assert lease is not None
    submit(desk, lease, ADA, "invoice", load_task(desk, ADA, lease).extraction.values, accept_reason="so", seconds=9)
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/schrader.pdf")
    take_in(desk, pool)
    work_off(desk, pool)
    newest = max(documents(desk), key=lambda each: each.id)
    told = explain_value(desk, ME, newest.id, "supplier_name")
    assert told.machine is not None and told.machine.supplier and told.machine.memory is not None
    assert "on 1 earlier document" in "\n".join(explanation_lines(told))


@ON_SQLITE
def test_cells_are_explained_and_what_is_not_there_is_not_found(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf")
    take_in(desk, pool)
    work_off(desk, pool)
    (document,) = documents(desk)
    cell = explain_value(desk, ME, document.id, "line_items.1.line_total")
    assert cell.value is not None and cell.machine is None
    for field in ("colour", "line_items.x.line_total", "line_items.1.colour", "a.b"):
        with pytest.raises(NotFoundError):
            explain_value(desk, ME, document.id, field)
    with pytest.raises(NotFoundError):
        explain_value(desk, Scope("carl", frozenset({"lumen"})), document.id, "gross_total")


@ON_SQLITE
def test_the_command_says_the_same_to_people_and_programs(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, f"{NORTHWIND}/batch-2026-11-03/mueller.pdf")
    take_in(desk, pool)
    work_off(desk, pool)
    (document,) = documents(desk)
    called = ["explain", document.id, "gross_total", "--desk", str(desk.folder), "--json", "-"]
    result = CliRunner().invoke(app, called, env={"CLEARDESK_DATABASE_URL": desk.store.url})
    assert result.exit_code == 0, result.exception
    words, data = result.stdout.split("{", 1)
    assert json.loads("{" + data)["value"]["text"] == "562.42" and "562.42" in words


def test_every_feature_has_words() -> None:
    assert set(tables.NAMES) <= feature_words()["candidate"].keys()
    assert set(rightness.NAMES) <= feature_words()["doubt"].keys()


def test_shares_of_one_meaning_are_added_up_and_trifles_left_out() -> None:
    told = in_words([("x0", 0.5), ("width", 0.25), ("words", -2.0), ("lines", 0.001), ("new_one", 0.1)], "candidate")
    assert told == [("how long it is", -2.0), ("its place across the page", 0.75), ("new one", 0.1)]
