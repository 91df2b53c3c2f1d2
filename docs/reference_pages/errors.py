"""The errors page, from the tree in `schemas.errors`."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from docs.reference_pages.markdown import table
from schemas import errors
from schemas.errors import CleardeskError

HEAD = """# Errors

Every error with its stable code, made from `schemas/errors.py` by `make docs`. The tree says whose problem it is:
indented errors are kinds of the one above. `D` is the document's problem, `T` the world's, `C` our set-up's, `L` a conflict
between two people or processes, `A` a matter of rights; `X000` is a fault of Cleardesk itself. A command ends with exit
code 2 for `C`, 1 for every other; the workbench shows code, remedy and the id of the request, never a trace.
"""


def errors_page() -> str:
    """Every class, indented under its base."""
    return f"{HEAD}\n{table(('Code', 'Error', 'What happened', 'What to do'), _rows(CleardeskError, 0))}"


def _rows(kind: type[CleardeskError], depth: int) -> Iterator[tuple[str, str, str, str]]:
    yield f"`{kind.code}`", f"{'&emsp;' * depth}`{kind.__name__}`", _summary(kind), kind.remedy
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _rows(child, depth + 1)


def _summary(kind: type[CleardeskError]) -> str:
    """The docstring's first sentence; `code` and `remedy` are said in their own columns."""
    first = (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")
    return first.partition(" `code` is stable")[0]
