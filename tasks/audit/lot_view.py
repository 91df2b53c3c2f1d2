"""A lot as people see it: its plans with what they promise and cost, how far its sample is, and its documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.errors import NotFoundError
from store.database import Scope
from store.definitions import load_definition
from store.lots import decisions_in_lot, lot_documents, lot_samples, lot_seen, lots_seen, sample_counts
from store.tables import Document, Lot
from tasks.audit.drawing import CRITICAL
from tasks.audit.kinds import KindCount, by_kind
from tasks.desk import Desk
from validations.audit.plans import CurvePoint, Plan, keying_hours, oc_curve, quality_accepted

TABLE_POINTS = 9


@dataclass(frozen=True)
class PlanView:
    """A plan with its operating characteristic in a few points; `hours` of blind keying; `refused_above`: what it keeps out."""

    plan: Plan
    hours: float
    points: list[CurvePoint]
    refused_above: float


@dataclass(frozen=True)
class ClassView:
    """One class of fields in a lot: its plan, its progress, and what inspection found once it is decided."""

    name: str
    plan: PlanView
    decided: int
    drawn: int
    wrong: int
    accepted: bool | None  # None: not decided yet


@dataclass(frozen=True)
class LotView:
    """A lot with what its page shows."""

    lot: Lot
    classes: list[ClassView]
    kinds: list[KindCount]
    documents: list[Document]


def list_lots(desk: Desk, scope: Scope) -> tuple[Sequence[Lot], dict[str, tuple[int, int]]]:
    """The newest lots, and for each lot with a sample how many values of it are decided and were drawn."""
    with desk.store.read(scope) as session:
        lots = lots_seen(session)
        return lots, sample_counts(session, [lot.id for lot in lots])


def load_lot(desk: Desk, scope: Scope, lot_id: str) -> LotView:
    """One lot. Raises NotFoundError: none in scope."""
    with desk.store.read(scope) as session:
        lot = lot_seen(session, lot_id)
        if lot is None:
            raise NotFoundError(lot_id)
        seconds = load_definition(session, lot.definition_id).process.audit.seconds_per_value
        samples = lot_samples(session, lot.id)
        kinds = by_kind([*samples, *decisions_in_lot(session, lot.id)])
        documents = [document for _, document in lot_documents(session, lot.id)]
    classes = []
    for name, kept in lot.plans.items():
        right = [sample.right for sample in samples if sample.critical == (name == CRITICAL)]
        classes.append(
            ClassView(
                name,
                plan_view(Plan(**kept), seconds),
                decided=sum(each is not None for each in right),
                drawn=len(right),
                wrong=sum(each is False for each in right),
                accepted=lot.result.get(name, {}).get("accepted"),
            )
        )
    return LotView(lot, classes, kinds, documents)


def plan_view(plan: Plan, seconds_per_value: float) -> PlanView:
    """What a plan promises and costs; `refused_above`: lots with more wrong values pass less than 1 time in 10."""
    return PlanView(
        plan,
        keying_hours(plan, seconds_per_value),
        oc_curve(plan, TABLE_POINTS),
        quality_accepted(plan, 0.10),
    )
