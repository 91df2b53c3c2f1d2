"""Documents: the search with its list, its export and its saved lines; and each document's story, read-only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from starlette.responses import RedirectResponse, Response

from schemas.document_type import FieldType, document_types
from schemas.errors import NotFoundError
from schemas.lifecycle import DocumentState
from schemas.narrowing import type_in_process
from schemas.search_query import WITH_US, filter_names, parse_search
from schemas.values import Address
from store.definitions import load_definition
from store.document_list import DocumentRow, list_documents
from store.events import record
from store.filters import drop_filter, filters_of, save_filter
from store.lists import clients_seen
from store.story import Story
from store.tables import Correction
from store.users import DESK
from tasks.audit.looking import look_at, note_shown, unseen_of
from tasks.desk import Desk
from tasks.formats.comma_separated import comma_separated
from tasks.formats.sheets import Sheet
from tasks.look_alike import story_for, with_look_alikes
from tasks.masking import mask_for, masked_story
from tasks.reprocess import REPROCESSABLE
from workbench.access import DeskHere, Requires
from workbench.pages import page, words_for
from workbench.permissions import Permission
from workbench.review_form import Form as ReviewForm
from workbench.review_form import build_form
from workbench.reviewing import reviewers
from workbench.story_steps import StoryTeller
from workbench.visitor import Visitor

router = APIRouter()
Viewer = Annotated[Visitor, Depends(Requires(Permission.DOCUMENT_VIEW))]
PAGE = 50
MOST_EXPORTED = 10_000
EXPORTED = dict.fromkeys((
    "id", "client_id", "process", "name", "number", "document_type", "state", "reason", "supplier",
    "gross_total", "currency", "received_at", "due_at",
), FieldType.TEXT)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """What was typed and chosen; `line` is all of it as one search line."""

    q: str
    client: str
    state: str

    @property
    def line(self) -> str:
        """The line that finds the same, to be kept or shared."""
        chosen = (("client", self.client), ("state", self.state))
        return " ".join([*([self.q] if self.q else []), *(f"{key}:{value}" for key, value in chosen if value)])


def wanted_of(
    client: Annotated[str, Query(max_length=100, pattern=r"^[\w-]*$")] = "",
    state: Annotated[str, Query(max_length=30, pattern="^[a-z_]*$")] = "",
    q: Annotated[str, Query(max_length=300)] = "",
) -> Wanted:
    """What the address asks for."""
    return Wanted(q.strip(), client, state)


Asked = Annotated[Wanted, Depends(wanted_of)]


@router.get("/documents")
def list_page(
    request: Request,
    desk: DeskHere,
    visitor: Viewer,
    wanted: Asked,
    before: Annotated[str | None, Query(max_length=40)] = None,
) -> Response:
    """Newest first. With HTMX only the rows are sent."""
    query = parse_search(wanted.line)
    with desk.store.read(visitor.scope) as session:
        found = list_documents(session, query, before=before, limit=PAGE)
        listing = replace(found, rows=with_look_alikes(session, found.rows, query, first=before is None))
        clients = clients_seen(session)
        kept = filters_of(session, visitor.user_id)
    rows = as_listed(desk, visitor, listing.rows, asked=query.by_values)
    template = "_document_rows.html" if request.headers.get("hx-request") else "documents.html"
    return page(
        request,
        template,
        listing=replace(listing, rows=rows),
        left_out=rows != listing.rows,
        wanted=wanted,
        problems=query.problems,
        clients=clients,
        kept=kept,
        keys=list(filter_names()),
        states=[each.value for each in DocumentState],
        types={name: kind.title for name, kind in document_types().items()},
        first=before is None,
    )


@router.get("/documents.csv")
def export(desk: DeskHere, visitor: Viewer, wanted: Asked) -> Response:
    """The list that a search finds, at most 10,000 lines; no cell can act as a formula. The trail says who took how many."""
    with desk.store.session(visitor.scope) as session:
        query = parse_search(wanted.line)
        found = list_documents(session, query, limit=MOST_EXPORTED)
        rows = with_look_alikes(session, found.rows, query, first=True)
        record(session, DESK, "documents.exported", visitor.user_id, count=len(rows))
    listed = as_listed(desk, visitor, rows, asked=query.by_values)
    sheet = Sheet("documents", EXPORTED, [_exported(row) for row in listed])
    headers = {"Content-Disposition": 'attachment; filename="documents.csv"'}
    return Response(comma_separated(sheet, for_people=True), media_type="text/csv; charset=utf-8", headers=headers)


def as_listed(desk: Desk, visitor: Visitor, rows: Sequence[DocumentRow], *, asked: bool = True) -> list[DocumentRow]:
    """The rows as the visitor sees them; what is told counts as seen.

    `asked`: the visitor asked for values. Where they did not, and may not see values by browsing, each row tells only those
    of documents that they have looked at before: browsing bars nobody from keying blind.
    """
    telling = [row.id for row in rows if row.tells_values]
    if asked or visitor.may(Permission.LIST_VALUES):
        note_shown(desk, visitor.scope, telling)
        return list(rows)
    unseen = unseen_of(desk, visitor.scope, telling)
    return [row.without_values() if row.id in unseen else row for row in rows]


def _exported(row: DocumentRow) -> dict[str, str]:
    values = {name: getattr(row, name) for name in EXPORTED}
    times = {name: values[name].isoformat(timespec="seconds") for name in ("received_at", "due_at")}
    return {name: str(value) for name, value in {**values, **times}.items() if value is not None}


@router.post("/documents/filters")
def keep_filter(
    desk: DeskHere,
    visitor: Viewer,
    name: Annotated[str, Form(min_length=1, max_length=60)],
    q: Annotated[str, Form(max_length=400)] = "",
) -> Response:
    """Keep a search line under a name. Raises ConflictError."""
    with desk.store.session(visitor.scope) as session:
        save_filter(session, visitor.user_id, name.strip(), q.strip())
    return RedirectResponse("/documents?" + urlencode({"q": q.strip()}), 303)


@router.post("/documents/filters/drop")
def forget_filter(desk: DeskHere, visitor: Viewer, filter_id: Annotated[str, Form(max_length=40)]) -> Response:
    """Forget one of one's own search lines."""
    with desk.store.session(visitor.scope) as session:
        drop_filter(session, visitor.user_id, filter_id)
    return RedirectResponse("/documents", 303)


@router.get("/documents/{document_id}")
def story_page(request: Request, document_id: str, desk: DeskHere, visitor: Viewer) -> Response:
    """From the receipt to the delivery: steps, values with their changes, findings. Raises NotFoundError."""
    words = words_for(request)
    look_at(desk, visitor.scope, document_id)
    with desk.store.read(visitor.scope) as session:
        story = story_for(session, document_id)
        if story is None:
            raise NotFoundError(document_id)
        definition = load_definition(session, story.document.definition_id)
        leads = visitor.may(Permission.TASK_CHOOSE)
        people = reviewers(session, visitor) if leads and story.open_task else []
    mask = mask_for(desk, visitor.scope, document_id)
    story = masked_story(story, mask)
    kind = type_in_process(definition.process, story.document.document_type or "")
    form = ReviewForm("", [], [], [])
    if story.extraction is not None:
        form = build_form(story.extraction, story.findings, kind, definition.process, words)
    return page(
        request,
        "document.html",
        story=story,
        steps=list(StoryTeller(story, kind, visitor, words).steps()),
        history=_history(story),
        masked=bool(mask.names),
        side=_side(story.document.state),
        people=people,
        reprocessable=leads and story.document.state in REPROCESSABLE and story.document.delivered_at is None,
        form=form,
        kind=kind,
        definition=definition,
        runs_at=desk.settings.prefect_url.rstrip("/") if visitor.may(Permission.DESK_VIEW) else "",
    )


def _history(story: Story) -> Mapping[Address, list[Correction]]:
    """What people changed, by where it stands, oldest first."""
    changes: defaultdict[Address, list[Correction]] = defaultdict(list)
    for each in story.corrections:
        changes[Address(each.name, each.table_name, each.row)].append(each)
    return changes


def _side(state: str) -> str:
    """On which side of the books a document stands."""
    if state == DocumentState.AWAITING_CLIENT:
        return "client"
    return "us" if state in WITH_US else "out" if state == DocumentState.DELIVERED else "ended"
