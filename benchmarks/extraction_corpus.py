"""The documents of one type in a corpus: names of fields as corpora label them, truths in canonical form, suppliers.

A supplier is what memory can know again. Where the type has a supplier's name, documents whose labels spell nearly the same name
have one supplier; else the form they are printed on stands for it: documents whose first pages share most of their words.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from rapidfuzz import fuzz

from benchmarks.corpus import Labelled, Setting, labelled
from benchmarks.metered_reading import Cost, read_corpus
from extraction.spans import MONTH_FIRST_COUNTRIES
from schemas.dates import DateOrder
from schemas.document_type import DocumentType, document_types
from schemas.learning import Example
from schemas.normalisation import fold, normalise
from schemas.reading import Reading

SAME_NAME = 90.0  # likeness of two labels that name one supplier
SAME_FORM = 0.3  # share of common words of two first pages that are one form
LINE_ITEMS = "line_items"
SEED = 7

_RECEIPT = {
    "company": "supplier_name",
    "date": "receipt_date",
    "address": "supplier_address",
    "total": "gross_total",
}
_AD_BUY = ("contract_num", "advertiser", "gross_amount", "flight_from", "flight_to")
_INVOICE = (
    "invoice_number",
    "invoice_date",
    "net_total",
    "tax_total",
    "gross_total",
    "currency",
    "supplier_name",
    "due_date",
    "iban",
    "order_number",
)
MEASURED: dict[str, dict[str, str]] = {
    "receipt": _RECEIPT,
    "ad_buy": {name: name for name in _AD_BUY},
    "invoice": {**{name: name for name in _INVOICE}, "vat_id": "supplier_vat_id", LINE_ITEMS: LINE_ITEMS},
}
"""Document type -> a corpus's name of a field -> ours. A corpus may also use our names."""

BESIDE = {"invoice": ("credit_note",)}
"""Kinds that come with a type's documents, and that corpora count among them; what plays the same part is the same field."""

SETTINGS = {
    "receipt": Setting(("receipt",), ("en", "de"), "MY"),
    "ad_buy": Setting(("ad_buy",), ("en",), "US"),
    "invoice": Setting(("invoice",), ("de", "en", "fr"), "DE"),
}


@dataclass(frozen=True)
class Document:
    """A labelled document and its reading; None where it could not be read."""

    truth: Labelled
    reading: Reading | None
    supplier: str

    def example(self, document_type: str) -> Example:
        """What is learned from it."""
        assert self.reading is not None
        rows = {name: rows for name, rows in self.truth.tables.items() if name == LINE_ITEMS}
        return Example(
            key=self.truth.key,
            document_type=document_type,
            reading=self.reading,
            fields=self.truth.fields,
            rows=rows,
            supplier=self.supplier,
        )


def load(
    corpus: Path,
    document_type: str,
    fields: Sequence[str],
    setting: Setting,
    *,
    profile: str,
    cache: Path,
    readers: int,
    kind: str = "",
) -> tuple[list[Document], Cost]:
    """The labelled documents of a type, read; suppliers are not told yet.

    `fields` are the corpus's names of those that count; `kind`: only documents that are labelled as of this kind.
    """
    names = {**MEASURED[document_type], **{ours: ours for ours in MEASURED[document_type].values()}}
    wanted = {ours for name, ours in names.items() if name in fields}
    truths = [
        _canonical(each, wanted, document_types()[document_type], setting)
        for each in labelled(corpus, names)
        if each.document_type in ("", document_type) and kind in ("", each.kind)
    ]
    truths = [each for each in truths if each.fields or each.tables]
    readings, cost = read_corpus(corpus, truths, setting, profile=profile, cache=cache, readers=readers)
    return [Document(truth, reading, "") for truth, reading in zip(truths, readings, strict=True)], cost


def with_suppliers(documents: Sequence[Document], document_type: str) -> list[Document]:
    """The same documents, each with its supplier; pass training and test documents at once."""
    name = document_types()[document_type].roles.supplier
    if name is not None:
        keys = [fold(each.truth.fields.get(name, "")) for each in documents]
        groups = _grouped(keys, lambda left, right: fuzz.ratio(left, right) >= SAME_NAME)
    else:
        groups = _grouped([_words(each.reading) for each in documents], _one_form)
    return [replace(each, supplier=_key(group)) for each, group in zip(documents, groups, strict=True)]


Thing = TypeVar("Thing")


def shuffled(things: Sequence[Thing]) -> list[Thing]:
    """In an order that is the same every time."""
    return random.Random(SEED).sample(things, len(things))


def _grouped(things: Sequence[Thing], same: Callable[[Thing, Thing], bool]) -> list[int]:
    """The group of each: that of the first group whose first member is the same thing, else a new one."""
    firsts: list[Thing] = []
    groups = []
    for thing in things:
        group = next((number for number, first in enumerate(firsts) if same(first, thing)), len(firsts))
        if group == len(firsts):
            firsts.append(thing)
        groups.append(group)
    return groups


def _key(group: int) -> str:
    """A name that is unlike the others': learning takes nearly the same names for one supplier."""
    return hashlib.sha256(str(group).encode()).hexdigest()[:16]


def _words(reading: Reading | None) -> frozenset[str]:
    """The words of a first page that hold no digits: a form's own words, and few others."""
    words: Iterable[str] = (fold(word.text) for page in (reading.pages[:1] if reading else ()) for word in page.words)
    return frozenset(word for word in words if word.isalpha())


def _one_form(left: frozenset[str], right: frozenset[str]) -> bool:
    return bool(left | right) and len(left & right) / len(left | right) >= SAME_FORM


def _canonical(document: Labelled, wanted: set[str], definition: DocumentType, setting: Setting) -> Labelled:
    """The wanted truths in canonical form; what cannot be parsed stays as it is."""
    order = DateOrder.MONTH_FIRST if setting.country in MONTH_FIRST_COUNTRIES else DateOrder.DAY_FIRST
    fields = {
        name: normalise(text, definition.fields[name].type, order=order) or " ".join(text.split())
        for name, text in document.fields.items()
        if name in wanted
    }
    tables = {name: rows for name, rows in document.tables.items() if name in wanted}
    return replace(document, fields=fields, tables=tables)
