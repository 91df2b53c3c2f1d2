"""What must be true of dates. Days are calendar days in the client's time zone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from pydantic import Field

from schemas.values import Severity
from validations.facts import Facts, FieldName
from validations.rule_book import Breach, Parameters, breach, rule

DATE = FieldName("date")
DUE = FieldName("due_date")


class NotBefore(Parameters):
    """`field` may be the same day as `other` or later."""

    field: FieldName = DUE
    other: FieldName = DATE


@rule(NotBefore, severity=Severity.ERROR)
def not_before(facts: Facts, parameters: NotBefore) -> Iterator[Breach]:
    """A date is not before another date."""
    day, other = facts.day(parameters.field), facts.day(parameters.other)
    if day and other and day < other:
        fields = [facts.address(parameters.field), facts.address(parameters.other)]
        yield breach(fields, **_pair(facts, parameters.field, parameters.other), day=day, other_day=other)


class DueDatePlausible(Parameters):
    """`field` is at most `days` calendar days after `other`."""

    field: FieldName = DUE
    other: FieldName = DATE
    days: int = Field(default=180, ge=0)


@rule(DueDatePlausible, severity=Severity.WARNING)
def due_date_plausible(facts: Facts, parameters: DueDatePlausible) -> Iterator[Breach]:
    """The due date is not unusually long after the document's date."""
    day, other = facts.day(parameters.field), facts.day(parameters.other)
    if day and other and (day - other).days > parameters.days:
        fields = [facts.address(parameters.field), facts.address(parameters.other)]
        named = _pair(facts, parameters.field, parameters.other)
        yield breach(fields, **named, day=day, other_day=other, days=(day - other).days, most=parameters.days)


class NotInFuture(Parameters):
    """`field` is at most `days` after today."""

    field: FieldName = DATE
    days: int = Field(default=0, ge=0)


@rule(NotInFuture, severity=Severity.ERROR)
def not_in_future(facts: Facts, parameters: NotInFuture) -> Iterator[Breach]:
    """A date is not in the future."""
    day = facts.day(parameters.field)
    if day and day > facts.today + dt.timedelta(days=parameters.days):
        yield breach(
            [facts.address(parameters.field)], field=facts.resolve(parameters.field), day=day, today=facts.today
        )


class NotOlderThan(Parameters):
    """`field` is at most `days` before today."""

    field: FieldName = DATE
    days: int = Field(default=365, ge=0)


@rule(NotOlderThan, severity=Severity.WARNING)
def not_older_than(facts: Facts, parameters: NotOlderThan) -> Iterator[Breach]:
    """A date is not too long ago."""
    day = facts.day(parameters.field)
    if day and (facts.today - day).days > parameters.days:
        yield breach(
            [facts.address(parameters.field)],
            field=facts.resolve(parameters.field),
            day=day,
            days=(facts.today - day).days,
            most=parameters.days,
        )


def _pair(facts: Facts, field: FieldName, other: FieldName) -> dict[str, object]:
    return {"field": facts.resolve(field), "other": facts.resolve(other)}
