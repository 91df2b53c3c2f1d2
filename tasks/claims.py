"""Claims: a client says that values are wrong. What was delivered stays until somebody has decided; our errors are put right.

Whoever worked on the document does not decide. What has not left yet is no claim: it goes back to a person with a note.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from schemas.document_type import DocumentType
from schemas.errors import FourEyesError, IllegalTransitionError, NotFoundError
from schemas.lifecycle import DocumentState
from schemas.narrowing import type_in_process
from schemas.normalisation import normalise
from schemas.reading import Box
from schemas.values import Address, Value, ValueState
from store.claims import add_claim, find_claim, history, instruction_then, set_verdict
from store.database import Scope, Session
from store.definitions import load_definition
from store.documents import load_extraction
from store.lists import document_with_number
from store.review import add_note
from store.samples import people_who_worked_on
from store.tables import Claim, Correction, Document, Instruction
from tasks.acknowledge import acknowledge
from tasks.audit.mending import put_right
from tasks.back_to_review import take_back
from tasks.desk import Desk

CLAIM_ACCEPTED = "CLAIM_ACCEPTED"
WITH_A_PERSON = (DocumentState.IN_REVIEW, DocumentState.AWAITING_CLIENT)


class Verdict(StrEnum):
    """Whose error it was. Only our errors change what was delivered, and what the day's accuracy was."""

    OUR_ERROR = "our_error"
    UNREADABLE = "unreadable"
    INSTRUCTION = "instruction"  # keyed as we were told
    MASTER_DATA = "master_data"  # the client's own data said so
    NOT_WRONG = "not_wrong"


class UnknownFieldError(NotFoundError):
    """The process has no such field."""


@dataclass(frozen=True)
class ClaimedValue:
    """What one value should be; empty text: it is not on the paper."""

    address: Address
    text: str


@dataclass(frozen=True)
class ClaimView:
    """All that is needed to decide a claim."""

    claim: Claim
    document: Document
    kind: DocumentType | None
    value: Value | None  # as it stands now, with its place on the page
    history: Sequence[Correction]
    instruction: Instruction | None


def raise_claims(
    desk: Desk, scope: Scope, document_id: str, values: Sequence[ClaimedValue], note: str
) -> DocumentState:
    """Put what a client says before somebody who decides. Returns the state that the document is in now.

    Raises:
        NotFoundError: no such document in scope. UnknownFieldError: no such field.
        IllegalTransitionError: it is still being read, on its way out at this moment, or has ended.
    """
    with desk.store.session(scope) as session:
        document = _document(session, document_id)
        _check_fields(session, document, values)
        if document.state == DocumentState.DELIVERED:
            _claim(session, document, values, note)
        elif document.state == DocumentState.READY:
            take_back(session, document, _as_note(values, note), by=scope.actor)
        elif document.state in WITH_A_PERSON:
            add_note(session, document, _as_note(values, note), by=scope.actor)
        else:
            raise IllegalTransitionError(f"{document.id} is {document.state}: nothing to correct yet, or any more")
        return DocumentState(document.state)


def raise_list(desk: Desk, scope: Scope, client: str, lines: Iterable[str]) -> list[str]:
    """Claims from a CSV list with the columns `document` (an id or a printed number), `field`, `value` and `note`.

    Returns what could not be claimed, line by line; the rest is raised.
    """
    refused = []
    for number, row in enumerate(csv.DictReader(lines), start=2):
        try:
            document_id = _document_id(desk, scope, client, row.get("document") or "")
            table, _, name = (row.get("field") or "").rpartition(".")
            value = ClaimedValue(Address(name, table, int(row.get("row") or 0)), row.get("value") or "")
            raise_claims(desk, scope, document_id, [value], row.get("note") or "")
        except (NotFoundError, IllegalTransitionError, ValueError) as error:
            refused.append(f"{number}: {error}")
    return refused


def load_claim(desk: Desk, scope: Scope, claim_id: str) -> ClaimView:
    """A claim with the value, its history and that day's instruction. Raises NotFoundError."""
    with desk.store.read(scope) as session:
        claim = find_claim(session, claim_id)
        document = session.get_one(Document, claim.document_id)
        definition = load_definition(session, document.definition_id)
        extraction = load_extraction(session, document.id, claim.version)
        return ClaimView(
            claim,
            document,
            type_in_process(definition.process, document.document_type or ""),
            extraction.get(claim.name, claim.table_name, claim.row) if extraction else None,
            history(session, claim),
            instruction_then(session, claim, document),
        )


def place_of(view: ClaimView) -> tuple[int, Box] | None:
    """Where the claimed value stands: page and box with some air around it."""
    if view.value is None or view.value.page is None or view.value.box is None:
        return None
    box = view.value.box
    return view.value.page, Box(
        max(0.0, box.x0 - 0.08), max(0.0, box.y0 - 0.03), min(1.0, box.x1 + 0.08), min(1.0, box.y1 + 0.03)
    )


def decide_claim(desk: Desk, scope: Scope, claim_id: str, verdict: Verdict, note: str) -> None:
    """Our error is put right at once, in a new version that supersedes what was delivered; anything else is answered.

    Raises:
        NotFoundError: no such claim. FourEyesError: this person worked on the document.
        IllegalTransitionError: it is decided already.
    """
    with desk.store.session(scope) as session:
        claim = find_claim(session, claim_id)
        if claim.verdict is not None:
            raise IllegalTransitionError(f"{claim_id} is decided already")
        if scope.actor in people_who_worked_on(session, claim.document_id):
            raise FourEyesError(f"{scope.actor} worked on {claim.document_id}")
        set_verdict(session, claim, verdict.value, note, by=scope.actor)
        document = session.get_one(Document, claim.document_id, with_for_update=True)
        if verdict is Verdict.OUR_ERROR:
            definition = load_definition(session, document.definition_id)
            kind = type_in_process(definition.process, document.document_type or "")
            truths = {Address(claim.name, claim.table_name, claim.row): _truth(claim, kind)}
            put_right(session, document, definition, truths, by=scope.actor, reason=CLAIM_ACCEPTED)
            claim.corrected_version = document.version
        receipt_id = document.receipt_id
    acknowledge(desk, receipt_id)


def _truth(claim: Claim, kind: DocumentType | None) -> tuple[str, ValueState]:
    if not claim.claimed.strip():
        return "", ValueState.ABSENT
    field = kind.definition(claim.name, claim.table_name) if kind else None
    return (normalise(claim.claimed, field.type) if field else None) or claim.claimed.strip(), ValueState.PRESENT


def _claim(session: Session, document: Document, values: Sequence[ClaimedValue], note: str) -> None:
    extraction = load_extraction(session, document.id, document.version)
    by = session.info["scope"].actor
    for each in values:
        delivered = extraction.get(each.address.name, each.address.table, each.address.row) if extraction else None
        add_claim(session, document, delivered, each.address, each.text, note, by=by)


def _document(session: Session, document_id: str) -> Document:
    document = session.get(Document, document_id, with_for_update=True)
    if document is None or document.client_id not in (session.info["scope"].client_ids or {document.client_id}):
        raise NotFoundError(document_id)
    return document


def _document_id(desk: Desk, scope: Scope, client: str, named: str) -> str:
    """An id as it is, or the document that has this printed number. Raises NotFoundError."""
    if named.startswith("doc_"):
        return named
    with desk.store.read(scope) as session:
        found = document_with_number(session, client, named)
    if found is None:
        raise NotFoundError(named)
    return found


def _check_fields(session: Session, document: Document, values: Sequence[ClaimedValue]) -> None:
    process = load_definition(session, document.definition_id).process
    kind = type_in_process(process, document.document_type or "")
    for each in values:
        if kind is None or kind.definition(each.address.name, each.address.table) is None:
            raise UnknownFieldError(each.address.name)


def _as_note(values: Sequence[ClaimedValue], note: str) -> str:
    lines = [note.strip()] if note.strip() else []
    for each in values:
        name, table, row = each.address
        lines.append(f"{f'{table}[{row}].{name}' if table else name}: {each.text or '–'}")
    return "\n".join(lines)
