"""What was learned, as people see it: models with their cards and the way back, suppliers to correct, and a value's support."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from schemas.learning import RememberedSupplier
from schemas.lifecycle import ModelState
from schemas.roles import Role
from store.tables import Event, LearnedModel, SupplierMemory
from tasks.desk import Desk
from tests.given import ACTOR, process_of
from tests.workbench.learned import learned_model, remembered_supplier
from tests.workbench.scene import in_review, printed_invoice
from tests.workbench.test_pages import EVIL, Markup

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def model_id(desk: Desk) -> str:
    process_of(desk)
    with desk.store.session(ACTOR) as session:
        return learned_model(session, "acme").id


@pytest.fixture
def supplier_id(desk: Desk) -> str:
    process_of(desk)
    with desk.store.session(ACTOR) as session:
        return remembered_supplier(session, "acme").id


def test_a_model_shows_its_figures_and_curves_and_can_be_taken_back(desk: Desk, arrive: Any, model_id: str) -> None:
    olga = arrive("olga", Role.OPS)
    assert f"/models/{model_id}" in olga.get("/models").text
    shown = olga.get(f"/models/{model_id}").text
    for figure in ("94.3", "87.7", "81.2", "+1.8 to +6.4", "lightgbm 4.7.0"):
        assert figure in shown, figure
    for name in ("reliability", "coverage", "learning"):
        assert f"/models/{model_id}/plots/{name}.svg" in shown
        drawn = olga.get(f"/models/{model_id}/plots/{name}.svg")
        assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
    assert olga.get(f"/models/{model_id}/plots/other.svg").status_code == 404
    assert olga.form(f"/models/{model_id}/rollback", reason="no").status_code == 422
    assert olga.form(f"/models/{model_id}/rollback", reason="reads dates wrong").status_code == 303
    with desk.store.read(ACTOR) as session:
        row = session.get_one(LearnedModel, model_id)
        event = session.scalars(select(Event).where(Event.kind == "model.state").order_by(Event.seq.desc())).first()
    assert (row.state, row.rolled_back_because) == (ModelState.ROLLED_BACK, "reads dates wrong")
    assert event is not None and (event.actor, event.subject) == ("olga", model_id)
    assert olga.form(f"/models/{model_id}/rollback", reason="once more").status_code == 404
    assert "reads dates wrong" in olga.get(f"/models/{model_id}").text


@ON_SQLITE
def test_nobody_goes_back_to_a_model_that_cannot_be_read(desk: Desk, arrive: Any, model_id: str) -> None:
    with desk.store.session(ACTOR) as session:
        newer = learned_model(session, "acme").id
    answer = arrive("olga", Role.OPS).form(f"/models/{newer}/rollback", reason="reads dates wrong", to=model_id)
    assert (answer.status_code, "C304" in answer.text) == (500, True)
    with desk.store.read(ACTOR) as session:
        assert session.get_one(LearnedModel, newer).state == ModelState.CHAMPION


@ON_SQLITE
def test_an_auditor_sees_models_but_takes_none_back(arrive: Any, model_id: str) -> None:
    quinn = arrive("quinn", Role.QA_AUDITOR)
    assert "/rollback" not in quinn.get(f"/models/{model_id}").text
    assert quinn.form(f"/models/{model_id}/rollback", reason="because").status_code == 403


def test_ops_correct_lock_and_forget_a_supplier_in_their_own_notation(
    desk: Desk, arrive: Any, supplier_id: str
) -> None:
    olga = arrive("olga", Role.OPS, (), "de")
    assert "Nordlicht Bürobedarf GmbH" in olga.get("/suppliers").text
    page = f"/suppliers/{supplier_id}"
    assert "••••3000" in olga.get(page).text
    assert olga.form(f"{page}/fields/iban", text="de12 5001 0517 0648 4898 90").status_code == 303
    assert olga.form(f"{page}/fields/supplier_name/lock").status_code == 303
    assert olga.form(f"{page}/fields/currency", text="no money").status_code == 422
    assert olga.form(f"{page}/fields/gross_total", text="119,00").status_code == 422  # never the same again
    assert olga.form(f"{page}/fields/shoe_size", text="44").status_code == 404
    with desk.store.read(ACTOR) as session:
        known = RememberedSupplier.model_validate(session.get_one(SupplierMemory, supplier_id).memory)
    assert known.fields["iban"].values == {"DE12500105170648489890": 12}
    assert known.fields["iban"].locked and known.fields["supplier_name"].locked
    assert olga.form(f"{page}/forget").status_code == 303
    assert olga.get(page).status_code == 404
    with desk.store.read(ACTOR) as session:
        edits = session.scalars(select(Event).where(Event.subject == supplier_id).order_by(Event.seq)).all()
    assert [each.kind for each in edits] == ["supplier.edited", "supplier.edited", "supplier.forgotten"]
    assert all(each.actor == "olga" and "DE12" not in each.data for each in edits)


@ON_SQLITE
def test_what_is_remembered_never_becomes_markup(desk: Desk, arrive: Any, supplier_id: str) -> None:
    olga = arrive("olga", Role.OPS)
    for text in EVIL:
        olga.form(f"/suppliers/{supplier_id}/fields/supplier_name", text=text)
        assert Markup(olga.get(f"/suppliers/{supplier_id}").text).dangers == []
    assert Markup(olga.get("/suppliers").text).dangers == []


@ON_SQLITE
def test_a_reviewer_sees_on_how_many_documents_of_the_supplier_a_value_was_the_same(desk: Desk, arrive: Any) -> None:
    content, extraction = printed_invoice()
    known = [
        value.model_copy(update={"evidence": ["learned", "memory:12"]}) if value.name == "supplier_name" else value
        for value in extraction.values
    ]
    in_review(desk, process_of(desk), content, extraction.model_copy(update={"values": known}))
    ada = arrive("ada", Role.REVIEWER)
    task = ada.form("/review/next").headers["location"]
    assert "as on 12 earlier documents of this supplier, 97" in ada.get(task).text


def test_bank_details_of_a_supplier_are_masked_until_somebody_says_why(
    desk: Desk, arrive: Any, supplier_id: str
) -> None:
    page, iban = f"/suppliers/{supplier_id}", "DE89370400440532013000"
    lea, olga = arrive("lea", Role.SUPERVISOR), arrive("olga", Role.OPS)
    for browser in (lea, olga):
        shown = browser.get(page).text
        assert "••••3000" in shown and iban not in shown.replace(" ", "") and "DE89" not in shown
    assert olga.form(f"{page}/unmask", reason="a call from the bank").status_code == 403
    assert lea.form(f"{page}/unmask", reason="a call from the bank").status_code == 303
    assert iban in lea.get(page).text.replace(" ", "") and "DE89" not in olga.get(page).text
    with desk.store.read(ACTOR) as session:
        assert session.scalars(select(Event.actor).where(Event.kind == "values.unmasked")).all() == ["lea"]
