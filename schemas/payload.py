"""A payload: the data of one document as it leaves for the client, frozen when the document becomes ready.

Only values that are there are in `fields` and `tables`; what is absent or cannot be read is named instead. Texts are
normalised (see `schemas.values`): amounts `1234.50`, dates ISO.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from schemas.document_type import DocumentType
from schemas.values import Extraction, Value, ValueState


class Total(BaseModel):
    """The amount that a shipment's control totals add up: canonical text, and its currency where one was found."""

    model_config = ConfigDict(frozen=True)

    amount: str
    currency: str | None


class Payload(BaseModel):
    """One document x target. `delivery` never changes, whatever is tried again: whoever imports twice can drop the second."""

    model_config = ConfigDict(frozen=True)

    delivery: str
    supersedes: str | None  # the delivery that this one corrects
    client: str
    process: str
    definition: int  # the process definition's number
    document: str
    version: int
    document_type: str
    receipt: str
    batch: str | None
    file: str  # the name that the client gave it
    sha256: str  # of the bytes as they came
    pages: int
    received_at: dt.datetime
    ready_at: dt.datetime
    total: Total | None
    fields: dict[str, str]
    tables: dict[str, list[dict[str, str]]]  # rows in order, each with its number as `row`
    absent: list[str]  # `name`, or `table[row].name`
    unreadable: list[str]

    def canonical(self) -> str:
        """The bytes that are kept and hashed: JSON with sorted keys and no blanks."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    def values(self) -> list[Value]:
        """The delivered values, as an audit reads them."""
        header = [Value(name=name, text=text) for name, text in self.fields.items()]
        cells = [
            Value(name=name, table=table, row=int(row["row"]), text=text)
            for table, rows in self.tables.items()
            for row in rows
            for name, text in row.items()
            if name != "row"
        ]
        return header + cells


def delivered_values(extraction: Extraction, kind: DocumentType | None) -> list[Value]:
    """The values that the process delivers: those of its document type; all where the type is not one of ours."""
    if kind is None:
        return list(extraction.values)
    return [value for value in extraction.values if kind.definition(value.name, value.table) is not None]


def fields_of(values: Sequence[Value]) -> dict[str, str]:
    """Header fields that are there."""
    return {v.name: v.text for v in values if not v.table and v.state is ValueState.PRESENT}


def tables_of(values: Sequence[Value]) -> dict[str, list[dict[str, str]]]:
    """Tables that have any value; rows in order."""
    rows: dict[tuple[str, int], dict[str, str]] = {}
    for value in sorted((v for v in values if v.table), key=lambda v: (v.table, v.row)):
        if value.state is ValueState.PRESENT:
            rows.setdefault((value.table, value.row), {"row": str(value.row)})[value.name] = value.text
    tables: dict[str, list[dict[str, str]]] = {}
    for (table, _), row in rows.items():
        tables.setdefault(table, []).append(row)
    return tables


def names_in_state(values: Sequence[Value], state: ValueState) -> list[str]:
    """Which values are absent or unreadable, as `name` or `table[row].name`."""
    return sorted(f"{v.table}[{v.row}].{v.name}" if v.table else v.name for v in values if v.state is state)
