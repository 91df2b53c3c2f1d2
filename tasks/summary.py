"""The summary of a desk: what came in and where it went, how right the data is, how long it took, that the ledger closes."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from schemas.calendar import Work, attainment
from schemas.clock import now
from schemas.document_type import document_types
from schemas.lifecycle import DocumentState, ReceiptState
from schemas.truth import judge_fields, load_truth
from store import summary as figures
from store.database import system
from store.standing import works
from tasks.desk import Desk
from tasks.reconcile import reconcile

ACTOR = system("flow:report")


def summarise(desk: Desk, *, corpus: Path | None = None) -> dict[str, Any]:
    """Figures over the whole desk; with a `corpus`, the machine's field accuracy against its truth, by kind of input."""
    residual = reconcile(desk).residual
    with desk.store.read(ACTOR) as session:
        receipts, documents = figures.receipt_counts(session), figures.document_counts(session)
        result: dict[str, Any] = {
            "receipts": sum(receipts.values()),
            "documents": sum(documents.values()),
            "pages": figures.page_count(session),
            "delivered_untouched": figures.delivered_untouched(session),
            "in_review": documents.get(DocumentState.IN_REVIEW, 0),
            "held": documents.get(DocumentState.HELD, 0)
            + receipts.get(ReceiptState.HELD, 0)
            + figures.waiting_for_batch(session),
            "quarantined": documents.get(DocumentState.QUARANTINED, 0) + receipts.get(ReceiptState.QUARANTINED, 0),
            "duplicates": figures.duplicates(session),
            "rejected": figures.reasons(session, "rejected"),
            "findings": figures.findings_by_rule(session),
            "field_accuracy": {},
            "seconds_per_page": figures.seconds_per_page(session),
            "ledger_residual": residual,
            "receipts_by_state": receipts,
            "documents_by_state": documents,
            "waiting": figures.still_in_intake(session),
            "sla": _sla(works(session)),
        }
    if corpus is not None:
        result["field_accuracy"] = field_accuracy(desk, corpus)
    return result


def _sla(done: list[Work]) -> dict[str, object]:
    """How many documents were in time, late, or still running in time, and the share of what is decided."""
    result = attainment(done, now())
    share = None if result.share is None else round(float(result.share), 4)
    return {"met": result.met, "missed": result.missed, "running": result.running, "attainment": share}


def field_accuracy(desk: Desk, corpus: Path) -> dict[str, float]:
    """Share of labelled fields that the machine read right, by kind of input; documents are matched by content."""
    truths = {(content_hash(corpus, truth.file), truth.first_page): truth for truth in load_truth(corpus)}
    right: dict[str, int] = defaultdict(int)
    judged: dict[str, int] = defaultdict(int)
    with desk.store.read(ACTOR) as session:
        for sha256, first_page, extraction in figures.machine_readings(session):
            truth = truths.get((sha256, first_page))
            if truth is None:
                continue
            kind = document_types().get(truth.document_type)
            for outcome in judge_fields(truth, extraction, kind):
                judged[truth.kind] += 1
                right[truth.kind] += outcome.right
    return {kind: round(right[kind] / judged[kind], 4) for kind in sorted(judged)}


def content_hash(corpus: Path, file: str) -> str:
    """Content hash of a labelled file, or of a member of an archive (in an archive) of a corpus that is trusted."""
    name, *members = file.split("!/")
    content = (corpus / name).read_bytes()
    for member in members:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = archive.read(member)
    return hashlib.sha256(content).hexdigest()


def write_report(desk: Desk, summary: dict[str, Any]) -> Path:
    """Keep the day's latest summary in `reports/`."""
    folder = desk.folder / "reports"
    folder.mkdir(exist_ok=True)
    path = folder / f"{now():%Y-%m-%d}.json"
    path.write_text(json.dumps(summary, indent=2, default=str) + "\n", encoding="utf-8")
    return path
