"""From what a period left in the store to a report's data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from rapidfuzz.distance import Levenshtein

from schemas.calendar import attainment
from schemas.clock import now
from schemas.lifecycle import DocumentState
from schemas.quality import DECISION_STREAMS, Stream
from schemas.report import (
    Accuracy,
    Adjustment,
    Audience,
    CertificateLine,
    Change,
    DecisionLine,
    FieldAccuracy,
    LotLine,
    OpenDocument,
    OpsPart,
    Rate,
    ReportData,
    Sla,
    Work,
)
from store import report_figures as counted
from store.database import Session
from store.report_figures import Stretch
from store.tables import Certificate, Claim, Document, Lot, Sample
from tasks.audit.comparing import NORMALISATION
from tasks.desk import Desk
from tasks.report.curves import model_curves, people_curves, risk_curves
from validations.audit.bounds import Share, accuracy, design_effect, share
from validations.audit.sequence import anytime_share

OF_DELIVERED = (Stream.LOT,)  # drawn from accepted work, as it was or will be delivered
OF_MACHINE = (Stream.CERTIFICATE,)  # drawn from the machine's own reading


def report_data(session: Session, desk: Desk, of: Stretch, period: str, audience: Audience) -> ReportData:
    """Everything that a report says; `ops` for ops alone."""
    sent = counted.delivered(session, of)
    untouched = sum(not document.touched for document in sent)
    checked = counted.shipments_checked(session, of)
    open_count, open_documents = counted.not_delivered(session, of)
    standing = counted.certificates_standing(session, of)
    seq, head = counted.chain_head(session, of.client_id)
    return ReportData(
        audience=audience,
        client=of.client_id,
        process=of.process,
        period=period,
        begins=of.begins,
        ends=of.ends,
        received=counted.documents_received(session, of),
        delivered=len(sent),
        rejected=counted.documents_ended(session, of, DocumentState.REJECTED),
        withdrawn=counted.documents_ended(session, of, DocumentState.WITHDRAWN),
        corrected=counted.corrected_deliveries(session, of),
        untouched=untouched,
        stp=untouched / len(sent) if sent else None,
        touch=1 - untouched / len(sent) if sent else None,
        sla=_sla(session, of),
        accuracy=delivered_accuracy(counted.decided_samples(session, of, *OF_DELIVERED)),
        decisions=_decisions(counted.decided_samples(session, of, *DECISION_STREAMS)),
        adjustments=[_adjustment(claim) for claim in counted.claims_decided(session, of)],
        certificates=[_certificate(row) for row in standing],
        risk=risk_curves(session, standing),
        learning=model_curves(session, of),
        lots=[_lot(row) for row in counted.lots_decided(session, of)],
        exceptions=counted.exceptions_by_reason(session, of),
        changes=_changes(session, of),
        shipments_audited=len(checked),
        shipments_passed=sum(checked),
        open_documents=[_open(document) for document in open_documents],
        open_count=open_count,
        chain_seq=seq,
        chain_hash=head,
        ops=_ops(session, desk, of, len(sent)) if audience == "ops" else None,
    )


def delivered_accuracy(samples: Sequence[Sample]) -> Accuracy:
    """By field, over all fields, and of documents: a document is right when none of its audited critical values is wrong."""
    by_document: dict[str, list[bool]] = defaultdict(list)
    critical: dict[str, list[bool]] = defaultdict(list)
    by_field: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for sample in samples:
        by_document[sample.document_id].append(bool(sample.right))
        if sample.critical:
            critical[sample.document_id].append(bool(sample.right))
        name = f"{sample.table_name}.{sample.name}" if sample.table_name else sample.name
        by_field[sample.document_type, name].append(sample)
    return Accuracy(
        normalisation=NORMALISATION,
        fields=running_rate(list(by_document.values())),
        documents=running_rate([[all(each)] for each in critical.values()]),
        by_field=[_field(kind, name, own) for (kind, name), own in sorted(by_field.items())],
    )


def _decisions(samples: Sequence[Sample]) -> list[DecisionLine]:
    """Each kind of audited decision that there was, with its own figures."""
    found = {stream: [bool(s.right) for s in samples if s.stream == stream] for stream in DECISION_STREAMS}
    return [DecisionLine(kind=kind, right=rate(share(sum(own), len(own)))) for kind, own in found.items() if own]


def _field(kind: str, name: str, samples: Sequence[Sample]) -> FieldAccuracy:
    right = sum(bool(sample.right) for sample in samples)
    return FieldAccuracy(
        document_type=kind, name=name, values=rate(share(right, len(samples))), characters=_characters(samples)
    )


def _characters(samples: Iterable[Sample]) -> float | None:
    """1 - edit distance / length of the truth, over all values that have one (Levenshtein, 1966)."""
    wrong = length = 0
    for sample in samples:
        truth = (sample.value if sample.right else sample.truth) or ""
        wrong += min(Levenshtein.distance(sample.value, truth), max(len(truth), 1))
        length += len(truth)
    return max(0.0, 1 - wrong / length) if length else None


def rate(found: Share) -> Rate:
    """A share as it is kept and shown."""
    return Rate(count=found.count, total=found.total, share=found.value, lower=found.lower, upper=found.upper)


def running_rate(documents: Sequence[Sequence[bool]]) -> Rate:
    """The share of values that are right, with the interval of one look and the one that holds at every look.

    Both count as many values as there were independent ones.
    """
    found = accuracy(documents).fields
    effective = found.total / design_effect([each for each in documents if each])
    always = anytime_share(found.value * effective, effective)
    return rate(found).model_copy(update={"always_lower": always.lower, "always_upper": always.upper})


def _sla(session: Session, of: Stretch) -> Sla:
    result = attainment(counted.works_due(session, of), now())
    return Sla(
        met=result.met,
        missed=result.missed,
        running=result.running,
        share=None if result.share is None else float(result.share),
    )


def _adjustment(claim: Claim) -> Adjustment:
    assert claim.decided_at is not None
    return Adjustment(
        document=claim.document_id, field=claim.name, verdict=claim.verdict or "", decided_at=claim.decided_at
    )


def _certificate(row: Certificate) -> CertificateLine:
    return CertificateLine(
        document_type=row.document_type,
        group=row.group,
        state=row.state,
        promised_error=row.target,
        bound=row.bound,
        audits=row.audits,
        coverage=row.coverage,
        needed=row.needed,
    )


def _lot(row: Lot) -> LotLine:
    return LotLine(
        number=row.number,
        state=row.state,
        documents=row.documents,
        severity=row.severity,
        found=row.result,
        plans=row.plans,
    )


def _changes(session: Session, of: Stretch) -> list[Change]:
    changes = [
        Change(at=row.created_at, what="definition", detail=f"version {row.number}")
        for row in counted.definitions_made(session, of)
    ]
    changes += [
        Change(at=row.promoted_at, what="model", detail=row.document_type)
        for row in counted.models_promoted(session, of)
        if row.promoted_at
    ]
    changes += [
        Change(at=row.issued_at, what=f"certificate {row.state}", detail=f"{row.document_type} {row.group}")
        for row in counted.certificates_issued(session, of)
    ]
    return sorted(changes, key=lambda change: change.at)


def _open(document: Document) -> OpenDocument:
    return OpenDocument(
        document=document.id,
        file=document.name,
        state=document.state,
        number=document.number or "",
        amount=document.gross_total,
        currency=document.currency or "",
        received_at=document.received_at,
        due_at=document.due_at,
    )


def _ops(session: Session, desk: Desk, of: Stretch, sent: int) -> OpsPart:
    work = [Work(person=name, tasks=tasks, seconds=s) for name, tasks, s in counted.work_by_person(session, of)]
    seconds = sum(each.seconds for each in work)
    hourly = desk.settings.cost_per_hour
    cost = (Decimal(seconds) / 3600 * hourly).quantize(Decimal("0.01")) if hourly else None
    machine = counted.decided_samples(session, of, *OF_MACHINE)
    return OpsPart(
        work=work,
        review_seconds=seconds,
        cost=cost,
        cost_per_document=(cost / sent).quantize(Decimal("0.0001")) if cost is not None and sent else None,
        people_learning=people_curves(session, of),
        machine_accuracy=rate(share(sum(bool(s.right) for s in machine), len(machine))),
    )
