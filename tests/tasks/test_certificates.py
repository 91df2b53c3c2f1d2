"""Automation follows certificates: granted by blind random audits, revoked when the machine drifts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from schemas.clock import now
from schemas.document_type import document_types
from schemas.quality import CertificateState, Stream
from schemas.reading import Box
from schemas.values import Candidate, Extraction, absence_of
from store.certificates import Subject, delivered_untouched_since
from store.database import Store, system
from store.definitions import Definition
from store.documents import save_version
from store.samples import Draw, add_samples
from store.tables import Certificate, Document, ExtractionRun, FieldValue, Sample
from tasks.audit.certifying import NEVER, certify_all, thresholds
from tasks.desk import Desk
from tasks.route import route
from tests.given import AT_ONCE, audited_total, desk_on, invoice, new_document, process_of

ME = system("test")


def candidate(field: str, score: float) -> Candidate:
    return Candidate(field=field, text="DE1", raw="DE1", page=1, box=Box(0, 0, 1, 1), score=score)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path)


def audited(
    desk: Desk, definition: Definition, probabilities: list[float], wrong: set[int], *, after: int = 0
) -> Subject:
    """Traffic of one machine, every value of it audited; the numbers in `wrong` were wrong."""
    subject = Subject("acme", "invoices", "invoice", "model:1", "reader:1", definition.id)
    with desk.store.session(ME) as session:
        some = session.scalars(select(Document).limit(1)).first()
        receipt = some.receipt_id if some else None
    document_id = new_document(desk, definition) if receipt is None else None
    with desk.store.session(ME) as session:
        base = session.scalars(select(Document).limit(1)).one()
        for position, probability in enumerate(probabilities, start=after):
            id_ = f"doc_{position:06d}"
            row = {c.key: getattr(base, c.key) for c in Document.__table__.columns}
            session.execute(insert(Document).values(**{**row, "id": id_, "document_type": "invoice"}))
            run = {"client_id": "acme", "document_id": id_, "version": 1, "extractor": "model:1", "reader": "reader:1"}
            session.add(
                ExtractionRun(
                    **run,
                    document_type="invoice",
                    type_probability=1.0,
                    language="en",
                    candidates=[],
                    created_at=now(),
                )
            )
            session.add(
                FieldValue(
                    client_id="acme",
                    document_id=id_,
                    version=1,
                    name="gross_total",
                    state="present",
                    text="1.00",
                    raw="",
                    source="machine",
                    probability=probability,
                    evidence=[],
                )
            )
            session.add(
                audited_total(
                    position,
                    id_,
                    definition,
                    right=position not in wrong,
                    stream=Stream.CERTIFICATE,
                    probability=probability,
                    untouched=True,
                    extractor="model:1",
                    reader="reader:1",
                    decided_at=now() + dt.timedelta(microseconds=position),
                )
            )
    assert document_id is None or document_id
    return subject


def test_automation_follows_the_certificate_and_stops_when_it_is_revoked(desk: Desk) -> None:
    definition = process_of(desk, f"accuracy: {{target: 98%, confidence: 90%}}\n{AT_ONCE}")
    sure, unsure = [0.99] * 500, [0.6] * 100
    subject = audited(desk, definition, sure + unsure, wrong=set(range(560, 600)))
    assert certify_all(desk) >= 1
    with desk.store.read(ME) as session:
        certified = thresholds(session, subject)
        row = session.scalars(
            select(Certificate).where(Certificate.group == "gross_total", Certificate.ended_at.is_(None))
        ).one()
    assert 0.6 < certified["gross_total"] <= 0.99 and row.state == CertificateState.CERTIFIED
    assert row.bound is not None and row.bound <= 0.02

    audited(desk, definition, [0.99] * 60, wrong=set(range(600, 660)), after=600)
    certify_all(desk)
    with desk.store.read(ME) as session:
        assert thresholds(session, subject)["gross_total"] == NEVER
        revoked = session.scalars(
            select(Certificate).where(Certificate.group == "gross_total", Certificate.state == "revoked")
        ).one()
        assert revoked.good_until is not None and list(delivered_untouched_since(session, revoked)) == []


def test_too_few_audits_stay_provisional_and_say_how_many_are_missing(desk: Desk) -> None:
    definition = process_of(desk, f"accuracy: {{target: 99%, confidence: 90%}}\n{AT_ONCE}")
    subject = audited(desk, definition, [0.99] * 80, wrong=set())
    certify_all(desk)
    with desk.store.read(ME) as session:
        assert thresholds(session, subject) == {}
        rows = session.scalars(select(Certificate)).all()
    assert {row.state for row in rows} == {CertificateState.PROVISIONAL}
    assert all(row.needed is None or row.needed > 0 for row in rows)


def test_an_audit_names_the_machine_that_read_the_document(desk: Desk) -> None:
    definition = process_of(desk, AT_ONCE)
    document_id = new_document(desk, definition)
    with desk.store.session(ME) as session, session.no_autoflush:
        document = session.get_one(Document, document_id)
        document.reader = "reader:1"
        extraction = invoice("R-1").model_copy(update={"extractor": "model:1"})
        save_version(session, document, extraction, [])
        (sample,) = add_samples(session, document, [Draw(extraction.values[0], critical=True)], Stream.CERTIFICATE)
    assert (sample.extractor, sample.reader) == ("model:1", "reader:1")


def test_a_value_said_to_be_absent_has_a_certificate_of_its_own(desk: Desk) -> None:
    definition = process_of(desk, f"accuracy: {{target: 98%, confidence: 90%}}\n{AT_ONCE}")
    subject = audited(desk, definition, [1.0] * 420, set())
    with desk.store.session(
        ME
    ) as session:  # what was audited was that no VAT id is there; where one is hinted at, it is wrong
        session.execute(update(Sample).values(name="supplier_vat_id", value="", value_state="absent"))
        hinted = [f"{number:06d}" for number in range(300, 420)]
        hint = {"field": "supplier_vat_id", "score": 2.0}
        for number in hinted:
            session.execute(
                update(ExtractionRun).where(ExtractionRun.document_id == f"doc_{number}").values(candidates=[hint])
            )
            doubt = {"probability": absence_of([2.0]), "right": False}
            session.execute(update(Sample).where(Sample.id == f"smp_{number}").values(**doubt))
    certify_all(desk)
    with desk.store.read(ME) as session:
        found = thresholds(session, subject)
    assert set(found) == {"supplier_vat_id:absent", "*:absent"}  # nothing is proven of values that were found
    assert absence_of([2.0]) < found["supplier_vat_id:absent"] <= 1.0


def test_absent_values_follow_their_certificate(desk: Desk) -> None:
    process, kind = process_of(desk).process, document_types()["invoice"]
    sure, hint = invoice("R-1", supplier_vat_id=""), candidate("supplier_vat_id", 2.0)
    doubtful = sure.model_copy(update={"candidates": [hint]})

    def asked(extraction: Extraction, certified: dict[str, float], *, scanned: bool = True) -> bool:
        decision = route(extraction, [], [], process, kind, scanned=scanned, certified=certified)
        return "LOW_CONFIDENCE:supplier_vat_id" in decision.reasons

    assert kind.fields["supplier_vat_id"].critical == asked(sure, {})  # unproven: a person looks at scans, as always
    assert not asked(sure, {"*:absent": 0.9}) and asked(doubtful, {"*:absent": 0.9})
    assert asked(sure, {"*:absent": 0.9, "supplier_vat_id:absent": NEVER}, scanned=False)  # revoked
