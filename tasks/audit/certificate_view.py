"""A certificate as people see it: its proof, how soon it comes, and the documents to look at again once it is revoked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from schemas.clock import now
from schemas.errors import IllegalTransitionError, NotFoundError
from schemas.lifecycle import DocumentState
from schemas.quality import ABSENT, DECISION_STREAMS, CertificateState, SampleState, Stream
from store.certificates import (
    WHOLE_DOCUMENT,
    Subject,
    all_certificates,
    audits_of,
    audits_since,
    certificate_seen,
    delivered_untouched_since,
    recent_probabilities,
    subject_of,
)
from store.database import Scope, Session
from store.tables import Certificate, Document
from tasks.audit.certifying import audits_by_group, fields_of, scores_of
from tasks.audit.curves import Risk, risk_curve
from tasks.audit.kinds import KindCount, by_kind
from tasks.back_to_review import take_back
from tasks.desk import Desk
from validations.audit.bounds import Accuracy, accuracy
from validations.audit.certificates import Audit
from validations.audit.forecast import Forecast, ready_on
from validations.audit.monitoring import ECusum

CERTIFICATE_REVOKED = "CERTIFICATE_REVOKED"
PACE = dt.timedelta(days=7)
TO_REWORK = (DocumentState.READY, DocumentState.DELIVERED)


@dataclass(frozen=True)
class Line:
    """A certificate, and the day on which a provisional one is expected at the pace of the last week."""

    certificate: Certificate
    ready: dt.date | None


@dataclass(frozen=True)
class CertificateView:
    """A certificate with its risk against automation, how right fields and documents are together, and its rework list."""

    line: Line
    kinds: list[KindCount]
    curve: list[Risk]
    right: Accuracy
    evidence: float | None  # of the e-CUSUM, 1 is none; None: not watched yet
    rework: list[Document]

    @property
    def to_send(self) -> int:
        """How many documents of the rework list no person looks at yet."""
        return sum(document.state in TO_REWORK for document in self.rework)


def list_certificates(desk: Desk, scope: Scope, *, ended: bool = False) -> list[Line]:
    """The certificates that stand, by process, type and group; with `ended` ones of the past too."""
    with desk.store.read(scope) as session:
        rows = all_certificates(session, ended=ended)
        pace = audits_since(session, now() - PACE)
    lines = [_line(row, pace) for row in rows]
    return sorted(lines, key=lambda line: _place(line.certificate))


def load_certificate(desk: Desk, scope: Scope, certificate_id: str) -> CertificateView:
    """One certificate. Raises NotFoundError: none in scope."""
    with desk.store.read(scope) as session:
        row = _seen(session, certificate_id)
        subject = subject_of(row)
        return CertificateView(
            line=_line(row, audits_since(session, now() - PACE)),
            kinds=_kinds(session, row, subject),
            curve=_curve(session, row, subject),
            right=_right(session, subject),
            evidence=_evidence(row),
            rework=_rework(session, row),
        )


def send_to_review(desk: Desk, scope: Scope, certificate_id: str) -> int:
    """What left by itself on a revoked certificate goes to people, document by document. Returns how many.

    Raises NotFoundError: none in scope; IllegalTransitionError: it was not revoked.
    """
    with desk.store.read(scope) as session:
        row = _seen(session, certificate_id)
        if row.state != CertificateState.REVOKED:
            raise IllegalTransitionError(f"{row.id} is {row.state}: only a revoked certificate has rework")
        waiting = [document.id for document in _rework(session, row) if document.state in TO_REWORK]
    return sum(_send(desk, scope, document_id) for document_id in waiting)


def _send(desk: Desk, scope: Scope, document_id: str) -> bool:
    """Each in its own transaction: thousands together would hold everybody up. False: somebody else was quicker."""
    with desk.store.session(scope) as session:
        document = session.get_one(Document, document_id, with_for_update=True)
        if document.state not in TO_REWORK:
            return False
        take_back(session, document, "", by=scope.actor, reason=CERTIFICATE_REVOKED)
        return True


def _seen(session: Session, certificate_id: str) -> Certificate:
    row = certificate_seen(session, certificate_id)
    if row is None:
        raise NotFoundError(certificate_id)
    return row


def _line(row: Certificate, pace: dict[tuple[Subject, str], int]) -> Line:
    if row.state != CertificateState.PROVISIONAL or row.ended_at is not None:
        return Line(row, None)
    a_day = pace.get((subject_of(row), row.group), 0) / PACE.days
    return Line(row, ready_on(Forecast(row.needed, 0), a_day, now().date()))


def _place(row: Certificate) -> tuple[str, str, str, bool, bool, str]:
    """Within a process and type: what stands first, the document and all fields together before the single ones."""
    single = row.group.removesuffix(ABSENT).isidentifier() and row.group != WHOLE_DOCUMENT
    return row.client_id, row.process, row.document_type, row.ended_at is not None, single, row.group


def _kinds(session: Session, row: Certificate, subject: Subject) -> list[KindCount]:
    """Of what the group's audits so far are, and what was decided again beside values of the same documents."""
    if row.group == WHOLE_DOCUMENT:
        values = audits_of(session, subject, Stream.DOCUMENT)
    else:
        values = audits_by_group(session, subject).get(row.group, [])
    beside = [sample for stream in DECISION_STREAMS for sample in audits_of(session, subject, stream)]
    return by_kind([*values, *beside])


def _curve(session: Session, row: Certificate, subject: Subject) -> list[Risk]:
    samples = audits_by_group(session, subject).get(row.group, [])
    scores = scores_of(row.group, recent_probabilities(session, subject, fields_of(subject)))
    return risk_curve([Audit(sample.probability, bool(sample.right)) for sample in samples], scores, row.delta)


def _right(session: Session, subject: Subject) -> Accuracy:
    """Of the documents whose critical fields were all audited: the shares of fields and of documents that are right."""
    by_document: dict[str, list[bool]] = {}
    for sample in audits_of(session, subject, Stream.DOCUMENT):
        if sample.state == SampleState.OPEN:
            continue
        by_document.setdefault(sample.document_id, []).append(bool(sample.right))
    return accuracy(list(by_document.values()))


def _evidence(row: Certificate) -> float | None:
    kept = row.monitor
    if "evidence" not in kept:
        return None
    return ECusum(kept["promise"], kept["audits"], tuple(kept["evidence"]), tuple(kept["since"])).level


def _rework(session: Session, row: Certificate) -> list[Document]:
    return list(delivered_untouched_since(session, row)) if row.state == CertificateState.REVOKED else []
