"""Lots and certificates as people see them: what a plan lets through and costs, what may leave by itself, and what comes back."""

from __future__ import annotations

import datetime as dt
import json
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from cleardesk.certifying import certify
from schemas.clock import now
from schemas.lifecycle import DocumentState
from schemas.quality import CertificateState, Stream
from schemas.roles import Role
from schemas.values import Value, ValueState
from store.samples import Draw, add_samples, decide_sample
from store.tables import Certificate, Document, Event, Lot, ReviewTask, Sample
from tasks.audit.certifying import certify_all
from tasks.audit.lots import close_lots, decide_lots
from tasks.desk import Desk
from tests.given import ACTOR, AT_ONCE, process_of
from tests.tasks.test_audits import BEN, LOTS, key_all, reviewed
from tests.tasks.test_certificates import audited
from workbench.words import Words

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PROMISE = f"accuracy: {{target: 98%, confidence: 90%}}\n{AT_ONCE}"


def test_a_lot_shows_its_plan_its_progress_and_its_verdict(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk, LOTS)
    documents = [reviewed(desk, definition, f"R-{n}") for n in (1, 2)]
    lea = arrive("lea", Role.SUPERVISOR)
    with desk.store.read(ACTOR) as session:
        lot_id = session.scalars(select(Lot.id)).one()
    assert f"/lots/{lot_id}" in lea.get("/lots").text
    assert "made when the lot closes" in lea.get(f"/lots/{lot_id}").text
    assert lea.get(f"/lots/{lot_id}/plan.svg").status_code == 404

    close_lots(desk)
    with desk.store.read(ACTOR) as session:
        size = session.get_one(Lot, lot_id).plans["critical"]["sample_size"]
    assert f"0 of {size}" in lea.get("/lots").text
    drawn = lea.get(f"/lots/{lot_id}/plan.svg")
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
    assert f"Critical fields: n = {size}" in drawn.text

    key_all(desk, BEN)
    decide_lots(desk)
    shown = lea.get(f"/lots/{lot_id}").text
    assert "accepted" in shown and f"{size} of {size}" in shown
    assert all(f"/documents/{each}" in shown for each in documents)
    assert not re.search(r"\bben\b", shown)


@ON_SQLITE
def test_a_lot_says_on_which_kinds_of_decisions_it_rests(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk, LOTS)
    first, _ = (reviewed(desk, definition, f"R-{n}") for n in (1, 2))
    close_lots(desk)
    with desk.store.session(ACTOR) as session:
        typed = Draw(Value(name="#type", text="invoice"), critical=True)
        (asked,) = add_samples(session, session.get_one(Document, first), [typed], Stream.TYPE)
        decide_sample(session, asked, right=False, truth="receipt", state=ValueState.PRESENT)
        lot_id = session.scalars(select(Lot.id)).one()
        drawn = session.scalars(select(Sample).where(Sample.lot_id == lot_id)).all()
        cells = sum(bool(each.table_name) and each.value_state != "absent" for each in drawn)
        absent = sum(each.value_state == "absent" for each in drawn)
        for each in drawn[:1]:
            decide_sample(session, each, right=True, truth=each.value, state=ValueState(each.value_state))
    kinds = kinds_on(arrive("lea", Role.SUPERVISOR).get(f"/lots/{lot_id}").text)
    assert kinds["Document types (beside it)"] == [1, 1, 1]
    assert kinds["Values on the page"][0] == len(drawn) - cells - absent > 0
    assert kinds.get("Table cells", [0])[0] == cells and kinds.get("Values said to be absent", [0])[0] == absent
    assert sum(decided for _, decided, _ in kinds.values()) == 2


def kinds_on(page: str) -> dict[str, list[int]]:
    """What a page says it rests on: kind -> drawn, decided, wrong."""
    table = page.partition("What it rests on")[2].partition("</tbody>")[0]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in re.findall(r"<tr>(<td.*?)</tr>", table)]
    return {re.sub(r"<[^>]+>", "", kind): [int(each) for each in counts] for kind, *counts in rows}


@ON_SQLITE
def test_a_plan_is_tried_without_a_script_and_says_what_it_costs(desk: Desk, arrive: Any) -> None:
    quinn = arrive("quinn", Role.QA_AUDITOR)
    query = "method=two_point&prq=1&crq=5&producer_risk=5&consumer_risk=10&size=1000000&seconds=36"
    shown = quinn.get(f"/lots/plan?{query}").text
    assert "<b>132</b>" in shown and "<b>1.32</b>" in shown  # n as in AccSamplingDesign's manual; 36 seconds each
    assert quinn.get(f"/lots/plan/curve.svg?{query}").status_code == 200
    iso = quinn.get("/lots/plan?method=aql&aql=0.65&level=II&size=5000").text
    assert "<b>200</b>" in iso and "<b>3</b>" in iso  # ISO 2859-1, letter L
    for impossible in ("prq=2&crq=1", "method=aql&aql=0.66"):
        answer = quinn.get(f"/lots/plan?{impossible}")
        assert answer.status_code == 422 and "There is no such plan" in answer.text
    assert quinn.get("/lots/plan?prq=much").status_code == 422


def test_a_certificate_shows_its_proof_and_its_curve(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk, PROMISE)
    audited(desk, definition, [0.99] * 500 + [0.6] * 100, wrong=set(range(560, 600)))
    certify_all(desk)
    certificate_id = certificate_of(desk, CertificateState.CERTIFIED)
    quinn = arrive("quinn", Role.QA_AUDITOR)
    listed = quinn.get("/certificates").text
    assert f"/certificates/{certificate_id}" in listed and "All header fields" in listed and "2.00" in listed
    shown = quinn.get(f"/certificates/{certificate_id}").text
    assert "0.990" in shown and "in force" in shown and "No whole document" in shown
    assert kinds_on(shown) == {"Values on the page": [600, 600, 40]}
    drawn = quinn.get(f"/certificates/{certificate_id}/curve.svg")
    assert (drawn.status_code, drawn.headers["content-type"]) == (200, "image/svg+xml")
    assert quinn.form(f"/certificates/{certificate_id}/rework").status_code == 403


def test_a_provisional_certificate_says_when_it_is_expected_and_ended_ones_are_behind_a_switch(
    desk: Desk, arrive: Any
) -> None:
    definition = process_of(desk, PROMISE)
    audited(desk, definition, [0.99] * 100, wrong=set())
    certify_all(desk)
    with desk.store.session(ACTOR) as session:
        session.execute(update(Certificate).where(Certificate.group == "gross_total").values(needed=70))
        ended = session.scalars(select(Certificate).where(Certificate.group == "*")).one()
        ended.ended_at, ended.state = now(), CertificateState.ENDED
    lea = arrive("lea", Role.SUPERVISOR)
    listed = lea.get("/certificates").text
    expected = now().date() + dt.timedelta(days=5)  # 100 audits in 7 days, 70 missing
    assert Words("en").day(expected) in listed and "All header fields" not in listed
    assert "All header fields" in lea.get("/certificates?ended=true").text


def test_what_left_on_a_revoked_certificate_comes_back_to_people(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk, PROMISE)
    audited(desk, definition, [0.99] * 500, wrong=set())
    certify_all(desk)
    audited(desk, definition, [0.99] * 60, wrong=set(range(500, 560)), after=500)
    certify_all(desk)
    certificate_id = certificate_of(desk, CertificateState.REVOKED)
    left = ["doc_000510", "doc_000520"]
    with desk.store.session(ACTOR) as session:
        session.execute(
            update(Document)
            .where(Document.id.in_(left))
            .values(state=DocumentState.DELIVERED, touched=False, delivered_at=now())
        )
    olga, lea = arrive("olga", Role.OPS), arrive("lea", Role.SUPERVISOR)
    assert "Send 2 to review" not in olga.get(f"/certificates/{certificate_id}").text
    shown = lea.get(f"/certificates/{certificate_id}").text
    assert "Send 2 to review" in shown and "drift after" in shown
    sent = lea.form(f"/certificates/{certificate_id}/rework").headers["location"]
    assert "Sent to review: 2." in lea.get(sent).text
    nothing = lea.form(f"/certificates/{certificate_id}/rework").headers["location"]
    assert "Nothing was sent." in lea.get(nothing).text
    with desk.store.read(ACTOR) as session:
        states = session.scalars(select(Document.state).where(Document.id.in_(left))).all()
        reasons = session.scalars(select(ReviewTask.reasons).where(ReviewTask.document_id.in_(left))).all()
        actors = session.scalars(select(Event.actor).where(Event.kind == "document.state", Event.subject.in_(left)))
        assert set(states) == {DocumentState.IN_REVIEW} and reasons == [["CERTIFICATE_REVOKED"]] * 2
        assert set(actors) == {"lea"}
    again = lea.get(f"/certificates/{certificate_id}").text
    assert "/documents/doc_000510" in again and "Send" not in again.split("</h2>")[1]


def test_the_command_certifies_and_prints_what_stands(desk: Desk, monkeypatch: Any, capsys: Any) -> None:
    definition = process_of(desk, PROMISE)
    audited(desk, definition, [0.99] * 500, wrong=set())
    monkeypatch.setattr("cleardesk.certifying.opened", lambda _: nullcontext(desk))
    certify(json=Path("-"))
    told, _, figures = capsys.readouterr().out.partition("{")
    assert "acme/invoices invoice gross_total: certified, 500 audits, at most" in told
    standing = json.loads("{" + figures)["standing"]
    assert {row["group"] for row in standing} == {"*", "gross_total"}
    assert all(row["threshold"] == 0.99 and row["bound"] <= row["target"] for row in standing)


def certificate_of(desk: Desk, state: CertificateState) -> str:
    """The certificate of the audited field in a state."""
    with desk.store.read(ACTOR) as session:
        found = select(Certificate.id).where(Certificate.group == "gross_total", Certificate.state == state)
        return session.scalars(found).one()
