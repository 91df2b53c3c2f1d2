"""Sampling by attributes after ISO 2859-1 and ANSI/ASQ Z1.4: code letters, single plans, what a lot's count means.

An acceptable quality level is no promise: a plan lets much worse lots pass now and then (`plans.quality_accepted`). Contracts
are kept with two-point plans and certificates; this mode is for clients whose own rules name the standard.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from schemas.errors import DefinitionError
from validations.audit import iso2859_tables as tables
from validations.audit.plans import Plan


class Severity(StrEnum):
    """How strictly lots are inspected; `stopped`: no lot is accepted until the cause is mended."""

    NORMAL = "normal"
    TIGHTENED = "tightened"
    REDUCED = "reduced"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Outcome:
    """What one inspected lot means for the next ones.

    `points`: what it adds to the switching score, 0 where it resets it; `between`: accepted, but with more wrong items than
    reduced inspection allows for.
    """

    accepted: bool
    points: int = 0
    between: bool = False


def code_letter(lot_size: int, level: str = "II") -> str:
    """The code letter of a lot at an inspection level: general I to III, special S-1 to S-4.

    A lot of one item has the letter of the smallest lots. Raises DefinitionError for an unknown level or an empty lot.
    """
    if level not in tables.LEVELS or lot_size < 1:
        raise DefinitionError(f"no code letter at level {level!r}", mend=f"one of {', '.join(tables.LEVELS)}")
    for row in tables.CODE_LETTERS.split("\n")[1:-1]:
        largest, *letters = row.split()
        if largest == "-" or lot_size <= int(largest):
            break
    return letters[tables.LEVELS.index(level)]


def single_plan(letter: str, aql: float, severity: Severity, lot_size: int | None = None) -> Plan:
    """The single sampling plan of a cell, arrows followed.

    `aql` in percent of items wrong, one of the standard's steps up to 10. With a `lot_size` the sample is never larger than
    the lot: then every item is checked. Raises DefinitionError for a letter, step or severity that has no plan.
    """
    if severity is Severity.STOPPED:
        raise DefinitionError("inspection is stopped: no plan until the cause is mended")
    rows, column = _rows(severity), _column(aql)
    if letter not in rows:
        raise DefinitionError(f"there is no code letter {letter!r}", mend="a letter from A to R without I and O")
    order = list(rows)
    at = order.index(letter)
    while rows[order[at]][1][column] in ("v", "^"):
        at += 1 if rows[order[at]][1][column] == "v" else -1
    size, cells = rows[order[at]]
    accept, _, reject = cells[column].partition("/")
    sample = size if lot_size is None else min(size, lot_size)
    return Plan(sample, int(accept), int(reject or int(accept) + 1), lot_size)


def judge(letter: str, aql: float, severity: Severity, wrong: int) -> Outcome:
    """What a lot with so many wrong items in its sample means, the switching score of ISO 2859-1, 9.3.3.2 included.

    Under normal inspection a lot earns 2 points when it is accepted by a plan with acceptance number 0 or 1, and 3 points when
    it would also have been accepted one step of quality tighter.
    """
    plan = single_plan(letter, aql, severity)
    accepted = plan.accepts(wrong)
    if severity is Severity.REDUCED:
        return Outcome(accepted, between=accepted and wrong > plan.accept)
    if severity is not Severity.NORMAL or not accepted:
        return Outcome(accepted)
    if plan.accept < 2:
        return Outcome(accepted, points=2)
    tighter = single_plan(letter, tables.AQLS[_column(aql) - 1], severity)
    return Outcome(accepted, points=3 if tighter.accepts(wrong) else 0)


def _column(aql: float) -> int:
    if aql not in tables.AQLS:
        raise DefinitionError(
            f"{aql} is no acceptable quality level", mend=f"one of {', '.join(map(str, tables.AQLS))}"
        )
    return tables.AQLS.index(aql)


@cache
def _rows(severity: Severity) -> dict[str, tuple[int, list[str]]]:
    """Code letter -> sample size and cells, in the order of the standard."""
    text = {Severity.NORMAL: tables.NORMAL, Severity.TIGHTENED: tables.TIGHTENED, Severity.REDUCED: tables.REDUCED}
    rows = (line.split() for line in text[severity].strip().split("\n"))
    return {letter: (int(size), cells) for letter, size, *cells in rows}
