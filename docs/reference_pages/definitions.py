"""The definitions page, from the models in `schemas.process`."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from docs.reference_pages.markdown import table
from schemas.document_type import document_types
from schemas.process import Client, Process, Turnaround

HEAD = """# Definitions

Every key of a client's folder: `client.yaml`, and one file a process beside it; made from `schemas/process.py` by
`make docs`. A key that is not listed is refused with the file, the line and the mend; so is a wrong value. Import a folder
with `cleardesk client import FOLDER`: what changed becomes a new version, and every document keeps the version that it was
processed under.

Shares are written `99.5%` or `0.995`, durations `30m`, `4h` or `2d`, times of day `"12:00"` with the quotes.
"""


def definitions_page() -> str:
    """Client, process and the parts of a process, then the document types with their fields."""
    models: dict[str, type[BaseModel]] = {"client.yaml": Client, "A process": Process}
    models |= {f"`{key}`": part for key, part in _parts(Process)}
    sections = [_section(title, model) for title, model in models.items()]
    return "\n".join([HEAD, *sections, *_document_types()])


def _parts(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Models inside a model, with the keys that lead to them; those of lists and maps end with `[]`."""
    for name, field in model.model_fields.items():
        for part, suffix in _models_in(field.annotation):
            key = f"{path}{name}{suffix}"
            yield key, part
            yield from _parts(part, f"{key}.")


def _models_in(annotation: Any, suffix: str = "") -> Iterator[tuple[type[BaseModel], str]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation, suffix
        return
    inner = "[]" if getattr(annotation, "__origin__", None) in (list, dict) else suffix
    for argument in get_args(annotation):
        yield from _models_in(argument, inner)


def _section(title: str, model: type[BaseModel]) -> str:
    rows = [(f"`{name}`", written(field), _says(field)) for name, field in model.model_fields.items()]
    doc = (inspect.getdoc(model) or "").replace("\n", " ").replace("  ", " ")
    return f"## {title}\n\n{doc}\n\n{table(('Key', 'Default', 'What it says'), rows)}"


def _says(field: FieldInfo) -> str:
    """The description, and the words to choose from."""
    words = sorted({each for each in _literals(field.annotation) if field.get_default() != each})
    choices = [written(field), *(f"`{word}`" for word in words)]
    return f"{field.description or ''} One of {', '.join(choices)}." if words else field.description or ""


def _literals(annotation: Any) -> Iterator[str]:
    for argument in get_args(annotation):
        if isinstance(argument, str):
            yield argument
        else:
            yield from _literals(argument)


def written(field: FieldInfo) -> str:
    """A default as YAML writes it."""
    if field.is_required():
        return "must be given"
    default = field.get_default()
    if default is None or default in ({}, [], ""):
        return "none"
    if isinstance(default, BaseModel) or (isinstance(default, list) and isinstance(default[0], BaseModel)):
        return "see below"
    return f"`{_yaml(default)}`"


def _yaml(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Enum():
            return str(value.value)
        case Turnaround():
            return f"{value.business_days}d" if value.business_days else _yaml(value.open_time)
        case dt.timedelta():
            minutes = int(value.total_seconds()) // 60
            return f"{minutes // 60}h" if minutes and minutes % 60 == 0 else f"{minutes}m"
        case Decimal():
            return f"{(value * 100).normalize():f}%"
        case list():
            return f"[{', '.join(map(_yaml, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {_yaml(each)}' for key, each in value.items())}}}"
        case _:
            return str(value)


def _document_types() -> Iterator[str]:
    yield "## Document types\n"
    yield "Each is a YAML file in `schemas/document_types/`, with its printed labels in several languages.\n"
    for kind in document_types().values():
        yield f"### {kind.name}\n"
        tables = {f"{name}.{column}": field for name, t in kind.tables.items() for column, field in t.columns.items()}
        fields = {**kind.fields, **tables}
        rows = [
            (f"`{name}`", field.title.get("en", ""), field.type.value, _marks(field)) for name, field in fields.items()
        ]
        yield table(("Field", "Title", "Type", "Marks"), rows)


def _marks(field: Any) -> str:
    return ", ".join(mark for mark in ("required", "critical") if getattr(field, mark))
