"""The receipt file that the client finds beside the inbox: what arrived, what became of it, and what to do next."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from schemas.reasons import REASONS
from store.blobs import fsync_folder
from store.database import system
from store.definitions import load_definition
from store.receipts import load_receipts, receipt_documents
from store.tables import Document, Receipt
from tasks.desk import Desk

ACTOR = system("receipts")


def acknowledge(desk: Desk, *receipt_ids: str) -> list[Path]:
    """Write or renew receipts' files as things stand now. Members of archives stand in their container's folder too."""
    contents: dict[Path, dict[str, Any]] = {}
    with desk.store.read(ACTOR) as session:
        documents = receipt_documents(session, receipt_ids)
        for receipt in load_receipts(session, receipt_ids):
            language = load_definition(session, receipt.definition_id).client.language
            contents[_path(desk, receipt)] = _content(receipt, documents.get(receipt.id, []), language)
    for path, content in contents.items():
        _write(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")
    for folder in {path.parent for path in contents}:
        fsync_folder(folder)
    return list(contents)


def _path(desk: Desk, receipt: Receipt) -> Path:
    return desk.receipts(receipt.client_id, receipt.process) / f"{safe_name(receipt.name)}.{receipt.id[-8:]}.json"


def _content(receipt: Receipt, documents: list[Document], language: str) -> dict[str, Any]:
    return {
        "receipt": receipt.id,
        "file": receipt.name,
        "size": receipt.size,
        "sha256": receipt.sha256,
        "received_at": receipt.received_at.isoformat(timespec="seconds"),
        "batch": receipt.batch_id,
        "part_of": receipt.parent_id,
        "state": receipt.state,
        "reason": receipt.reason,
        "message": reason_text(receipt.reason, language),
        "same_bytes_as": receipt.duplicate_of,
        "documents": [
            {
                "document": document.id,
                "state": document.state,
                "reason": document.reason,
                "message": reason_text(document.reason, language),
                "due_at": document.due_at.isoformat(timespec="minutes"),
            }
            for document in documents
        ],
    }


def reason_text(code: str | None, language: str) -> str | None:
    """What the sender is told for a reason code; None where there is nothing to tell."""
    reason = REASONS.get(code or "")
    return (reason.text.get(language) or reason.text["en"]) if reason else None


def safe_name(name: str) -> str:
    """A file name without separators and control characters, at most 120 characters."""
    return "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name)[:120]


def _write(path: Path, text: str) -> None:
    """Temp name, fsync, rename: a client never sees half a receipt. The folder is the caller's to sync."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temp = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    with temp.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temp.rename(path)
