"""Claims: clients say what is wrong with delivered values; somebody who did not work on them decides."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from schemas.document_type import FieldType
from schemas.errors import NotFoundError
from schemas.values import Address
from store.claims import claims_seen
from tasks.audit.looking import look_at, note_shown, unseen_of
from tasks.claims import ClaimedValue, ClaimView, Verdict, decide_claim, load_claim, place_of, raise_claims, raise_list
from tasks.desk import Desk
from tasks.previews import page_crop
from workbench.access import DeskHere, Requires
from workbench.pages import page, words_for
from workbench.permissions import Permission
from workbench.shown_values import shown
from workbench.visitor import Visitor
from workbench.words import Words

router = APIRouter()
Reader = Annotated[Visitor, Depends(Requires(Permission.CLAIM_VIEW))]
Claimant = Annotated[Visitor, Depends(Requires(Permission.CLAIM_RAISE))]
Judge = Annotated[Visitor, Depends(Requires(Permission.CLAIM_DECIDE))]
MOST_LIST_BYTES = 1_000_000


@router.get("/claims")
def list_page(request: Request, desk: DeskHere, visitor: Reader) -> Response:
    """The claims of the visitor's clients, open ones first."""
    return _list_page(request, desk, visitor, refused=[])


@router.post("/claims/list")
def raise_many(
    request: Request,
    desk: DeskHere,
    visitor: Claimant,
    client: Annotated[str, Form(max_length=100)],
    lines: Annotated[UploadFile, File()],
) -> Response:
    """Claims from a CSV list; what could not be taken is said, line by line."""
    text = io.TextIOWrapper(io.BytesIO(lines.file.read(MOST_LIST_BYTES)), encoding="utf-8-sig", errors="replace")
    refused = raise_list(desk, visitor.scope, client, text)
    return _list_page(request, desk, visitor, refused=refused)


@router.post("/documents/{document_id}/claims")
def raise_one(
    document_id: str,
    desk: DeskHere,
    visitor: Claimant,
    field: Annotated[str, Form(max_length=200)] = "",
    value: Annotated[str, Form(max_length=2000)] = "",
    note: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Claim one value of a document. Raises NotFoundError: no such document, or no such field."""
    claimed = ClaimedValue(Address(field), value)
    raise_claims(desk, visitor.scope, document_id, [claimed], note)
    return RedirectResponse(f"/documents/{document_id}", 303)


@router.get("/claims/{claim_id}")
def show(request: Request, claim_id: str, desk: DeskHere, visitor: Reader) -> Response:
    """A claim with the value's place on the page, its history and that day's instruction. Raises NotFoundError."""
    view, words = load_claim(desk, visitor.scope, claim_id), words_for(request)
    look_at(desk, visitor.scope, view.document.id)
    return page(
        request,
        "claim.html",
        view=view,
        title=_title(view, words),
        type=_type(view),
        shown=lambda text: shown(text, _type(view), words.language),
        has_place=place_of(view) is not None,
        verdicts=[verdict.value for verdict in Verdict],
    )


@router.get("/claims/{claim_id}/crop.jpg")
def crop(request: Request, claim_id: str, desk: DeskHere, visitor: Reader) -> Response:
    """Where the claimed value stands on its page. Raises NotFoundError."""
    view = load_claim(desk, visitor.scope, claim_id)
    look_at(desk, visitor.scope, view.document.id)
    place = place_of(view)
    if place is None:
        raise NotFoundError(claim_id)
    image = page_crop(desk, request.app.state.pool, visitor.scope, view.document.id, *place)
    return Response(image, media_type="image/jpeg")


@router.post("/claims/{claim_id}")
def decide(
    claim_id: str,
    desk: DeskHere,
    visitor: Judge,
    verdict: Annotated[Verdict, Form()],
    note: Annotated[str, Form()] = "",
) -> Response:
    """The verdict. Raises NotFoundError, FourEyesError, IllegalTransitionError."""
    decide_claim(desk, visitor.scope, claim_id, verdict, note[:2000])
    return RedirectResponse("/claims", 303)


def _list_page(request: Request, desk: Desk, visitor: Visitor, *, refused: Sequence[str]) -> Response:
    """Values are told as in the list of documents: to whom browsing does not bar from anything, or who has seen them."""
    with desk.store.read(visitor.scope) as session:
        rows = claims_seen(session)
    about = {document.id for _, document in rows}
    untold = frozenset[str]() if visitor.may(Permission.LIST_VALUES) else unseen_of(desk, visitor.scope, about)
    note_shown(desk, visitor.scope, about - untold)
    return page(request, "claims.html", rows=rows, untold=untold, refused=refused)


def _type(view: ClaimView) -> FieldType:
    definition = view.kind.definition(view.claim.name, view.claim.table_name) if view.kind else None
    return definition.type if definition else FieldType.TEXT


def _title(view: ClaimView, words: Words) -> str:
    definition = view.kind.definition(view.claim.name, view.claim.table_name) if view.kind else None
    name = definition.title.get(words.language, view.claim.name) if definition else view.claim.name
    return f"{name} {view.claim.row}" if view.claim.table_name else name
