"""Train on some documents, extract others: once, over folds, or for suppliers of whom only the first few were corrected.

Training and memory never see what they are measured on: a fold's documents are kept out whole, and grouped folds keep out whole
suppliers.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from benchmarks.accuracy import judge
from benchmarks.corpus import Setting
from benchmarks.extraction_corpus import BESIDE, LINE_ITEMS, MEASURED, Document, shuffled
from extraction.extract import extract
from extraction.learning.learn import learn
from extraction.learning.memory import remember
from extraction.learning.model import Model
from extraction.learning.survey import Survey, survey
from schemas.document_type import document_types
from schemas.learning import RememberedSupplier
from schemas.normalisation import same_value
from schemas.reading import Reading
from schemas.values import Extraction

FOLDS = 5
ERRORS = (0.005, 0.01, 0.02)  # at which coverage is told
NEVER = 2.0  # no probability is as high
MOST_SHOTS = 3  # corrected documents of a supplier, one-shot


@dataclass(frozen=True)
class Measured:
    """One labelled field of one document; `field` as the corpus names it. A field that was not found has probability 0."""

    field: str
    right: bool
    probability: float
    recalled: bool  # whether the truth was among the candidates


@dataclass(frozen=True)
class Outcome:
    """What came out for one document. `seen`: training knew its supplier. `cells`: its labelled table cells, right or not."""

    document: Document
    seen: bool
    values: list[Measured]
    cells: list[bool]
    ms: float
    thresholds: dict[float, float]  # error -> least probability that kept it on the training documents


@dataclass(frozen=True)
class Taught:
    """What documents taught: a model (None: cold start) and remembered suppliers."""

    models: dict[str, Model] = field(default_factory=dict)
    suppliers: dict[str, RememberedSupplier] = field(default_factory=dict)

    @property
    def thresholds(self) -> dict[float, float]:
        """Error -> the lowest probability that kept it on training documents held out; above 1 where none did."""
        levels = {error: [model.threshold(error) for model in self.models.values()] for error in ERRORS}
        return {
            error: max(NEVER if level is None else level for level in found) for error, found in levels.items() if found
        }


class Bench:
    """The measurements on the documents of one type; candidates are looked for once a document."""

    def __init__(self, document_type: str, setting: Setting) -> None:
        self.document_type, self.setting = document_type, setting
        self.definition = document_types()[document_type]
        ours = MEASURED[document_type]
        self.names = {ours[name]: name for name in ours}
        self.train_s: list[float] = []  # CPU seconds of each training
        self._recalled: dict[str, frozenset[str]] = {}

    def teach(self, documents: Sequence[Document]) -> Taught:
        """Train on documents, and remember their suppliers."""
        examples = [each.example(self.document_type) for each in documents if each.reading]
        started = time.process_time()
        model = learn(
            examples,
            self.definition,
            languages=self.setting.languages,
            country=self.setting.country,
            recipients=self.setting.recipients,
        )
        self.train_s.append(time.process_time() - started)
        return Taught({self.document_type: model}, self.remembered(documents))

    def remembered(self, documents: Sequence[Document]) -> dict[str, RememberedSupplier]:
        """Supplier -> what is known of it after these documents, in their order."""
        known: dict[str, RememberedSupplier] = {}
        for each in documents:
            if each.reading:
                before = [known[each.supplier]] if each.supplier in known else []
                example = each.example(self.document_type)
                known[each.supplier] = remember(before, example, self.definition, country=self.setting.country)
        return known

    def outcomes(self, documents: Sequence[Document], taught: Taught) -> list[Outcome]:
        """Extract documents and compare them with their truth."""
        return [self._outcome(each, taught) for each in documents]

    def folds(self, documents: Sequence[Document], limit: int | None, *, by_supplier: bool) -> Iterator[list[Outcome]]:
        """Each fold's outcomes, trained on (the first `limit` of) the other folds' documents."""
        units = sorted({each.supplier if by_supplier else each.truth.key for each in documents})
        order = {unit: number % FOLDS for number, unit in enumerate(shuffled(units))}
        for number in range(FOLDS):
            inside = [order[each.supplier if by_supplier else each.truth.key] == number for each in documents]
            rest = [each for each, is_in in zip(documents, inside, strict=True) if not is_in]
            held = [each for each, is_in in zip(documents, inside, strict=True) if is_in]
            yield self.outcomes(held, self.teach(shuffled(rest)[:limit]))

    def one_shot(self, documents: Sequence[Document]) -> dict[int, list[Outcome]]:
        """Corrected documents of the supplier -> outcomes, for suppliers whose documents training has not seen.

        With k corrected documents, every document of a supplier that has more than k is measured once: the k that follow it in
        a circle are the corrected ones.
        """
        of_supplier = defaultdict(list)
        for each in documents:
            of_supplier[each.supplier].append(each)
        several = shuffled(sorted(name for name, own in of_supplier.items() if len(own) > 1))
        found: dict[int, list[Outcome]] = {shots: [] for shots in range(MOST_SHOTS + 1)}
        for number in range(FOLDS):
            held = several[number::FOLDS]
            taught = self.teach([each for each in documents if each.supplier not in held])
            for own in (of_supplier[name] for name in held):
                for shots, outcome in self._shots(own, taught):
                    found[shots].append(outcome)
        return found

    def _shots(self, own: Sequence[Document], taught: Taught) -> Iterator[tuple[int, Outcome]]:
        for index, each in enumerate(own):
            others = [*own[index + 1 :], *own[:index]]
            for shots in range(min(MOST_SHOTS, len(others)) + 1):
                suppliers = taught.suppliers | self.remembered(others[:shots])
                yield shots, self._outcome(each, Taught(taught.models, suppliers))

    def _outcome(self, document: Document, taught: Taught) -> Outcome:
        started = time.process_time()
        extraction = self._extract(document.reading, taught) if document.reading else None
        ms = 1000 * (time.process_time() - started)
        values, cells = self._compared(document, extraction)
        return Outcome(document, document.supplier in taught.suppliers, values, cells, ms, taught.thresholds)

    def _extract(self, reading: Reading, taught: Taught) -> Extraction:
        found = extract(
            reading,
            types=[self.document_type, *BESIDE.get(self.document_type, ())],
            languages=self.setting.languages,
            country=self.setting.country,
            master=None,
            tables=reading.tables,
            recipients=self.setting.recipients,
            models=taught.models,
            suppliers=list(taught.suppliers.values()),
        )
        return self._by_roles(found)

    def _by_roles(self, found: Extraction) -> Extraction:
        """What was found in a kind that comes beside ours, under the names of our fields."""
        if found.document_type not in BESIDE.get(self.document_type, ()):
            return found
        theirs, ours = document_types()[found.document_type].roles, self.definition.roles
        names = {getattr(theirs, role): getattr(ours, role) for role in ("number", "date")}
        values = [each.model_copy(update={"name": names.get(each.name, each.name)}) for each in found.values]
        return found.model_copy(update={"document_type": self.document_type, "values": values})

    def _compared(self, document: Document, extraction: Extraction | None) -> tuple[list[Measured], list[bool]]:
        nothing = Extraction(document_type=self.document_type, type_probability=0, language="", values=[])
        judged = judge(document.truth, extraction or nothing)
        recalled = self._recalled_fields(document)
        values = [
            Measured(self.names[each.name], each.right, each.probability, each.right or each.name in recalled)
            for each in judged
            if not each.table
        ]
        return values, [each.right for each in judged if each.table == LINE_ITEMS]

    def _recalled_fields(self, document: Document) -> frozenset[str]:
        """The fields whose true value is among what could be chosen without memory."""
        key = document.truth.key
        if key not in self._recalled:
            seen = self._survey(document.reading) if document.reading else None
            fields = document.truth.fields.items()
            self._recalled[key] = frozenset(name for name, truth in fields if seen and self._among(seen, name, truth))
        return self._recalled[key]

    def _survey(self, reading: Reading) -> Survey:
        setting = self.setting
        return survey(reading, self.definition, languages=setting.languages, country=setting.country)

    def _among(self, seen: Survey, name: str, truth: str) -> bool:
        kind = self.definition.fields[name].type
        texts = {spot.text for spot in seen.spots[kind]} | {each.text for each in seen.rules if each.field == name}
        return any(same_value(truth, text, kind) for text in texts)
