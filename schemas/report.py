"""A period's report as data. A client's report has no field for people, cost or machine internals; the ops report adds them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

Audience = Literal["client", "ops"]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True)


class Rate(_Kept):
    """A counted share with its exact 95 % interval; all 0 to 1. `always_*`: what holds at every look, not at one alone."""

    count: int
    total: int
    share: float
    lower: float
    upper: float
    always_lower: float | None = None
    always_upper: float | None = None


class FieldAccuracy(_Kept):
    """One field of delivered documents, as blind audits found it: whole values right, and characters right."""

    document_type: str
    name: str
    values: Rate
    characters: float | None


class Accuracy(_Kept):
    """What audits of delivered work found. Shares of fields and of documents stand together, always."""

    normalisation: str
    fields: Rate
    documents: Rate
    by_field: list[FieldAccuracy]


class DecisionLine(_Kept):
    """One kind of decision (reject, duplicate, type, split, lines), as people who did not know it decided again."""

    kind: str
    right: Rate


class CertificateLine(_Kept):
    """One certificate as it stood when the report was written."""

    document_type: str
    group: str
    state: str
    promised_error: float
    bound: float | None
    audits: int
    coverage: float | None
    needed: int | None


class RiskCurve(_Kept):
    """Errors against automation for one certificate. A point: share that goes out, share wrong in audits, bound on it.

    `chosen`: share and bound of the threshold in force; none: no threshold is proven.
    """

    document_type: str
    group: str
    promised: float
    points: list[tuple[float, float, float]]
    chosen: tuple[float, float] | None


class LearningCurve(_Kept):
    """What was right (0 to 1) over what was learned: a model over documents, a person over runs of a course."""

    name: str
    points: list[tuple[float, float]]


class LotLine(_Kept):
    """One lot of the period: documents, inspected and wrong values by class of field, and its verdict."""

    number: int
    state: str
    documents: int
    severity: str
    found: dict[str, dict[str, int | bool | str]]
    plans: dict[str, dict[str, int | None]]


class OpenDocument(_Kept):
    """What is not delivered at the period's end, with what is known of it."""

    document: str
    file: str
    state: str
    number: str
    amount: Decimal | None
    currency: str
    received_at: dt.datetime
    due_at: dt.datetime


class Change(_Kept):
    """What changed in the period: a definition, a model in use, a certificate."""

    at: dt.datetime
    what: str
    detail: str


class Adjustment(_Kept):
    """A delivered value that a claim proved wrong after the period's figures were written."""

    document: str
    field: str
    verdict: str
    decided_at: dt.datetime


class Sla(_Kept):
    """Documents delivered in time, late, and still open in time."""

    met: int
    missed: int
    running: int
    share: float | None


class Work(_Kept):
    """For ops: what people did, and what it cost."""

    person: str
    tasks: int
    seconds: float


class OpsPart(_Kept):
    """What only ops see."""

    work: list[Work]
    review_seconds: float
    cost: Decimal | None
    cost_per_document: Decimal | None
    people_learning: list[LearningCurve] = []
    machine_accuracy: Rate


class ReportData(_Kept):
    """The whole report. `chain_seq` and `chain_hash`: the head of the client's audit trail when it was written."""

    audience: Audience
    client: str
    process: str
    period: str
    begins: dt.datetime
    ends: dt.datetime
    received: int
    delivered: int
    rejected: int
    withdrawn: int
    corrected: int
    untouched: int
    stp: float | None
    touch: float | None
    sla: Sla
    accuracy: Accuracy
    decisions: list[DecisionLine] = []
    adjustments: list[Adjustment]
    certificates: list[CertificateLine]
    risk: list[RiskCurve] = []
    learning: list[LearningCurve] = []
    lots: list[LotLine]
    exceptions: dict[str, int]
    changes: list[Change]
    shipments_audited: int
    shipments_passed: int
    open_documents: list[OpenDocument]
    open_count: int
    chain_seq: int
    chain_hash: str
    ops: OpsPart | None = None
