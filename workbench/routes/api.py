"""The JSON API, version 1: a client's machine sends files, asks what became of them, fetches the data and objects to it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from schemas.errors import NotFoundError, NotReadyError
from schemas.lifecycle import DocumentState
from schemas.payload import Payload
from schemas.roles import TokenAction
from schemas.values import Address
from store.database import Session
from store.receipts import receipt_documents
from store.results import document_page, find_receipt, newest_payload
from store.story import find_document
from store.tables import Document
from tasks.claims import ClaimedValue, raise_claims
from tasks.desk import Desk
from tasks.tokens import Machine
from tasks.upload import Uploaded, upload
from workbench.access import DeskHere
from workbench.api_access import RequiresAction, check_process, refuse_to_keyer, told
from workbench.api_shapes import (
    ApiProblem,
    CorrectionAnswer,
    CorrectionRequest,
    DocumentList,
    DocumentStatus,
    ReceiptStatus,
    document_status,
    receipt_status,
)

REFUSALS = (400, 401, 403, 404, 409, 413, 422, 429, 503)
PROBLEM = {"model": ApiProblem, "content": {"application/problem+json": {}}}
router = APIRouter(prefix="/api/v1", responses=dict.fromkeys(REFUSALS, PROBLEM))

Uploader = Annotated[Machine, Depends(RequiresAction(TokenAction.UPLOAD))]
Asker = Annotated[Machine, Depends(RequiresAction(TokenAction.STATUS))]
Fetcher = Annotated[Machine, Depends(RequiresAction(TokenAction.RESULTS))]
Objector = Annotated[Machine, Depends(RequiresAction(TokenAction.CORRECTIONS))]
ReceiptId = Annotated[str, Path(pattern=r"^rcp_[0-9a-f]{32}$")]
DocumentId = Annotated[str, Path(pattern=r"^doc_[0-9a-f]{32}$")]
KEY = r"^[\x21-\x7e]{1,200}$"
PROCESS = r"^[a-z0-9][a-z0-9_-]{0,99}$"
BATCH = r"^[A-Za-z0-9 ._-]{0,100}$"
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file", "process"],
                    "properties": {
                        "file": {"type": "string", "format": "binary", "description": "At most 100 MiB."},
                        "process": {"type": "string", "pattern": PROCESS},
                        "batch": {
                            "type": "string",
                            "pattern": BATCH,
                            "description": "Files of one name wait for each other where a control sheet announces them.",
                        },
                    },
                }
            }
        },
    }
}


@router.post("/receipts", status_code=201, openapi_extra=FORM, responses={200: {"model": ReceiptStatus}})
async def send_file(
    request: Request,
    response: Response,
    desk: DeskHere,
    machine: Uploader,
    key: Annotated[str | None, Header(alias="Idempotency-Key", pattern=KEY)] = None,
) -> ReceiptStatus:
    """Send a file; it is ours when the answer comes. With the same `Idempotency-Key` again, the first receipt is answered."""
    async with request.form(max_files=1, max_fields=3) as form:
        file, process, batch = form.get("file"), form.get("process"), form.get("batch", "")
        if not isinstance(file, UploadFile) or not isinstance(process, str) or not isinstance(batch, str):
            raise RequestValidationError([])
        if not re.fullmatch(PROCESS, process) or not re.fullmatch(BATCH, batch):
            raise RequestValidationError([])
        check_process(machine, process)
        done: Uploaded = await run_in_threadpool(
            upload,
            desk,
            machine.scope,
            machine.client_id,
            process,
            file.filename or "",
            file.file,
            key=key or "",
            batch=batch.strip(),
        )
    response.status_code = 200 if done.again else 201
    return await run_in_threadpool(_receipt, desk, machine, done.receipt_id)


@router.get("/receipts/{receipt_id}")
def receipt(receipt_id: ReceiptId, desk: DeskHere, machine: Asker) -> ReceiptStatus:
    """What became of a file."""
    return _receipt(desk, machine, receipt_id)


def _receipt(desk: Desk, machine: Machine, receipt_id: str) -> ReceiptStatus:
    with desk.store.read(machine.scope) as session:
        found = find_receipt(session, receipt_id)
        if found is None or not machine.reaches(found.process):
            raise NotFoundError(receipt_id)
        status = receipt_status(found, receipt_documents(session, [receipt_id]).get(receipt_id, []))
    return status.model_copy(update={"documents": told(desk, machine, status.documents)})


@router.get("/documents")
def documents(
    desk: DeskHere,
    machine: Asker,
    process: Annotated[str | None, Query(max_length=100)] = None,
    state: DocumentState | None = None,
    before: Annotated[str | None, Query(pattern=r"^doc_[0-9a-f]{32}$")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DocumentList:
    """The client's documents, newest first, in pages."""
    if process is not None:
        check_process(machine, process)
    wanted = [process] if process is not None else sorted(machine.processes)
    with desk.store.read(machine.scope) as session:
        rows = document_page(session, processes=wanted, state=state or "", before=before, limit=limit + 1)
    following = rows[limit - 1].id if len(rows) > limit else None
    return DocumentList(documents=told(desk, machine, [document_status(row) for row in rows[:limit]]), next=following)


@router.get("/documents/{document_id}")
def document(document_id: DocumentId, desk: DeskHere, machine: Asker) -> DocumentStatus:
    """Where one document is."""
    with desk.store.read(machine.scope) as session:
        found = document_status(_document(session, machine, document_id))
    return told(desk, machine, [found])[0]


def _document(session: Session, machine: Machine, document_id: str) -> Document:
    found = find_document(session, document_id)
    if found is None or not machine.reaches(found.process):
        raise NotFoundError(document_id)
    return found


@router.get("/documents/{document_id}/result")
def result(
    document_id: DocumentId,
    desk: DeskHere,
    machine: Fetcher,
    version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Payload:
    """The data as it was frozen when the document became ready; the newest version, or a named one. 409 before that."""
    with desk.store.read(machine.scope) as session:
        _document(session, machine, document_id)
        payload = newest_payload(session, document_id, version)
    refuse_to_keyer(desk, machine, document_id)
    if payload is None and version is not None:
        raise NotFoundError(f"version {version}")
    if payload is None:
        raise NotReadyError(document_id)
    return Payload.model_validate_json(payload)


@router.post("/documents/{document_id}/corrections", status_code=202)
def correct(document_id: DocumentId, body: CorrectionRequest, desk: DeskHere, machine: Objector) -> CorrectionAnswer:
    """Say what is wrong. A person decides; until then what was delivered stands. 409 while the document is being read."""
    with desk.store.read(machine.scope) as session:
        _document(session, machine, document_id)
    values = [ClaimedValue(Address(each.name, each.table, each.row), each.text) for each in body.values]
    state = raise_claims(desk, machine.scope, document_id, values, body.note)
    return CorrectionAnswer(document=document_id, state=state)
