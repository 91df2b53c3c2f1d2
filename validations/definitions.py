"""Which rules hold for a process: the defaults, replaced and extended by its own. Wrong ones are refused beforehand."""

from __future__ import annotations

import difflib
from collections.abc import Hashable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import RootModel, ValidationError

from schemas.document_type import DocumentType
from schemas.errors import DefinitionError
from schemas.process import Process, RuleSetting
from schemas.yaml_file import line_in, load_yaml
from validations.facts import resolve
from validations.rule_book import Parameters, Rule
from validations.rules import RULES

DEFAULTS = Path(__file__).parent / "default_rules.yaml"
EVERY = "every"


class _Defaults(RootModel[dict[str, list[RuleSetting]]]):
    pass


@cache
def defaults() -> dict[str, list[RuleSetting]]:
    """The default rules by document type; those under `every` hold for all types."""
    return load_yaml(DEFAULTS, _Defaults).root


def default_rules(document_type: str) -> list[RuleSetting]:
    """The rules that hold for a document type where a process says nothing."""
    return defaults()[EVERY] + defaults().get(document_type, [])


def rules_for(document_type: str, process: Process) -> list[RuleSetting]:
    """The rules in force for one type of document in a process, defaults first.

    A process's rule replaces the default of the same name on the same fields; those that are not enabled are left out.
    """
    chosen: dict[Hashable, RuleSetting] = {}
    for setting in [*default_rules(document_type), *process.rules]:
        chosen[_place(setting)] = setting
    return [setting for setting in chosen.values() if setting.enabled]


def check_rules(process: Process, types: Mapping[str, DocumentType], *, file: str = "", text: str = "") -> None:
    """Refuse a process whose rules cannot be followed. `types` are all known document types, `text` the YAML of `file`.

    Raises:
        DefinitionError: an unknown rule, an unknown or wrong parameter, a field that none of the process's types has;
            it names the line when the text is given, and the mend.
    """
    used = [types[name] for name in process.document_types if name in types]
    for number, setting in enumerate(process.rules):
        problem = _problem(setting, used)
        if problem:
            message, mend = problem
            line = line_in(text, ["rules", number]) if text else None
            raise DefinitionError(f"rules.{number}: {message}", file=file, line=line, mend=mend)


def parameters_of(setting: RuleSetting) -> Parameters:
    """A checked setting's parameters, defaults filled in."""
    parameters: Parameters = RULES[setting.rule].parameters.model_validate(setting.parameters)
    return parameters


def _place(setting: RuleSetting) -> Hashable:
    """What a rule is about: its name and the fields that it names."""
    parameters = parameters_of(setting).model_dump(mode="json", include=set(RULES[setting.rule].field_parameters()))
    return setting.rule, repr(sorted(parameters.items()))


def _problem(setting: RuleSetting, used: list[DocumentType]) -> tuple[str, str] | None:
    """What is wrong with a setting and how to mend it; None where nothing is."""
    rule = RULES.get(setting.rule)
    if rule is None:
        return f"there is no rule `{setting.rule}`", _closest(setting.rule, RULES) or "see docs/reference/rules.md"
    try:
        parameters = parameters_of(setting)
    except ValidationError as error:
        return _wrong_parameter(rule, error)
    for field in _named_fields(rule, parameters):
        if used and not any(_has(document_type, field) for document_type in used):
            known = {name for document_type in used for name in _all_fields(document_type)}
            return f"{rule.name}: no document type of this process has a field `{field}`", _closest(field, known)
    return None


def _wrong_parameter(rule: Rule[Any], error: ValidationError) -> tuple[str, str]:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"])
    known = rule.parameters.model_fields
    if first["type"] == "extra_forbidden":
        mend = _closest(name, known) or f"it takes {', '.join(known) or 'no parameters'}"
        return f"{rule.name} has no parameter `{name}`", mend
    mend = "add it" if first["type"] == "missing" else "see docs/reference/rules.md"
    return f"{rule.name}: {f'{name}: ' if name else ''}{first['msg']}", mend


def _named_fields(rule: Rule[Any], parameters: Parameters) -> list[str]:
    """The fields that a process has named itself; defaults are silent where a type lacks them."""
    named: list[str] = []
    for name in rule.field_parameters():
        value = getattr(parameters, name)
        if name in parameters.model_fields_set:
            named += [value] if isinstance(value, str) else value
    return named


def _has(document_type: DocumentType, field: str) -> bool:
    table, _, column = field.rpartition(".")
    if table:
        return document_type.definition(column, table) is not None
    return resolve(document_type, field) is not None


def _all_fields(document_type: DocumentType) -> list[str]:
    columns = [f"{table}.{column}" for table, shape in document_type.tables.items() for column in shape.columns]
    return [*document_type.fields, *type(document_type.roles).model_fields, *columns]


def _closest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean `{close[0]}`?" if close else ""
