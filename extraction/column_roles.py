"""What the columns hold decides what they are: quantity x unit price = total, percentages, running numbers, text.

Headers mislead (`#` over quantities, `Amount` over pieces) or are missing; the arithmetic of the rows does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import permutations

from extraction.columns import UNNAMED, Column, place
from extraction.page_layout import Line, Token
from extraction.totals import RATES
from schemas.amounts import Convention
from schemas.document_type import FieldDefinition, FieldType
from schemas.normalisation import normalise

PRODUCT = ("quantity", "unit_price", "line_total")
LEAST_ROWS = 2  # whose products must be right before a column is renamed
FOUND_BY_PRODUCT, FOUND_BY_CONTENT = 0.97, 0.9
_MOST_NUMBERS = 8  # columns of numbers that are tried against one another
_ROUNDING = Decimal("0.011")
_CENTS = re.compile(r"[.,]\d\d\D*$")
_WITH_UNIT = re.compile(r"([+-]?\d[\d.,'\u2019]*)\s*(?:%|[^\d\s,.-]).{0,11}")  # `5 Stk`, `19 % VAT`


@dataclass(frozen=True, slots=True)
class Printed:
    """One cell as printed and, where it is a number, that number."""

    raw: str
    number: Decimal | None


Grid = Sequence[Mapping[int, Printed]]  # one mapping a line: column index -> cell


def grid_of(
    lines: Sequence[Line], columns: Sequence[Column], height: float, convention: Convention
) -> list[dict[int, Printed]]:
    """The lines that have cells in at least two columns; `height` is the page's line height in points."""
    rows = [
        {index: _printed(tokens, convention) for index, tokens in place(line, columns, height).items()}
        for line in lines
    ]
    return [row for row in rows if len(row) > 1]


def with_roles(columns: Sequence[Column], grid: Grid, definitions: Mapping[str, FieldDefinition]) -> list[Column]:
    """The columns, renamed where the rows prove another name, named by their content where no header did."""
    named = _by_product(list(columns), grid)
    named = _by_content(named, grid)
    return [replace(column, type=definitions[column.name].type if column.name else FieldType.TEXT) for column in named]


def is_product(quantity: Decimal, price: Decimal, total: Decimal, discount: Decimal = Decimal(0)) -> bool:
    """Whether quantity x price, less a discount in per cent, is the total, as far as rounded prices can tell."""
    slack = _ROUNDING + abs(quantity) * Decimal("0.00005")
    return abs(quantity * price * (100 - discount) / 100 - total) <= slack


def _by_product(columns: list[Column], grid: Grid) -> list[Column]:
    known = [next((i for i, column in enumerate(columns) if column.name == name), -1) for name in PRODUCT]
    right, wrong = _proof(known, grid, columns)
    if right and right >= wrong:
        return columns
    numeric = [i for i in range(len(columns)) if sum(1 for row in grid if _number(row, i) is not None) >= LEAST_ROWS]
    best, best_rank = None, (max(right, LEAST_ROWS - 1), 0)
    for triple in permutations(numeric[:_MOST_NUMBERS], 3):
        right, wrong = _proof(triple, grid, columns)
        kept = sum(1 for index, name in zip(triple, PRODUCT, strict=True) if columns[index].name == name)
        if right > wrong and right >= LEAST_ROWS and (right, kept) > best_rank and _in_order(triple, columns):
            best, best_rank = triple, (right, kept)
    return _renamed(columns, best) if best else columns


def _in_order(triple: Sequence[int], columns: Sequence[Column]) -> bool:
    """The total stands right of its factors; factors alone look alike, so a known name or the usual order decides."""
    quantity, price, total = triple
    factors_known = columns[quantity].name == "quantity" or columns[price].name == "unit_price"
    return total > max(quantity, price) and (factors_known or quantity < price)


def _renamed(columns: list[Column], triple: Sequence[int]) -> list[Column]:
    proven = dict(zip(triple, PRODUCT, strict=True))
    renamed = []
    for index, column in enumerate(columns):
        if index in proven:
            renamed.append(replace(column, name=proven[index], sure=max(FOUND_BY_PRODUCT, column.sure)))
        else:
            renamed.append(replace(column, name=UNNAMED) if column.name in PRODUCT else column)
    return renamed


def _proof(triple: Sequence[int], grid: Grid, columns: Sequence[Column]) -> tuple[int, int]:
    """Rows whose product is right, and those whose product is wrong; a quantity of 1 proves nothing alone."""
    discounts = [i for i, column in enumerate(columns) if column.name == "discount_percent"]
    right = wrong = telling = 0
    for row in grid:
        numbers = [_number(row, index) for index in triple]
        if any(each is None for each in numbers):
            continue
        quantity, price, total = (each for each in numbers if each is not None)
        discount = next((each for i in discounts if (each := _number(row, i)) is not None), Decimal(0))
        fits = is_product(quantity, price, total, discount)
        right, wrong = right + fits, wrong + (not fits)
        telling += fits and quantity != 1 and price != 1
    return (right, wrong) if telling or not right else (0, wrong)


def _by_content(columns: list[Column], grid: Grid) -> list[Column]:
    """Columns without a name: the last amounts, percentages that are tax rates, and the longest text."""
    taken = {column.name for column in columns}
    if "line_total" not in taken:
        last = max((i for i in range(len(columns)) if _are_amounts(grid, i)), default=-1)
        columns = _name_first(columns, [i == last for i in range(len(columns))], "line_total")
    if "tax_rate" not in taken:
        columns = _name_first(columns, [_is_rate(grid, i) for i in range(len(columns))], "tax_rate")
    if "description" not in taken:
        letters = [sum(sum(map(str.isalpha, row[i].raw)) for row in grid if i in row) for i in range(len(columns))]
        free = [count if not column.name else 0 for count, column in zip(letters, columns, strict=True)]
        most = max(free, default=0)
        columns = _name_first(columns, [bool(most) and each == most for each in free], "description")
    return columns


def _are_amounts(grid: Grid, index: int) -> bool:
    cells = [row[index] for row in grid if index in row]
    return len(cells) >= LEAST_ROWS and all(_CENTS.search(cell.raw) for cell in cells)


def _is_rate(grid: Grid, index: int) -> bool:
    cells = [row[index] for row in grid if index in row]
    return bool(cells) and all(c.number is not None and "%" in c.raw and c.number in RATES for c in cells)


def _name_first(columns: list[Column], fits: Sequence[bool], name: str) -> list[Column]:
    index = next((i for i, column in enumerate(columns) if not column.name and fits[i]), None)
    if index is None:
        return columns
    named = replace(columns[index], name=name, sure=FOUND_BY_CONTENT)
    return [*columns[:index], named, *columns[index + 1 :]]


def _printed(tokens: Sequence[Token], convention: Convention) -> Printed:
    raw = " ".join(token.text for token in tokens)
    leading = _WITH_UNIT.fullmatch(raw)
    number = normalise(leading[1] if leading else raw, FieldType.QUANTITY, convention=convention)
    return Printed(raw, Decimal(number) if number is not None else None)


def _number(row: Mapping[int, Printed], index: int) -> Decimal | None:
    cell = row.get(index)
    return cell.number if cell else None
