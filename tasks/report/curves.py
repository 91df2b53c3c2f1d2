"""The curves that a report keeps as data: risk against automation, and how models (for ops: people) learned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from schemas.learning import ModelCard
from schemas.report import LearningCurve, RiskCurve
from store.certificates import recent_probabilities, subject_of
from store.courses import runs_finished_before
from store.database import Session
from store.models import champions
from store.report_figures import Stretch
from store.tables import Certificate
from tasks.audit.certifying import audits_by_group, fields_of, scores_of
from tasks.audit.curves import risk_curve
from validations.audit.certificates import Audit

MOST_CURVES = 3
MOST_POINTS = 32


def risk_curves(session: Session, standing: Sequence[Certificate]) -> list[RiskCurve]:
    """Of the certificates that let most through, then of those with the most audits; those without audits have none."""
    ranked = sorted(standing, key=lambda row: (-(row.coverage or 0.0), -row.audits, row.id))
    return [curve for row in ranked[:MOST_CURVES] if (curve := _risk(session, row)).points]


def _risk(session: Session, row: Certificate) -> RiskCurve:
    subject = subject_of(row)
    samples = audits_by_group(session, subject).get(row.group, [])
    traffic = scores_of(row.group, recent_probabilities(session, subject, fields_of(subject)))
    curve = risk_curve([Audit(s.probability, bool(s.right)) for s in samples], traffic, row.delta)
    every = max(1, len(curve) // MOST_POINTS)
    proven = row.coverage is not None and row.bound is not None
    return RiskCurve(
        document_type=row.document_type,
        group=row.group,
        promised=row.target,
        points=[(each.coverage, each.share_wrong, each.bound) for each in curve[::-every][::-1]],
        chosen=(row.coverage or 0.0, row.bound or 0.0) if proven else None,
    )


def model_curves(session: Session, of: Stretch) -> list[LearningCurve]:
    """Of the models in use that have a learning curve."""
    cards = [ModelCard.model_validate(row.card) for row in champions(session, of.client_id, of.process)]
    return [
        LearningCurve(name=card.document_type, points=sorted((point.x, point.y) for point in card.learning))
        for card in cards
        if card.learning
    ]


def people_curves(session: Session, of: Stretch) -> list[LearningCurve]:
    """Each person's finished runs of the process's courses up to the period's end, in their order. For ops alone."""
    shares: dict[str, list[float]] = defaultdict(list)
    for run in runs_finished_before(session, of.client_id, of.process, of.ends):
        shares[run.person].append(run.right / run.total)
    return [
        LearningCurve(name=person, points=[(float(number), share) for number, share in enumerate(own, start=1)])
        for person, own in sorted(shares.items())
    ]
