"""Originals: saved by the browser, never shown by it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.responses import Response, StreamingResponse

from tasks.originals import open_original
from workbench.access import DeskHere, Requires
from workbench.permissions import Permission
from workbench.protection import CONTENT_SECURITY_POLICY
from workbench.visitor import Visitor

router = APIRouter(prefix="/documents")
Fetcher = Annotated[Visitor, Depends(Requires(Permission.ORIGINAL_DOWNLOAD))]
CHUNK = 256 * 1024


@router.get("/{document_id}/original")
def fetch(document_id: str, desk: DeskHere, visitor: Fetcher) -> Response:
    """The file as it came, to be saved. Raises NotFoundError."""
    original = open_original(desk, visitor.scope, document_id, quarantine=visitor.may(Permission.QUARANTINE_VIEW))
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(original.name, safe='')}",  # RFC 6266
        "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; sandbox",
    }
    chunks = iter(lambda: original.stream.read(CHUNK), b"")
    return StreamingResponse(chunks, media_type="application/octet-stream", headers=headers)
