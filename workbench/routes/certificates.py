"""Certificates: what may leave without a person, on which proof, and what is to be looked at again when one is revoked."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse, Response

from schemas.document_type import document_types
from tasks.audit.certificate_view import CertificateView, list_certificates, load_certificate, send_to_review
from tasks.audit.curves import risk_plot
from tasks.audit.decisions import decision_figures
from validations.audit.monitoring import BAR
from workbench.access import DeskHere, Requires
from workbench.pages import page
from workbench.permissions import Permission
from workbench.visitor import Visitor

router = APIRouter(prefix="/certificates")
Viewer = Annotated[Visitor, Depends(Requires(Permission.AUDIT_VIEW))]
Actor = Annotated[Visitor, Depends(Requires(Permission.CERTIFICATE_ACT))]
TABLE_ROWS = 12


@router.get("")
def list_page(request: Request, desk: DeskHere, visitor: Viewer, ended: Annotated[bool, Query()] = False) -> Response:
    """Those that stand; with `ended` those of the past too."""
    lines = list_certificates(desk, visitor.scope, ended=ended)
    decisions = decision_figures(desk, visitor.scope)
    return page(request, "certificates.html", lines=lines, ended=ended, decisions=decisions, types=document_types())


@router.get("/{certificate_id}")
def show(
    request: Request,
    certificate_id: str,
    desk: DeskHere,
    visitor: Viewer,
    sent: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
) -> Response:
    """One certificate with its proof; `sent`: how many documents were just sent to review. Raises NotFoundError."""
    view = load_certificate(desk, visitor.scope, certificate_id)
    every = max(1, len(view.curve) // TABLE_ROWS)
    return page(
        request,
        "certificate.html",
        view=view,
        points=view.curve[::-every][::-1],
        bar=int(BAR),
        types=document_types(),
        sent=sent,
    )


@router.get("/{certificate_id}/curve.svg")
def draw(certificate_id: str, desk: DeskHere, visitor: Viewer) -> Response:
    """Risk against automation. Raises NotFoundError, also where nothing was audited."""
    view = load_certificate(desk, visitor.scope, certificate_id)
    return Response(
        risk_plot(view.curve, view.line.certificate.target, _chosen(view), visitor.language), media_type="image/svg+xml"
    )


@router.post("/{certificate_id}/rework")
def rework(certificate_id: str, desk: DeskHere, visitor: Actor) -> Response:
    """Send what left on a revoked certificate to review. Raises NotFoundError, IllegalTransitionError."""
    sent = send_to_review(desk, visitor.scope, certificate_id)
    return RedirectResponse(f"/certificates/{certificate_id}?sent={sent}", 303)


def _chosen(view: CertificateView) -> tuple[float, float] | None:
    row = view.line.certificate
    return (row.coverage, row.bound) if row.coverage is not None and row.bound is not None else None
