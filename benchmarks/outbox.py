"""The outbox as a client sees it: manifests first, then the files that they name, checked against their hashes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

IDS = ("document", "delivery", "supersedes", "receipt", "batch", "received_at", "ready_at")  # differ from run to run
Delivered = dict[tuple[str, str], list[str]]


class BadShipmentError(Exception):
    """A file is not what its manifest says; the text names both."""


def delivered(outbox: Path) -> Delivered:
    """(target, content hash of the document) -> its fields and tables as text, once for each time that it was delivered.

    Raises:
        BadShipmentError: a file is missing, or is not the one that the manifest announced.
    """
    found: Delivered = {}
    for path in sorted(outbox.glob("*/*/*/*.manifest.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        contents = {
            entry["name"]: _checked(path.with_name(entry["name"]), entry["sha256"]) for entry in manifest["files"]
        }
        hashes = {entry["document"]: entry["sha256"] for entry in manifest["documents"]}
        for document, text in _documents(contents).items():
            found.setdefault((manifest["target"], hashes[document]), []).append(text)
    return found


def difference(wanted: Delivered, got: Delivered) -> tuple[int, int]:
    """(lost, duplicated): entries that are missing or differ, and entries that came more often than wanted."""
    lost = sum((Counter(texts) - Counter(got.get(key, []))).total() for key, texts in wanted.items())
    extra = sum(max(0, len(texts) - len(wanted.get(key, []))) for key, texts in got.items())
    return lost, extra


def _checked(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise BadShipmentError(f"{path.name} is missing") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadShipmentError(f"{path.name} is not what its manifest says")
    return content


def _documents(contents: dict[str, bytes]) -> dict[str, str]:
    """Document id -> everything that the files of one shipment say of it, without what differs from run to run."""
    rows: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for name, content in contents.items():
        part = name.partition("-0")[2].lstrip("0123456789")  # the same part of every shipment has the same name
        for row in _rows(name, content.decode("utf-8-sig")):
            rows.setdefault(row["document"], []).append((part, row))
    return {
        document: json.dumps(
            [[part, {k: v for k, v in row.items() if k not in IDS}] for part, row in parts], sort_keys=True
        )
        for document, parts in rows.items()
    }


def _rows(name: str, text: str) -> list[dict[str, Any]]:
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    return list(csv.DictReader(io.StringIO(text)))
