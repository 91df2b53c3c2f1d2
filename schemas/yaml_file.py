"""Load a YAML file or text into a pydantic model; an error names the file, the line and the mend."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from schemas.errors import DefinitionError

Model = TypeVar("Model", bound=BaseModel)


def load_yaml(path: Path, model: type[Model]) -> Model:
    """Read and check one file.

    Raises:
        DefinitionError: not YAML, an unknown key, a wrong value; with the line.
    """
    return parse_yaml(path.read_text(encoding="utf-8"), model, file=str(path))


def parse_yaml(text: str, model: type[Model], *, file: str) -> Model:
    """Check YAML text against a model. Raises DefinitionError."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise DefinitionError(
            f"is not valid YAML: {getattr(error, 'problem', error)}", file=file, line=mark.line + 1 if mark else None
        ) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        location = [part for part in first["loc"] if not _is_union_tag(part, node)]
        raise DefinitionError(
            f"{'.'.join(map(str, location)) or 'file'}: {first['msg']}",
            file=file,
            line=_line_of(node, location),
            mend=_mend(first["type"], location, model),
        ) from error


def line_in(text: str, location: list[int | str]) -> int | None:
    """The 1-based line of valid YAML text where a path of keys and positions stands."""
    return _line_of(yaml.compose(text, Loader=yaml.SafeLoader), location)


def _is_union_tag(part: object, node: yaml.Node | None) -> bool:
    return isinstance(part, str) and part.startswith(("function-", "tagged-", "union["))


def _line_of(node: yaml.Node | None, location: list[int | str]) -> int | None:
    """The 1-based line where the path stands in the composed YAML tree; the nearest parent's where it is missing."""
    line = node.start_mark.line + 1 if node else None
    for part in location:
        found: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    found, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
            line = found.start_mark.line + 1 if found else line
        if found is None:
            break
        node = found
    return line


def _mend(kind: str, location: list[int | str], model: type[BaseModel]) -> str:
    """What to do about it, in one phrase."""
    if kind == "extra_forbidden" and location:
        known = _known_keys(model)
        close = difflib.get_close_matches(str(location[-1]), known, n=1)
        return f"did you mean `{close[0]}`?" if close else "this key is not implemented; take it out"
    if kind == "missing":
        return "add it"
    return "see docs/reference/definitions.md"


def _known_keys(model: type[BaseModel], seen: frozenset[type] = frozenset()) -> list[str]:
    """Every key that the model or a model inside it knows."""
    keys: list[str] = []
    for name, field in model.model_fields.items():
        keys.append(field.alias or name)
        for part in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel) and part not in seen:
                keys += _known_keys(part, seen | {model})
    return keys
