"""Certificates: thresholds with their proof, one standing row for each subject; ended ones are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as parts_of
from typing import Any

from sqlalchemy import distinct, func, select, true
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.quality import ABSENT, CertificateState, SampleState, Stream
from schemas.values import ValueState, absence_of
from store.events import record
from store.tables import Certificate, Document, ExtractionRun, FieldValue, Sample

POOLED, WHOLE_DOCUMENT = "*", "document"
RECENT_DOCUMENTS = 3000


@dataclass(frozen=True)
class Subject:
    """What a certificate is about: it holds for one reading and extracting machine under one definition only."""

    client_id: str
    process: str
    document_type: str
    extractor: str
    reader: str
    definition_id: str


def subjects(session: Session) -> list[Subject]:
    """Every machine and definition that blind random audits were drawn from, the newest of each type last."""
    rows = session.execute(
        select(
            Sample.client_id,
            Sample.process,
            Sample.document_type,
            Sample.extractor,
            Sample.reader,
            Sample.definition_id,
        )
        .where(Sample.stream.in_((Stream.CERTIFICATE, Stream.DOCUMENT)))
        .distinct()
    )
    return [Subject(*row) for row in rows]


def audits_of(session: Session, subject: Subject, stream: Stream) -> Sequence[Sample]:
    """A subject's audits: the decided ones in the order in which they were decided, then those that are disputed or open."""
    return session.scalars(
        select(Sample)
        .where(
            Sample.client_id == subject.client_id,
            Sample.process == subject.process,
            Sample.document_type == subject.document_type,
            Sample.extractor == subject.extractor,
            Sample.reader == subject.reader,
            Sample.definition_id == subject.definition_id,
            Sample.stream == stream,
            Sample.state != SampleState.VOID,
        )
        .order_by(Sample.decided_at.is_(None), Sample.decided_at, Sample.id)
    ).all()


def recent_probabilities(session: Session, subject: Subject, fields: Iterable[str]) -> dict[str, dict[str, float]]:
    """Of the newest documents that the machine read: document -> header field -> probability of its value.

    A field of the type that was not found stands as `iban:absent`, with how sure the machine is that it is not there.
    """
    newest = (
        select(ExtractionRun.document_id, ExtractionRun.version)
        .join(Document, Document.id == ExtractionRun.document_id)
        .where(
            ExtractionRun.client_id == subject.client_id,
            ExtractionRun.extractor == subject.extractor,
            ExtractionRun.reader == subject.reader,
            ExtractionRun.document_type == subject.document_type,
            Document.process == subject.process,
            Document.definition_id == subject.definition_id,
        )
        .order_by(ExtractionRun.document_id.desc())
        .limit(RECENT_DOCUMENTS)
        .subquery()
    )
    rows = session.execute(
        select(FieldValue.document_id, FieldValue.name, FieldValue.probability)
        .join(newest, (newest.c.document_id == FieldValue.document_id) & (newest.c.version == FieldValue.version))
        .where(FieldValue.table_name == "", FieldValue.state == "present")
    )
    found: dict[str, dict[str, float]] = {}
    for document_id, name, probability in rows:
        found.setdefault(document_id, {})[name] = probability
    runs = session.execute(
        select(ExtractionRun.document_id, ExtractionRun.candidates).join(
            newest,
            (newest.c.document_id == ExtractionRun.document_id) & (newest.c.version == ExtractionRun.version),
        )
    )
    for document_id, candidates in runs:
        own = found.setdefault(document_id, {})
        own.update(_absences([name for name in fields if name not in own], candidates))
    return found


def _absences(names: Iterable[str], candidates: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    scores: dict[str, list[float]] = {}
    for each in candidates:
        scores.setdefault(each["field"], []).append(float(each["score"]))
    return {f"{name}{ABSENT}": absence_of(scores.get(name, ())) for name in names}


def standing(session: Session, subject: Subject) -> dict[str, Certificate]:
    """What counts now for a subject, by field, "*" or "document"."""
    rows = session.scalars(
        select(Certificate).where(
            Certificate.client_id == subject.client_id,
            Certificate.process == subject.process,
            Certificate.document_type == subject.document_type,
            Certificate.extractor == subject.extractor,
            Certificate.reader == subject.reader,
            Certificate.definition_id == subject.definition_id,
            Certificate.ended_at.is_(None),
        )
    )
    return {row.group: row for row in rows}


def end_certificate(session: Session, certificate: Certificate, reason: str) -> None:
    """It counts no more; the row stays, with its figures."""
    certificate.ended_at, certificate.reason = now(), reason
    record(session, certificate.client_id, "certificate.ended", certificate.id, reason=reason)


def issue(session: Session, certificate: Certificate) -> None:
    """A new certificate, provisional or certified."""
    session.add(certificate)
    session.flush()
    record(
        session,
        certificate.client_id,
        "certificate.issued",
        certificate.id,
        state=certificate.state,
        group=certificate.group,
        threshold=certificate.threshold,
        audits=certificate.audits,
    )


def revoke(session: Session, certificate: Certificate, *, good_until: dt.datetime, reason: str) -> None:
    """Drift: the field goes to people until enough fresh audits certify it anew."""
    certificate.state, certificate.good_until, certificate.reason = CertificateState.REVOKED, good_until, reason
    record(session, certificate.client_id, "certificate.revoked", certificate.id, reason=reason)


def end_others(session: Session, subject: Subject) -> None:
    """Certificates of the same process and type for another model, reader or definition belong to the past."""
    for row in session.scalars(
        select(Certificate).where(
            Certificate.client_id == subject.client_id,
            Certificate.process == subject.process,
            Certificate.document_type == subject.document_type,
            Certificate.ended_at.is_(None),
            (Certificate.extractor != subject.extractor)
            | (Certificate.reader != subject.reader)
            | (Certificate.definition_id != subject.definition_id),
        )
    ):
        if row.state != CertificateState.REVOKED:
            row.state = CertificateState.ENDED
        end_certificate(session, row, "another model, reader or definition")


def all_certificates(session: Session, *, ended: bool = False) -> Sequence[Certificate]:
    """Certificates of the clients in scope, the newest first; standing ones only, unless `ended` ones too."""
    statement = select(Certificate).order_by(Certificate.id.desc()).limit(500)
    return session.scalars(statement if ended else statement.where(Certificate.ended_at.is_(None))).all()


def delivered_untouched_since(session: Session, certificate: Certificate) -> Sequence[Document]:
    """What went out by itself on a revoked certificate since its last good audit, until one took its place: for rework."""
    until = Document.delivered_at < certificate.ended_at if certificate.ended_at is not None else true()
    return session.scalars(
        select(Document)
        .where(
            until,
            Document.client_id == certificate.client_id,
            Document.process == certificate.process,
            Document.document_type == certificate.document_type,
            Document.touched.is_(False),
            Document.delivered_at.is_not(None),
            Document.delivered_at >= (certificate.good_until or certificate.issued_at),
        )
        .order_by(Document.delivered_at)
        .limit(5000)
    ).all()


def certificate_seen(session: Session, certificate_id: str) -> Certificate | None:
    """A certificate that this session may see."""
    return session.scalars(select(Certificate).where(Certificate.id == certificate_id)).one_or_none()


def subject_of(certificate: Certificate) -> Subject:
    """The machine and definition that a certificate is about."""
    return Subject(*(getattr(certificate, each.name) for each in parts_of(Subject)))


def audits_since(session: Session, since: dt.datetime) -> dict[tuple[Subject, str], int]:
    """How many audits were decided since then, by subject and group: the pace at which certificates come."""
    columns = [getattr(Sample, each.name) for each in parts_of(Subject)]
    rows = session.execute(
        select(*columns, Sample.stream, Sample.name, Sample.value_state, func.count(distinct(Sample.document_id)))
        .where(
            Sample.stream.in_((Stream.CERTIFICATE, Stream.DOCUMENT)),
            Sample.state == SampleState.DECIDED,
            Sample.decided_at >= since,
        )
        .group_by(*columns, Sample.stream, Sample.name, Sample.value_state)
    )
    found: dict[tuple[Subject, str], int] = {}
    for *about, stream, name, state, count in rows:
        subject = Subject(*about)
        if stream == Stream.DOCUMENT:  # every critical field of a document is audited: the commonest counts documents
            found[subject, WHOLE_DOCUMENT] = max(count, found.get((subject, WHOLE_DOCUMENT), 0))
        else:
            suffix = ABSENT if state == ValueState.ABSENT else ""
            for group in (f"{name}{suffix}", f"{POOLED}{suffix}"):
                found[subject, group] = found.get((subject, group), 0) + count
    return found
