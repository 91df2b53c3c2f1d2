"""A model in use and a remembered supplier, as learning leaves them behind, without the learning."""

from __future__ import annotations

from schemas.clock import now
from schemas.learning import Backtest, FieldFigures, ModelCard, Point, RememberedField, RememberedSupplier
from store.database import Session
from store.memory import keep_lesson
from store.models import add_model, promote
from store.tables import LearnedModel, SupplierMemory

CURVE = [Point(x=x, y=y, n=40) for x, y in ((10, 0.81), (50, 0.88), (100, 0.91), (200, 0.94))]
CARD = ModelCard(
    name="invoice-1",
    document_type="invoice",
    made_at=now(),
    documents=212,
    suppliers=31,
    corrected_fields=1904,
    seconds=14.2,
    readers={"ppocr-6": 180, "pdfium": 32},
    versions={"lightgbm": "4.7.0", "scikit-learn": "1.9.1"},
    fields={
        "invoice_number": FieldFigures(n=212, accuracy=0.953, candidate_recall=0.991, seen=0.97, unseen=0.9),
        "gross_total": FieldFigures(n=212, accuracy=0.981, candidate_recall=0.995, seen=0.99),
    },
    mean=0.9432,
    mean_unseen=0.8771,
    documents_right=0.812,
    auroc=0.94,
    reliability=[Point(x=x / 10, y=(x / 10) ** 1.1, n=30) for x in range(1, 11)],
    coverage=[Point(x=x, y=y, n=400) for x, y in ((0.0, 0.61), (0.01, 0.78), (0.02, 0.88), (0.05, 0.97))],
    learning=CURVE,
    learning_unseen=[point.model_copy(update={"y": point.y - 0.06}) for point in CURVE[:3]],
    backtest=Backtest(
        documents=42,
        trained_on=170,
        champion="",
        champion_accuracy=0.891,
        challenger_accuracy=0.932,
        low=0.018,
        high=0.064,
        champion_brier=0.081,
        challenger_brier=0.043,
        better=True,
    ),
)
MEMORY = RememberedSupplier(
    key="nordlicht",
    name="Nordlicht Bürobedarf GmbH",
    document_type="invoice",
    documents=12,
    codes={"DE136695976": 12},
    heads=[["nordlicht bürobedarf gmbh"]],
    fields={
        "supplier_name": RememberedField(values={"Nordlicht Bürobedarf GmbH": 11, "Nordlicht GmbH": 1}),
        "iban": RememberedField(values={"DE89370400440532013000": 12}, locked=True),
        "invoice_number": RememberedField(shapes={"AA-9999-9999": 12}),
        "order_number": RememberedField(absent=9),
    },
    columns={"bezeichnung": "description"},
)


def learned_model(session: Session, client: str) -> LearnedModel:
    """The model in use for a client's invoices."""
    row = add_model(session, client, "invoices", CARD, files={}, parent_id=None, learned_until=now())
    promote(session, row)
    return row


def remembered_supplier(session: Session, client: str) -> SupplierMemory:
    """A supplier of a client's."""
    return keep_lesson(session, client, None, MEMORY, "doc_0")
