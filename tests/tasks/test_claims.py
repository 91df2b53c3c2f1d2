"""A client says that a delivered value is wrong: somebody else looks, and what was our error is put right and delivered anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from schemas.errors import FourEyesError, IllegalTransitionError, NotFoundError
from schemas.lifecycle import DocumentState
from schemas.values import Address
from store.database import Scope, Store, system
from store.tables import Claim, Correction, Delivery, Document, Note
from tasks.claims import ClaimedValue, UnknownFieldError, Verdict, decide_claim, load_claim, raise_claims, raise_list
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.reconcile import reconcile
from tests.given import desk_on, process_of
from tests.tasks.test_audits import reviewed

ME = system("test")
CARL, LEA, ADA = Scope("carl", frozenset({"acme"})), Scope("lea"), Scope("ada")
WRONG = [ClaimedValue(Address("invoice_number"), "R-77")]


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path)


def delivered(desk: Desk) -> str:
    document_id = reviewed(desk, process_of(desk), "R-1")
    deliver(desk, "worker")
    return document_id


def claim_of(desk: Desk) -> Claim:
    with desk.store.read(ME) as session:
        return session.scalars(select(Claim)).one()


def test_a_claim_leaves_what_was_delivered_alone_until_somebody_decides(desk: Desk) -> None:
    document_id = delivered(desk)
    assert raise_claims(desk, CARL, document_id, WRONG, "see the top right") == DocumentState.DELIVERED
    view = load_claim(desk, LEA, claim_of(desk).id)
    assert (view.claim.delivered, view.claim.claimed) == ("R-1", "R-77")
    assert view.value is not None and view.value.text == "R-1"
    assert reconcile(desk).residual == 0


def test_our_error_becomes_a_new_version_and_a_corrected_delivery(desk: Desk) -> None:
    document_id = delivered(desk)
    raise_claims(desk, CARL, document_id, WRONG, "")
    decide_claim(desk, LEA, claim_of(desk).id, Verdict.OUR_ERROR, "misread")
    deliver(desk, "worker")
    with desk.store.read(ME) as session:
        first, second = session.scalars(select(Delivery).order_by(Delivery.version)).all()
        correction = session.scalars(select(Correction).where(Correction.name == "invoice_number")).one()
        claim = session.scalars(select(Claim)).one()
        assert session.get_one(Document, document_id).state == DocumentState.DELIVERED
    assert second.supersedes == first.id and "R-77" in second.payload
    assert (correction.by, correction.reason, claim.corrected_version) == ("lea", "CLAIM_ACCEPTED", second.version)
    assert reconcile(desk).residual == 0


@pytest.mark.parametrize("verdict", [each for each in Verdict if each is not Verdict.OUR_ERROR])
def test_any_other_verdict_changes_no_data(desk: Desk, verdict: Verdict) -> None:
    raise_claims(desk, CARL, delivered(desk), WRONG, "")
    decide_claim(desk, LEA, claim_of(desk).id, verdict, "as the master data say")
    with desk.store.read(ME) as session:
        assert len(session.scalars(select(Delivery)).all()) == 1
        assert session.scalars(select(Claim.verdict)).one() == verdict


def test_who_worked_on_the_document_does_not_decide_and_nobody_decides_twice(desk: Desk) -> None:
    raise_claims(desk, CARL, delivered(desk), WRONG, "")
    with pytest.raises(FourEyesError):
        decide_claim(desk, ADA, claim_of(desk).id, Verdict.NOT_WRONG, "")
    decide_claim(desk, LEA, claim_of(desk).id, Verdict.NOT_WRONG, "")
    with pytest.raises(IllegalTransitionError):
        decide_claim(desk, LEA, claim_of(desk).id, Verdict.OUR_ERROR, "")


def test_what_has_not_left_yet_goes_back_to_a_person_with_a_note(desk: Desk) -> None:
    document_id = reviewed(desk, process_of(desk), "R-1")
    assert raise_claims(desk, CARL, document_id, WRONG, "please look") == DocumentState.IN_REVIEW
    with desk.store.read(ME) as session:
        assert session.scalars(select(Note.text)).one() == "please look\ninvoice_number: R-77"
        assert session.scalars(select(Claim)).all() == []


def test_claims_of_others_documents_and_of_unknown_fields_are_refused(desk: Desk) -> None:
    document_id = delivered(desk)
    with pytest.raises(NotFoundError):
        raise_claims(desk, Scope("eve", frozenset({"umbra"})), document_id, WRONG, "")
    with pytest.raises(UnknownFieldError):
        raise_claims(desk, CARL, document_id, [ClaimedValue(Address("colour"), "red")], "")


def test_a_list_of_claims_names_documents_by_number_and_says_what_it_could_not_take(desk: Desk) -> None:
    document_id = delivered(desk)
    lines = ["document,field,value,note", "R-1,gross_total,12.00,", "R-9,gross_total,1,", f"{document_id},colour,x,"]
    refused = raise_list(desk, CARL, "acme", lines)
    assert [line.partition(":")[0] for line in refused] == ["3", "4"]
    assert claim_of(desk).claimed == "12.00"


def corrected_files(desk: Desk, target: str) -> dict[str, str]:
    """The outbox's files after a claim was accepted, those of the first delivery left out."""
    definition = process_of(desk, f"delivery: [{{name: out, {target}}}]")
    document_id = reviewed(desk, definition, "R-1")
    deliver(desk, "worker")
    outbox = desk.outbox("acme", "invoices", "out")
    first = {path.name for path in outbox.iterdir()}
    raise_claims(desk, CARL, document_id, WRONG, "")
    decide_claim(desk, LEA, claim_of(desk).id, Verdict.OUR_ERROR, "")
    deliver(desk, "worker")
    assert reconcile(desk).residual == 0
    return {path.name: path.read_text("utf-8") for path in outbox.iterdir() if path.name not in first}


def test_a_target_that_replaces_gets_the_whole_record_again(desk: Desk) -> None:
    files = corrected_files(desk, "format: jsonl")
    assert (
        '"invoice_number":"R-77"' in files["invoices-000002.jsonl"] and "gross_total" in files["invoices-000002.jsonl"]
    )


def test_a_target_that_posts_differences_gets_only_what_changed(desk: Desk) -> None:
    files = corrected_files(desk, "format: jsonl, corrections: delta, reader: machine")
    assert "invoices-000002.jsonl" not in files
    (line,) = files["invoices-000002-corrections.jsonl"].splitlines()
    assert '"old": "R-1"' in line and '"new": "R-77"' in line and "dlv_" in line


def test_a_target_where_a_person_posts_gets_a_list_for_that_person(desk: Desk) -> None:
    files = corrected_files(desk, "format: csv, corrections: list, reader: machine")
    head, row = files["invoices-000002-corrections.csv"].splitlines()
    assert head.startswith("\ufeffdelivery,supersedes,document,file") and "R-1,R-77" in row
    assert "invoices-000002.csv" not in files
    assert "invoices-000002-corrections.csv" in next(text for name, text in files.items() if "manifest" in name)
