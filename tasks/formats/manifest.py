"""The manifest: what a shipment holds, written last. Whoever sees it may take the files that it names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from schemas.payload import Payload
from store.shipments import ShippedFile
from store.tables import ChainHead, Shipment

SUFFIX = ".manifest.json"


def manifest(
    shipment: Shipment, definition: int, payloads: Sequence[Payload], files: Sequence[ShippedFile], head: ChainHead
) -> bytes:
    """JSON: number, files with their hashes, documents, counts, control totals, and where the client's audit trail stands."""
    content = {
        "shipment": shipment.id,
        "number": shipment.number,
        "client": shipment.client_id,
        "process": shipment.process,
        "definition": definition,
        "target": shipment.target,
        "created_at": shipment.created_at.isoformat(timespec="seconds"),
        "files": [{"name": f.name, "sha256": f.sha256, "size": f.size, "rows": f.rows} for f in files],
        "count": len(payloads),
        "pages": sum(payload.pages for payload in payloads),
        "totals": control_totals(payloads),
        "documents": [_document(payload) for payload in payloads],
        "ledger": {"seq": head.seq, "hash": head.hash},
    }
    return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()


def control_totals(payloads: Sequence[Payload]) -> dict[str, str]:
    """Sum of the documents' totals per currency; "" is for totals without a currency."""
    totals: dict[str, Decimal] = {}
    for total in (payload.total for payload in payloads if payload.total):
        currency = total.currency or ""
        totals[currency] = totals.get(currency, Decimal(0)) + Decimal(total.amount)
    return {currency: f"{totals[currency]:f}" for currency in sorted(totals)}


def _document(payload: Payload) -> dict[str, Any]:
    return payload.model_dump(
        include={"delivery", "document", "version", "supersedes", "document_type", "receipt", "file", "sha256", "pages"}
    )
