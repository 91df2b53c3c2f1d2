"""What a person typed into the review form, read back as values, and kept as a draft that any reader's form can show again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field, TypeAdapter

from schemas.document_type import DocumentType
from schemas.reading import Box
from schemas.values import Address, Extraction, Value, ValueState
from workbench.shown_values import canonical, shown

Line = tuple[str, int]  # a table's name and a row's number


class TypedValue(BaseModel):
    """One value as the page sends it: typed text in the person's language; page and box where a candidate was picked.

    `was`: the number under which the machine read the row (0: a person's own); rows may have been put before it since.
    """

    name: str = Field(max_length=100)
    table: str = Field("", max_length=100)
    row: int = Field(0, ge=0, le=10_000)
    was: int | None = Field(None, ge=0, le=10_000)
    state: ValueState = ValueState.PRESENT
    text: str = Field("", max_length=10_000)
    page: int | None = None
    box: Box | None = None

    @property
    def address(self) -> Address:
        return Address(self.name, self.table, self.row)

    @property
    def read_at(self) -> Address:
        """Where the machine's reading has it."""
        return Address(self.name, self.table, self.row if self.was is None else self.was)


@dataclass(frozen=True)
class Read:
    """Typed values read back, and how each is shown now. What is no value of its type stays as typed: a rule names it."""

    values: list[Value]
    shown: dict[Address, str]


@dataclass(frozen=True)
class Restored:
    """A draft for a form: its values, and for each row of a table the number under which the machine read it (0: never)."""

    values: list[Value]
    lines: dict[Line, int]


def read_typed(typed: Iterable[TypedValue], before: Extraction, kind: DocumentType, language: str) -> Read:
    """Values as typed. What was not changed stays the machine's value, with its box and probability."""
    original = {value.address: value for value in before.values}
    read = Read([], {})
    for each in typed:
        definition = kind.definition(each.name, each.table)
        if definition is None:
            continue
        text = canonical(each.text, definition.type, language) if each.state is ValueState.PRESENT else ""
        if text is None:
            text = each.text.strip()
        else:
            read.shown[each.address] = shown(text, definition.type, language)
        read.values.append(_value(each, text, original.get(each.read_at)))
    return read


def as_draft(typed: Iterable[TypedValue], kind: DocumentType | None, language: str) -> list[dict[str, Any]]:
    """Typed values as they are kept: canonical where they can be read, so that a colleague of another language goes on."""
    return [_kept(each, kind, language).model_dump(mode="json") for each in typed]


def _kept(typed: TypedValue, kind: DocumentType | None, language: str) -> TypedValue:
    definition = kind.definition(typed.name, typed.table) if kind else None
    text = canonical(typed.text, definition.type, language) if definition else None
    return typed if text is None else typed.model_copy(update={"text": text})


_drafts = TypeAdapter(list[TypedValue])


def from_draft(kept: Sequence[object], before: Extraction, kind: DocumentType) -> Restored:
    """A kept draft as values for the form."""
    typed = [each for each in _drafts.validate_python(kept) if kind.definition(each.name, each.table)]
    original = {value.address: value for value in before.values}
    values = [_value(each, each.text, original.get(each.read_at)) for each in typed]
    return Restored(values, {(each.table, each.row): each.read_at.row for each in typed if each.table})


def _value(typed: TypedValue, text: str, original: Value | None) -> Value:
    if original is not None and (original.text, original.state) == (text, typed.state):
        return original.model_copy(update={"row": typed.row})
    return Value(
        name=typed.name,
        table=typed.table,
        row=typed.row,
        state=typed.state,
        text=text,
        raw=typed.text,
        page=typed.page,
        box=typed.box,
        source="person",
        probability=1.0,
    )


def carried_over(values: Iterable[Value], old: DocumentType | None, new: DocumentType) -> list[Value]:
    """The values that another document type has too: fields of the same name, and those that play the same role."""
    names = _same_roles(old, new) if old else {}
    renamed = [v if v.table else v.model_copy(update={"name": names.get(v.name, v.name)}) for v in values]
    return [value for value in renamed if new.definition(value.name, value.table)]


def _same_roles(old: DocumentType, new: DocumentType) -> dict[str, str]:
    ours, theirs = old.roles.model_dump(), new.roles.model_dump()
    return {name: theirs[role] for role, name in ours.items() if name and theirs[role]}
