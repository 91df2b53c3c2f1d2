"""How far the work on a desk is, for a progress bar."""

from __future__ import annotations

from dataclasses import dataclass

from store import summary
from store.database import system
from tasks.desk import Desk


@dataclass(frozen=True)
class Standing:
    """Receipts and documents in all, and how many of them wait for nothing that a machine could do."""

    done: int
    total: int


def standing(desk: Desk) -> Standing:
    """Count now."""
    with desk.store.read(system("progress")) as session:
        total = sum(summary.receipt_counts(session).values()) + sum(summary.document_counts(session).values())
        return Standing(total - summary.still_in_intake(session), total)
