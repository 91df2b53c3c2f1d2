"""Supplier memory: what one corrected document teaches about its sender, at once and without training.

A supplier is recognised by its printed codes or by the lines of its letterhead, rare lines counting more. What is known of it is
offered in three ways: its values as candidates where something like them is printed, the places and labels of its values as
features, and how often they held as support that a reviewer can see. (Templates from few examples: Rusiñol et al., ICDAR 2013;
Esser et al., 2014. Here they are one voice beside the learned scorer, never a rule.)
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from extraction.column_memory import learn_columns
from extraction.learning.confusable import edits
from extraction.learning.features import Matrix
from extraction.learning.spots import WORDED, Spot
from extraction.learning.survey import FOLDED, Survey, codes_of, head_of, key_of, survey
from extraction.page_layout import layouts
from extraction.rows import LINE_ITEMS
from schemas.document_type import DocumentType, FieldType
from schemas.learning import Anchor, Example, RememberedField, RememberedSupplier
from schemas.normalisation import fold
from schemas.reading import Reading

COMES_AGAIN = frozenset(
    {FieldType.NAME, FieldType.ADDRESS, FieldType.IBAN, FieldType.BIC, FieldType.VAT_ID, FieldType.CURRENCY}
)
MOST_ANCHORS, MOST_HEADS, MOST_CODES, MOST_VALUES = 6, 4, 24, 40
SAME_LINE = 78.0  # likeness of two head lines that are one line read twice
MOST_RECALLS = 3
SAME_CODE = 0.9  # likeness of a supplier whose number is printed
RECOGNISED = 0.5  # likeness from which a supplier may be this one
SURELY_THIS = 0.65  # likeness from which one remembered supplier is taken for this one
LIKE_PRINTED = 72.0  # likeness of a printed text with a remembered value that it may be
FAR = 2.0
EDGE = 8  # letters at a text's beginning and end
LAST_PAGE = -1
NAMES = (
    "memory", "memory_documents", "memory_value", "memory_like", "memory_label", "memory_above", "memory_distance",
    "memory_shape", "memory_height", "memory_width", "memory_begins", "memory_ends",
    "memory_support", "memory_likeness", "memory_edits", "memory_other_edits", "memory_absent",
)  # fmt: skip


@dataclass(frozen=True)
class Recall:
    """A remembered supplier that a document may come from, and how likely (0 to 1)."""

    supplier: RememberedSupplier
    likeness: float


class Memory:
    """The remembered suppliers of one client and document type, ready to be searched."""

    def __init__(self, suppliers: Sequence[RememberedSupplier]) -> None:
        self.suppliers = list(suppliers)
        heads = [(index, head) for index, each in enumerate(suppliers) for head in each.heads]
        self._owners = [index for index, _ in heads]
        self._book = HeadBook([head for _, head in heads], [suppliers[index].key for index in self._owners])

    def recall(self, head: Sequence[str], codes: Sequence[str]) -> list[Recall]:
        """The likeliest suppliers of a document with this head and these codes, best first."""
        found: dict[int, float] = {}
        for index, likeness in zip(self._owners, self._book.likeness([head])[0], strict=True):
            found[index] = max(found.get(index, 0.0), float(likeness))
        for index, supplier in enumerate(self.suppliers):
            if any(code in supplier.codes for code in codes):
                found[index] = max(found.get(index, 0.0), SAME_CODE)
        likely = [Recall(self.suppliers[index], like) for index, like in found.items() if like >= RECOGNISED]
        return sorted(likely, key=lambda each: (-each.likeness, -each.supplier.documents))[:MOST_RECALLS]


class HeadBook:
    """Letterheads, compared line by line: a line weighs by its length and by how few suppliers print it."""

    def __init__(self, heads: Sequence[Sequence[str]], owners: Sequence[str]) -> None:
        self._lines = [line for head in heads for line in head]
        self._bounds = np.cumsum([0, *(len(head) for head in heads)])
        printed: dict[str, set[str]] = {}
        for head, owner in zip(heads, owners, strict=True):
            for line in head:
                printed.setdefault(line, set()).add(owner)
        self._owners_of = {line: len(owners) for line, owners in printed.items()}
        self._all = len(set(owners))

    def likeness(self, heads: Sequence[Sequence[str]]) -> Matrix:
        """0 to 1 of each given head (rows) with each head of the book (columns)."""
        lines = [line for head in heads for line in head]
        result = np.zeros((len(heads), len(self._bounds) - 1), np.float32)
        if not lines or not self._lines:
            return result
        scores = process.cdist(lines, self._lines, scorer=fuzz.ratio, score_cutoff=SAME_LINE, dtype=np.float32) / 100
        filled = np.flatnonzero(np.diff(self._bounds))
        best = np.maximum.reduceat(scores, self._bounds[:-1][filled], axis=1)
        at = 0
        for row, head in zip(result, heads, strict=True):
            weights = np.array([self._weight(line) for line in head], np.float32)
            own = best[at : at + len(head)]
            at += len(head)
            if len(head):
                row[filled] = np.minimum(1.0, 1.25 * (weights @ own) / weights.sum() + 0.1 * own[0])
        return result

    def _weight(self, line: str) -> float:
        """Lines that many suppliers print, such as `tax invoice`, say little."""
        rare = math.log(1 + (self._all + 1) / (1 + self._owners_of.get(line, 0)))
        return rare * math.sqrt(len(line))


def recognise(reading: Reading, known: Sequence[RememberedSupplier]) -> RememberedSupplier | None:
    """The remembered supplier that a document most likely comes from."""
    pages = layouts(reading)
    found = Memory(known).recall(head_of(pages), codes_of(pages)) if pages else []
    return found[0].supplier if found and found[0].likeness >= SURELY_THIS else None


def remember(
    known: Sequence[RememberedSupplier], example: Example, definition: DocumentType, *, country: str
) -> RememberedSupplier:
    """The example's supplier as it is known from now on; a new one where none was."""
    seen = survey(example.reading, definition, languages=("en", "de"), country=country)
    before = next((each for each in known if each.key == supplier_key(example, definition)), None)
    return merged([before] if before else [], trace(seen, example, definition))


def supplier_key(example: Example, definition: DocumentType) -> str:
    """Whose document it is: as the example says, else by the supplier's name."""
    return example.supplier or fold(example.fields.get(definition.roles.supplier or "", "")) or "unknown"


def trace(seen: Survey, example: Example, definition: DocumentType) -> RememberedSupplier:
    """What one document teaches, as a supplier known from this document only."""
    fields = {}
    for name, text in example.fields.items():
        if name in definition.fields:
            fields[name] = _trace_field(seen, name, text, definition)
    return RememberedSupplier(
        key=supplier_key(example, definition),
        name=example.fields.get(definition.roles.supplier or "", ""),
        document_type=definition.name,
        documents=1,
        codes=dict.fromkeys(seen.codes[:MOST_CODES], 1),
        heads=[seen.head],
        fields=fields,
        columns=learn_columns(seen.pages, example.rows.get(LINE_ITEMS, []), definition),
    )


def _trace_field(seen: Survey, name: str, text: str, definition: DocumentType) -> RememberedField:
    kind = definition.fields[name].type
    if not text:
        return RememberedField(absent=1)
    keys = seen.meant(kind, key_of(text, definition, name))
    at = [spot for spot in seen.spots[kind] if spot.key in keys and spot.how == "printed"]
    return RememberedField(
        values={text: 1} if kind in COMES_AGAIN else {},
        shapes={shape(at[0].raw): 1} if at and kind not in COMES_AGAIN else {},
        anchors=[_anchor(seen, spot) for spot in at[:2]],
    )


def _anchor(seen: Survey, spot: Spot) -> Anchor:
    around = seen.surroundings[spot.page.number]
    last = spot.page.number == seen.pages[-1].number and len(seen.pages) > 1
    left, above = around.labels(spot)
    return Anchor(
        left=left,
        above=above,
        page=LAST_PAGE if last else spot.page.number,
        box=spot.box,
    )


def merged(earlier: Sequence[RememberedSupplier], new: RememberedSupplier) -> RememberedSupplier:
    """Several memories of one supplier as one; the newest heads and anchors are kept, what ops locked stays."""
    every = [*earlier, new]
    names = dict.fromkeys(name for each in every for name in each.fields)
    return RememberedSupplier(
        key=new.key,
        name=next((each.name for each in reversed(every) if each.name), ""),
        document_type=new.document_type,
        documents=sum(each.documents for each in every),
        codes=_most(Counter[str](), [each.codes for each in every], MOST_CODES),
        heads=[head for each in every for head in each.heads][-MOST_HEADS:],
        fields={name: _merged_field([each.fields[name] for each in every if name in each.fields]) for name in names},
        columns={header: column for each in every for header, column in each.columns.items()},
    )


def _merged_field(every: Sequence[RememberedField]) -> RememberedField:
    locked = next((each for each in every if each.locked), None)
    if locked is not None:
        return locked
    return RememberedField(
        values=_most(Counter[str](), [each.values for each in every], MOST_VALUES),
        shapes=_most(Counter[str](), [each.shapes for each in every], MOST_VALUES),
        anchors=[anchor for each in every for anchor in each.anchors][-MOST_ANCHORS:],
        absent=sum(each.absent for each in every),
    )


def _most(total: Counter[str], counts: Sequence[dict[str, int]], most: int) -> dict[str, int]:
    for each in counts:
        total.update(each)
    return dict(total.most_common(most))


@lru_cache(maxsize=50_000)
def shape(text: str) -> str:
    """How a text is printed: digits as 9, letters as A, other marks as they are."""
    return re.sub(r"[^\W\d_]", "A", re.sub(r"\d", "9", text))[:40]


def remembered_spots(seen: Survey, recalls: Sequence[Recall], name: str) -> list[Spot]:
    """The values that the recalled suppliers had, where something like each is printed; the best place of each."""
    kind = seen.evidence.definition.fields[name].type
    printed = [spot for spot in seen.spots[kind] if spot.cost == 0]
    if kind not in COMES_AGAIN or not printed:
        return []
    keys = [spot.key for spot in printed]
    found: dict[str, Spot] = {}
    for recall in recalls:
        known = recall.supplier.fields.get(name)
        for text, support in known.values.items() if known else ():
            key = key_of(text, seen.evidence.definition, name)
            best = process.extractOne(key, keys, scorer=fuzz.ratio, score_cutoff=LIKE_PRINTED)
            if best is None or (key in found and found[key].support >= support):
                continue
            found[key] = printed[best[2]]._replace(
                text=text, key=key, how="remembered", support=support, likeness=best[1] / 100
            )
    return list(found.values())


def memory_features(seen: Survey, spots: Sequence[Spot], recalls: Sequence[Recall], name: str) -> Matrix:
    """One row a spot, columns as `NAMES`; zeros (and a large distance) where no supplier is recalled."""
    if not recalls:
        rows = np.zeros((len(spots), len(NAMES)), np.float32)
        rows[:, NAMES.index("memory_distance")] = FAR
        return rows
    best = recalls[0]
    known = best.supplier.fields.get(name, RememberedField())
    values = {key_of(text, seen.evidence.definition, name): count for text, count in known.values.items()}
    documents = max(best.supplier.documents, 1)
    labels = [seen.surroundings[spot.page.number].labels(spot) for spot in spots]
    lefts, aboves = _shares([a.left for a in known.anchors]), _shares([a.above for a in known.anchors])
    far = _distances(seen, spots, known.anchors)
    likes = np.hstack([_likeness(spots, list(values)), _sizes(spots, known.anchors)])
    found = [
        (
            best.likeness,
            documents,
            values.get(spot.key, 0) / documents,
            whole,
            lefts.get(left, 0.0),
            aboves.get(above, 0.0),
            distance,
            known.shapes.get(shape(spot.raw), 0) / documents if known.shapes else 0.0,
            height,
            width,
            begins,
            ends,
            spot.support,
            spot.likeness if spot.how == "remembered" else 0.0,
            *(edits(fold(spot.raw), spot.key) if spot.how == "remembered" else (0, 0)),
            known.absent / documents,
        )
        for spot, (left, above), distance, (whole, begins, ends, width, height) in zip(
            spots, labels, far.tolist(), likes.tolist(), strict=True
        )
    ]
    return np.array(found, dtype=np.float32).reshape(-1, len(NAMES))


def _shares(labels: Sequence[str]) -> dict[str, float]:
    """The share that each label has of those that say something."""
    counts = Counter(label for label in labels if label)
    return {label: count / counts.total() for label, count in counts.items()}


def _distances(seen: Survey, spots: Sequence[Spot], anchors: Sequence[Anchor]) -> npt.NDArray[np.float64]:
    """From each spot to the nearest anchor: the nearer of left and right edges, and the heights, in shares of the page."""
    boxes = np.array([spot.box for spot in spots], dtype=np.float64).reshape(-1, 4)
    pages = np.array([spot.page.number for spot in spots])
    nearest = np.full(len(spots), np.inf)
    for anchor in anchors:
        page = seen.pages[-1].number if anchor.page == LAST_PAGE else anchor.page
        across = np.minimum(abs(boxes[:, 0] - anchor.box.x0), abs(boxes[:, 2] - anchor.box.x1))
        away = across + abs((boxes[:, 1] + boxes[:, 3]) / 2 - anchor.box.middle[1])
        nearest = np.where(pages == page, np.minimum(nearest, away), nearest)
    return np.where(np.isinf(nearest), FAR, nearest)


def _sizes(spots: Sequence[Spot], anchors: Sequence[Anchor]) -> Matrix:
    """How like an anchor's the width and the height of each text are, 0 to 1: as long lines, and as many."""
    best = np.zeros((len(spots), 2), np.float32)
    if spots and spots[0].kind in WORDED:
        boxes = np.array([spot.box for spot in spots], dtype=np.float32)
        sizes = np.maximum(boxes[:, 2:] - boxes[:, :2], 1e-6)
        for anchor in anchors:
            own = np.maximum([anchor.box.width, anchor.box.height], 1e-6)
            best = np.maximum(best, np.minimum(sizes, own) / np.maximum(sizes, own))
    return best


def _likeness(spots: Sequence[Spot], values: Sequence[str]) -> Matrix:
    """How like a remembered value each text is, and its first and its last letters, 0 to 1."""
    found = np.zeros((len(spots), 3), np.float32)
    if spots and values and spots[0].kind in FOLDED:
        for column, part in enumerate((slice(None), slice(None, EDGE), slice(-EDGE, None))):
            texts, known = [spot.key[part] for spot in spots], [value[part] for value in values]
            found[:, column] = process.cdist(texts, known, scorer=fuzz.ratio).max(axis=1) / 100
    return found
