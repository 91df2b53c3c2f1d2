"""Explanations for programs: why a value of a document is what it is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from schemas.errors import AccessDeniedError
from tasks.audit.looking import look_at
from tasks.explain import address_of, explain_value
from tasks.masking import mask_for
from workbench.access import DeskHere, Requires
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/api/v1/documents")
Viewer = Annotated[Visitor, Depends(Requires(Permission.DOCUMENT_VIEW))]
SOMEBODY = "Cleardesk"  # whoever may not see names sees the house


@router.get("/{document_id}/fields/{field}/explanation")
def show(document_id: str, field: str, desk: DeskHere, visitor: Viewer) -> dict[str, Any]:
    """Candidates, features, memory, findings and changes of one value. Raises NotFoundError, AccessDeniedError, FourEyesError."""
    address = address_of(field)
    look_at(desk, visitor.scope, document_id)
    if mask_for(desk, visitor.scope, document_id).hides(address.name, address.table):
        raise AccessDeniedError("masked")
    told = explain_value(desk, visitor.scope, document_id, field, quarantine=visitor.may(Permission.QUARANTINE_VIEW))
    shown = told.model_dump(mode="json")
    if not visitor.may(Permission.STAFF_NAMES):
        for change in shown["changes"]:
            change["by"] = SOMEBODY
    return shown
