"""What not everybody sees: originals, saved by the browser and never shown by it, and masked values, opened with a reason."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Form
from starlette.responses import RedirectResponse, Response, StreamingResponse

from tasks.audit.looking import refuse_while_blind
from tasks.masking import unmask
from tasks.originals import open_original
from workbench.access import DeskHere, Requires
from workbench.permissions import Permission
from workbench.protection import CONTENT_SECURITY_POLICY
from workbench.visitor import Visitor

router = APIRouter(prefix="/documents")
Unmasker = Annotated[Visitor, Depends(Requires(Permission.VALUE_UNMASK))]
Fetcher = Annotated[Visitor, Depends(Requires(Permission.ORIGINAL_DOWNLOAD))]
CHUNK = 256 * 1024


@router.get("/{document_id}/original")
def fetch(document_id: str, desk: DeskHere, visitor: Fetcher) -> Response:
    """The file as it came, to be saved. Raises NotFoundError, FourEyesError."""
    refuse_while_blind(desk, visitor.scope, document_id)
    original = open_original(desk, visitor.scope, document_id, quarantine=visitor.may(Permission.QUARANTINE_VIEW))
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(original.name, safe='')}",  # RFC 6266
        "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; sandbox",
    }
    chunks = iter(lambda: original.stream.read(CHUNK), b"")
    return StreamingResponse(chunks, media_type="application/octet-stream", headers=headers)


@router.post("/{document_id}/unmask")
def show_all(
    document_id: str, desk: DeskHere, visitor: Unmasker, reason: Annotated[str, Form(min_length=3, max_length=300)]
) -> Response:
    """Open the document's bank details to this person for a quarter of an hour. Raises NotFoundError."""
    unmask(desk, visitor.scope, document_id, reason)
    return RedirectResponse(f"/documents/{document_id}", 303)
