"""Page images, made on the server; the original bytes never reach a browser."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from tasks.masking import mask_for
from tasks.previews import WIDTHS, page_image
from workbench.access import DeskHere, Requires
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/documents")
Viewer = Annotated[Visitor, Depends(Requires(Permission.DOCUMENT_VIEW))]


@router.get("/{document_id}/pages/{number}.jpg")
def show(
    request: Request, document_id: str, number: int, desk: DeskHere, visitor: Viewer, width: int = WIDTHS[0]
) -> Response:
    """One page, upright. Raises NotFoundError."""
    image = page_image(
        desk,
        request.app.state.pool,
        visitor.scope,
        document_id,
        number,
        width,
        quarantine=visitor.may(Permission.QUARANTINE_VIEW),
        hidden=mask_for(desk, visitor.scope, document_id).boxes.get(number, ()),
    )
    return Response(image, media_type="image/jpeg")
