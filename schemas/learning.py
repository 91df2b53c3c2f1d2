"""What is learned from, and what learning leaves behind: examples, remembered suppliers, model cards, explanations.

All of it is plain data (JSON). A model itself is a set of named files (LightGBM text, JSON) that only `extraction` reads.
"""

from __future__ import annotations

import datetime as dt

from pydantic import BaseModel, ConfigDict

from schemas.reading import Box, Reading, SecondLook
from schemas.values import Candidate, Finding


class Example(BaseModel):
    """A document with its truth, as people left it.

    `fields` holds canonical texts; an empty text says that the document has no such value, a field that is not named is
    unknown. `rows` are tables by name. `supplier` groups what comes from one sender: a master data number, else a folded name.
    `looks`: field -> where the machine read its value a second time, and what it read.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    document_type: str
    reading: Reading
    fields: dict[str, str]
    rows: dict[str, list[dict[str, str]]] = {}
    supplier: str = ""
    at: dt.datetime | None = None
    looks: dict[str, SecondLook] = {}


class Anchor(BaseModel):
    """Where a value stood: the folded words before it on its line, those above it, and its box in shares of the page."""

    model_config = ConfigDict(frozen=True)

    left: str
    above: str
    page: int  # from 1; -1 for the last page
    box: Box


class RememberedField(BaseModel):
    """What is known of one field of one supplier.

    `values`: canonical text -> on how many documents it was right; only texts that can come again are kept (names, addresses,
    account and tax numbers, currencies). `shapes`: printed form with digits as 9 and letters as A -> how often. `locked`: ops
    wrote or confirmed it; learning does not change it.
    """

    values: dict[str, int] = {}
    shapes: dict[str, int] = {}
    anchors: list[Anchor] = []
    absent: int = 0
    locked: bool = False


class RememberedSupplier(BaseModel):
    """What corrected documents of one supplier taught, for one client and document type.

    `codes` are printed identifiers that name the supplier (tax ids, accounts, registration and telephone numbers), compact;
    `heads` are folded texts of the page's top lines, one entry a document, the newest few. `columns`: the header words of its
    line-item table -> our column's name.
    """

    key: str
    name: str
    document_type: str
    documents: int = 0
    codes: dict[str, int] = {}
    heads: list[list[str]] = []
    fields: dict[str, RememberedField] = {}
    columns: dict[str, str] = {}


class Point(BaseModel):
    """One point of a curve, with how many values or documents it rests on."""

    model_config = ConfigDict(frozen=True)

    x: float
    y: float
    n: int


class FieldFigures(BaseModel):
    """Out-of-fold figures of one field: shares 0 to 1, `n` values."""

    model_config = ConfigDict(frozen=True)

    n: int
    accuracy: float
    candidate_recall: float
    seen: float | None = None  # accuracy on suppliers that training knew
    unseen: float | None = None


class Backtest(BaseModel):
    """Champion against challenger on the newest documents, read one after the other as the desk would have read them.

    The challenger learned from the older documents only (`trained_on`); supplier memory grew with every document. Accuracies are
    shares of fields right; a Brier score is the mean squared distance between the probability of a value and its being
    right (0 is perfect). `low`, `high`: 90 % of the paired bootstrap of challenger minus champion lie between them.
    """

    model_config = ConfigDict(frozen=True)

    documents: int
    trained_on: int
    champion: str  # a model's name; empty: the rules without a model
    champion_accuracy: float
    challenger_accuracy: float
    low: float
    high: float
    champion_brier: float
    challenger_brier: float
    better: bool


class ModelCard(BaseModel):
    """What a model was made from and how well it did on documents that it had not seen.

    `reliability`: x predicted, y observed share right. `coverage`: x error, y share of values accepted at that error.
    `learning`: x training documents, y mean accuracy (`learning_unseen`: on suppliers never seen). `backtest`: why the model was
    promoted or not; a promoted one has learned from all documents since.
    """

    name: str  # document type and content hash
    document_type: str
    made_at: dt.datetime
    documents: int
    suppliers: int
    corrected_fields: int
    seconds: float
    readers: dict[str, int]  # reader name -> documents
    versions: dict[str, str]  # library -> version
    fields: dict[str, FieldFigures]
    mean: float
    mean_unseen: float | None = None
    documents_right: float
    auroc: float | None = None
    reliability: list[Point] = []
    coverage: list[Point] = []
    learning: list[Point] = []
    learning_unseen: list[Point] = []
    backtest: Backtest | None = None


class ScoredCandidate(BaseModel):
    """A candidate with the share that each feature had in its score, the largest first (log-odds)."""

    model_config = ConfigDict(frozen=True)

    candidate: Candidate
    reasons: list[tuple[str, float]]


class Explanation(BaseModel):
    """Why a field has the value that it has."""

    model_config = ConfigDict(frozen=True)

    field: str
    chosen: str
    probability: float
    extractor: str
    candidates: list[ScoredCandidate]
    doubts: list[tuple[str, float]] = []  # what moved the probability of being right, log-odds
    supplier: str = ""  # the remembered supplier that was recognised
    memory: RememberedField | None = None
    findings: list[Finding] = []
