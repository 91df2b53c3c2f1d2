"""The rule book: every named rule with its parameters and severity. Modules under `validations.rules` write into it.

A rule is a pure function of the facts and its parameters; it yields one breach for each way in which it is broken::

    @rule(NotBefore, severity=Severity.WARNING)
    def not_before(facts: Facts, parameters: NotBefore) -> Iterator[Breach]:
        \"""A date is not before another date.\"""
        ...

The first line of its docstring says what must be true, and stands in the reference.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar, get_args

from pydantic import BaseModel, ConfigDict

from schemas.values import Address, Finding, Severity
from validations.facts import Facts, FieldName


class Parameters(BaseModel):
    """What a process definition may set on a rule; unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Breach(NamedTuple):
    """One way in which a document breaks a rule: the fields it shows on, and canonical texts for the message.

    The parameter `case` chooses the message where a rule can be broken in more than one way.
    """

    fields: list[Address]
    parameters: dict[str, str]


P = TypeVar("P", bound=Parameters)
Check = Callable[[Facts, P], Iterable[Breach]]


@dataclass(frozen=True)
class Rule(Generic[P]):
    """One entry of the rule book."""

    name: str
    summary: str
    parameters: type[P]
    severity: Severity
    check: Check[P]

    def findings(self, facts: Facts, parameters: P, severity: Severity) -> list[Finding]:
        """Every breach as a finding of this rule."""
        return [
            Finding(rule=self.name, severity=severity, fields=breach.fields, parameters=breach.parameters)
            for breach in self.check(facts, parameters)
        ]

    def field_parameters(self) -> list[str]:
        """The names of the parameters that name fields."""
        return [
            name
            for name, field in self.parameters.model_fields.items()
            if field.annotation is FieldName or FieldName in get_args(field.annotation)
        ]


RULES: dict[str, Rule[Any]] = {}


def rule(parameters: type[P], *, severity: Severity) -> Callable[[Check[P]], Check[P]]:
    """Enter a function into the rule book under its own name; `severity` holds where a process sets none."""

    def enter(check: Check[P]) -> Check[P]:
        name = check.__name__
        summary = inspect.getdoc(check) or ""
        RULES[name] = Rule(name, summary.partition("\n")[0], parameters, severity, check)
        return check

    return enter


def breach(fields: Iterable[Address | None], /, **parameters: object) -> Breach:
    """A breach with its parameters as canonical text; fields that the document type does not have are left out."""
    return Breach([f for f in fields if f], {name: canonical(value) for name, value in parameters.items()})


def canonical(value: object) -> str:
    """Text as `schemas.values` writes it: amounts without exponents, dates in ISO."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)
