"""Reconcile: close the ledger. What came in, where it stands and what went out must agree, and whoever does not is named."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from schemas.clock import now
from schemas.errors import StoreUnavailableError
from store.blobs import MODELS
from store.database import system
from store.ledger import (
    Balance,
    Problem,
    balances,
    content_problems,
    keep_reconciliation,
    row_problems,
    stored_originals,
)
from store.models import digest, models_seen
from store.tables import LearnedModel
from tasks.desk import Desk

ACTOR = system("ledger")
KEPT_PROBLEMS = 1000  # of one run in the books; the caller gets all
BLOB_GRACE = dt.timedelta(minutes=10)  # bytes are stored before their receipt is committed


@dataclass(frozen=True)
class Reconciled:
    """One run. `residual` is the sum of the absolute differences of all balances, and one for each row that is named."""

    residual: int
    grains: list[Balance]
    problems: list[Problem]

    def as_json(self, *, most: int | None = None) -> dict[str, Any]:
        """Plain data; at most so many problems."""
        return {
            "residual": self.residual,
            "grains": [{**asdict(balance), "difference": balance.difference} for balance in self.grains],
            "problems": [asdict(problem) for problem in self.problems[:most]],
        }


def reconcile(desk: Desk, *, deep: bool = True, blob_grace: dt.timedelta = BLOB_GRACE) -> Reconciled:
    """Compare all sources in one snapshot and keep the result; nothing is mended.

    `deep` computes every hash of events, payloads and file lists again, in a snapshot of its own: those rows never change.
    Bytes without a receipt count once they are older than `blob_grace`.
    """
    with desk.store.read(ACTOR) as session:
        grains = balances(session)
        problems = list(row_problems(session))
        originals = stored_originals(session)
    if deep:
        with desk.store.read(ACTOR) as session:
            problems += content_problems(session)
    problems += _blob_problems(desk, originals, blob_grace)
    result = Reconciled(sum(abs(b.difference) for b in grains) + len(problems), grains, problems)
    with desk.store.session(ACTOR) as session:
        keep_reconciliation(session, result.residual, result.as_json(most=KEPT_PROBLEMS))
    return result


def _blob_problems(desk: Desk, originals: dict[str, dict[str, str]], grace: dt.timedelta) -> Iterator[Problem]:
    """Every receipt's bytes are there, and no bytes without a receipt."""
    for client_id, receipts in originals.items():
        inventory = desk.blobs.inventory(client_id)
        for sha256 in sorted(receipts.keys() - inventory):
            yield Problem("receipt", receipts[sha256], "its bytes are gone")
        for sha256 in sorted(inventory - receipts.keys()):
            age = desk.blobs.age(client_id, sha256)
            if age is not None and age >= grace:
                yield Problem("blob", sha256, "bytes that no receipt knows")


def verify_blobs(desk: Desk, share: float = 1.0, *, round_number: int | None = None) -> list[Problem]:
    """Hash originals again. With a share of 1/n, n rounds one after the other see every original once; a day is a round.

    Returns the receipts whose bytes are gone or are not what arrived.
    """
    if share <= 0:
        return []
    rounds = max(1, round(1 / share))
    chosen = (now().toordinal() if round_number is None else round_number) % rounds
    with desk.store.read(ACTOR) as session:
        originals = stored_originals(session)
    return [
        problem
        for client_id, receipts in originals.items()
        for sha256, receipt_id in sorted(receipts.items())
        if _round_of(sha256, rounds) == chosen
        for problem in _bytes_problem(desk, client_id, sha256, receipt_id)
    ]


def verify_models(desk: Desk) -> list[Problem]:
    """Hash the files of every learned model again. Returns the models whose files are gone or are not what was learned."""
    with desk.store.read(ACTOR) as session:
        rows = models_seen(session)
    return [Problem("model", row.id, "its files are not what was learned") for row in rows if not _is_intact(desk, row)]


def _is_intact(desk: Desk, row: LearnedModel) -> bool:
    try:
        return digest(row.files) == row.sha256 and all(
            desk.blobs.intact(row.client_id, sha256, shelf=MODELS) for sha256 in row.files.values()
        )
    except StoreUnavailableError:
        return False


def _round_of(sha256: str, rounds: int) -> int:
    return int(hashlib.sha256(sha256.encode()).hexdigest()[:8], 16) % rounds


def _bytes_problem(desk: Desk, client_id: str, sha256: str, receipt_id: str) -> Iterator[Problem]:
    try:
        if not desk.blobs.intact(client_id, sha256):
            yield Problem("receipt", receipt_id, "its bytes are not what arrived")
    except StoreUnavailableError:
        yield Problem("receipt", receipt_id, "its bytes are gone")
