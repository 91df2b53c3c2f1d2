"""What is printed on the demo's documents, as its made-up people read it; the labels of the sample corpus say so."""

from __future__ import annotations

import json
from pathlib import Path

from schemas.document_type import DocumentType, FieldType
from schemas.normalisation import normalise, same_value
from schemas.scorecard import Answer, Place
from schemas.truth import Truth, load_truth
from schemas.values import Address, Extraction, Value, ValueState
from store.tables import Document
from tasks.audit.keying import Asked, Keyed
from tasks.summary import content_hash


class Truths:
    """The labels of a corpus by content; a document without any is read as the machine read it."""

    def __init__(self, corpus: Path) -> None:
        labels = load_truth(corpus) if (corpus / "labels.jsonl").exists() else []
        self._labels = {(content_hash(corpus, each.file), each.first_page): each for each in labels}
        self._scorecards = _scorecards(corpus)

    def of(self, document: Document) -> Truth | None:
        """The label of a document."""
        kept = [number for number, dropped in document.file_pages or [] if dropped is None]
        return self._labels.get((document.sha256, min(kept, default=1)))

    def corrected(self, document: Document, extraction: Extraction, kind: DocumentType) -> list[Value]:
        """The values of a document, put right where they differ from what is printed."""
        truth = self.of(document)
        if truth is None:
            return extraction.values
        printed = {Address(name): label for name, label in truth.fields.items()}
        for table, rows in (("line_items", truth.line_items), ("taxes", truth.taxes)):
            printed |= {Address(n, table, at): text for at, row in enumerate(rows, start=1) for n, text in row.items()}
        tables = {address.table: address.row for address in printed}  # and the last row of each
        kept = [v for v in extraction.values if v.address not in printed and v.row <= tables.get(v.table, v.row)]
        return kept + [_read(extraction.get(*at), at, text, _type(kind, at)) for at, text in printed.items()]

    def key(self, document: Document, asked: Asked, extraction: Extraction) -> Keyed:
        """What a careful person keys for a value that was drawn."""
        truth, known = self.of(document), extraction.get(asked.name, asked.table, asked.row)
        if asked.name.startswith("#"):
            return Keyed(_decided(asked.name[1:], extraction))
        label = truth.fields.get(asked.name) if truth and not asked.table else None
        if label is not None and asked.definition is not None:
            return Keyed(_read(known, Address(asked.name), label, asked.definition.type).text)
        return Keyed(known.text, known.state) if known else Keyed("", ValueState.ABSENT)

    def scorecard(self, document: Document) -> dict[str, Answer]:
        """How a contact's scorecard has to be answered."""
        return self._scorecards.get(document.sha256, {})


def _scorecards(corpus: Path) -> dict[str, dict[str, Answer]]:
    path = corpus / "scorecards.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    return {content_hash(corpus, line["file"]): {k: _answer(v) for k, v in line["answers"].items()} for line in lines}


def _answer(said: dict[str, str | int]) -> Answer:
    place = Place(line=int(said["line"])) if "line" in said else None
    return Answer(answer=str(said["answer"]), place=place)


def _type(kind: DocumentType, at: Address) -> FieldType:
    field = kind.definition(at.name, at.table)
    return field.type if field else FieldType.TEXT


def _read(known: Value | None, at: Address, label: str, kind: FieldType) -> Value:
    """The machine's value where it says what is printed, a person's otherwise."""
    if known is not None and known.state is ValueState.PRESENT and same_value(known.text, label, kind):
        return known
    text = normalise(label, kind) or label
    return Value(name=at.name, table=at.table, row=at.row, text=text, source="person", probability=1.0)


def _decided(what: str, extraction: Extraction) -> str:
    """Answers to what is no value: the type, whether a rejection is right, how many lines a table has."""
    if what == "type":
        return extraction.document_type
    if what == "reject":
        return "yes"
    return str(len({value.row for value in extraction.values if value.table == what}))
