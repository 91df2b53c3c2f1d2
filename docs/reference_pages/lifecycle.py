"""The lifecycle page, from the tables in `schemas.lifecycle`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from docs.reference_pages.markdown import code, table
from schemas import lifecycle
from schemas.lifecycle import (
    TERMINAL,
    DeliveryState,
    DocumentState,
    ModelState,
    ReceiptState,
    ShipmentState,
    TaskKind,
    TaskState,
)

HEAD = """# Lifecycle

Which state may follow which, made from `schemas/lifecycle.py` by `make docs`. Nothing else decides: one function for each
table changes a state, in `store/transitions.py`, and writes the event in the same transaction.

```
received --> in_work --> ready --> delivered            a correction makes a new version: in_work again
               |  ^        |           |
               v  |        v           v
          in_review      held
               |  ^
               v  |
        awaiting_client
```
"""


def lifecycle_page() -> str:
    """Documents, receipts, deliveries, shipments and models with their transitions; review tasks with their kinds."""
    parts = [
        HEAD,
        _life("Documents", DocumentState, lifecycle.TRANSITIONS),
        f"A document has ended when it is {', '.join(code(s) for s in DocumentState if s in TERMINAL)}.\n",
        _life("Receipts", ReceiptState, lifecycle.RECEIPT_TRANSITIONS),
        _life("Deliveries", DeliveryState, lifecycle.DELIVERY_TRANSITIONS),
        _life("Shipments", ShipmentState, lifecycle.SHIPMENT_TRANSITIONS),
        _life("Models", ModelState, lifecycle.MODEL_TRANSITIONS),
        "## Review tasks\n",
        f"Kinds: {', '.join(code(kind) for kind in TaskKind)}. States: {', '.join(code(s) for s in TaskState)}.\n",
    ]
    return "\n".join(parts)


def _life(title: str, states: type[StrEnum], transitions: Mapping[Any, Iterable[StrEnum]]) -> str:
    meanings = _meanings(states)
    rows = [(code(state), meanings[state], _followers(states, transitions[state])) for state in states]
    doc = inspect.getdoc(states)
    return f"## {title}\n\n{doc}\n\n{table(('State', 'Meaning', 'May be followed by'), rows)}"


def _followers(states: type[StrEnum], allowed: Iterable[StrEnum]) -> str:
    """In the order of the life, not of the alphabet."""
    return ", ".join(code(state) for state in states if state in allowed) or "nothing: this is an end"


def _meanings(states: type[StrEnum]) -> dict[str, str]:
    """What the comment beside each state says."""
    lines = inspect.getsource(states).splitlines()
    found = (re.fullmatch(r'\s+\w+ = "(\w+)"(?:\s+# (.+))?', line) for line in lines)
    return {match[1]: match[2] or "" for match in found if match}
