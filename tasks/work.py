"""Work: claimed documents are read, extracted, judged and routed; each ends its lease in one short transaction.

No reading happens inside a transaction. A lost lease throws the result away: somebody else has finished the document.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from reading.pool import ReaderPool
from schemas.errors import CleardeskError, DocumentError, LeaseLostError, ReaderCrashedError
from schemas.lifecycle import DocumentState, TaskKind
from schemas.reading import Reading, Source
from schemas.reasons import REASONS, Outcome
from schemas.values import Extraction
from store.certificates import Subject
from store.database import system
from store.definitions import Definition, load_definition
from store.documents import load_documents, save_pages, save_version
from store.queue import Lease, hold_document, renew, retry_document
from store.receipts import load_receipts
from store.tables import Document
from store.transitions import move_document, open_task
from tasks.accept import accept
from tasks.acknowledge import acknowledge
from tasks.audit.certifying import thresholds
from tasks.audit.decisions import draw_decisions
from tasks.audit.drawing import draw_for_certificates
from tasks.desk import Desk
from tasks.judge import judge
from tasks.read import Read, read_document
from tasks.route import route
from tasks.split import divide, split_doubts

log = logging.getLogger(__name__)

ACTOR = system("flow:process")
UNFORESEEN = "X000"


def work_on(desk: Desk, pool: ReaderPool, leases: Sequence[Lease]) -> int:
    """Finish the claimed documents one by one, while a heartbeat keeps their leases. Returns how many ended well."""
    done = 0
    with desk.store.read(ACTOR) as session:
        documents = load_documents(session, [lease.id for lease in leases])
        definitions = {d.definition_id: load_definition(session, d.definition_id) for d in documents.values()}
        receipts = {r.id: r for r in load_receipts(session, [d.receipt_id for d in documents.values()])}
        flags = {d.id: receipts[d.receipt_id].flags for d in documents.values()}
    with _heartbeat(desk, list(leases)) as finished:
        for lease in leases:
            document = documents[lease.id]
            done += _work_on_one(desk, pool, lease, document, definitions[document.definition_id], flags[lease.id])
            finished(lease)
    acknowledge(desk, *receipts)
    return done


def _work_on_one(
    desk: Desk, pool: ReaderPool, lease: Lease, document: Document, definition: Definition, flags: list[str]
) -> bool:
    started = time.monotonic()
    try:
        read = read_document(desk, pool, document, definition)
        _finish(desk, lease, definition, read, flags, seconds=time.monotonic() - started)
    except LeaseLostError:
        log.warning("lease lost, result dropped", extra={"document": lease.id, "epoch": lease.epoch})
        return False
    except DocumentError as error:
        return _stop(desk, lease, error.reason)
    except ReaderCrashedError as error:
        if document.attempts >= 2:  # a fresh child overran too: a person must look
            return _stop(desk, lease, error.reason)
        return _retry(desk, lease, error.code)
    except CleardeskError as error:
        return _retry(desk, lease, error.code)
    except Exception as error:  # the outer edge: a bug in one document must not stop the sweep
        log.exception("unforeseen", extra={"document": lease.id, "kind": type(error).__name__})
        return _retry(desk, lease, UNFORESEEN)
    return True


def _finish(
    desk: Desk, lease: Lease, definition: Definition, read: Read, flags: Sequence[str], *, seconds: float
) -> None:
    """Values, findings, pages, state and what follows from it: one transaction under the lease.

    The document's row is written once, at the end: nothing asked in between looks at it.
    """
    with desk.store.session(ACTOR) as session, session.no_autoflush:
        document = hold_document(session, lease)
        if read.parts:
            divide(session, document, read.parts)
        save_pages(session, document, read.pages)
        document.reading_seconds = round(seconds, 3)
        judgement = judge(session, document, read.extraction, definition)
        save_version(session, document, read.extraction, judgement.findings)
        decision = route(
            read.extraction,
            judgement.findings,
            [*looked_at(flags, read.reading), *split_doubts(document, definition.process)],
            definition.process,
            judgement.kind,
            scanned=any(page.source is Source.OCR for page in read.reading.pages),
            certified=thresholds(session, _machine(document, read.extraction)),
        )
        if judgement.kind is not None:
            draw_for_certificates(session, document, read.extraction, judgement.kind, definition.process.audit)
            draw_decisions(session, document, read.extraction, judgement.kind, definition.process.audit)
        if decision.accepted:
            accept(session, document, read.extraction, definition)
        else:
            reason, extractor = decision.reasons[0].partition(":")[0], read.extraction.extractor
            move_document(session, document, DocumentState.IN_REVIEW, reason=reason, extractor=extractor)
            open_task(
                session,
                document,
                TaskKind.EXCEPTION,
                decision.queue,
                due_at=document.due_at,
                reasons=decision.reasons,
            )


def _machine(document: Document, extraction: Extraction) -> Subject:
    """What read and extracted the document, under which definition: what certificates are about."""
    return Subject(
        document.client_id,
        document.process,
        extraction.document_type,
        extraction.extractor,
        document.reader or "",
        document.definition_id,
    )


def looked_at(flags: Sequence[str], reading: Reading) -> list[str]:
    """Reason codes of the file and its pages that want a person's look; a blank page does where there is no other."""
    pages = [page for page in reading.pages if page.source is not Source.NONE] or reading.pages
    codes = [*flags, *reading.flags, *(note for page in pages for note in page.notes)]
    return [c for c in dict.fromkeys(codes) if c in REASONS and REASONS[c].outcome is Outcome.IN_REVIEW]


def _stop(desk: Desk, lease: Lease, reason: str) -> bool:
    """The document itself is the problem: it gets the outcome that the reason table says."""
    outcome = REASONS[reason].outcome
    with desk.store.session(ACTOR) as session:
        document = hold_document(session, lease)
        state = DocumentState.IN_REVIEW if outcome is Outcome.NOTED else DocumentState(outcome.value)
        move_document(session, document, state, reason=reason)
        if state is DocumentState.IN_REVIEW:
            queue = load_definition(session, document.definition_id).process.review.queues["default"]
            open_task(session, document, TaskKind.EXCEPTION, queue, due_at=document.due_at, reasons=[reason])
    return True


def _retry(desk: Desk, lease: Lease, code: str) -> bool:
    settings = desk.settings
    try:
        with desk.store.session(ACTOR) as session:
            retry_document(
                session,
                hold_document(session, lease),
                code,
                delay=dt.timedelta(seconds=settings.retry_seconds),
                max_attempts=settings.max_attempts,
            )
    except CleardeskError as error:
        log.warning("not given back; the lease will expire", extra={"document": lease.id, "code": error.code})
    return False


@contextmanager
def _heartbeat(desk: Desk, leases: list[Lease]) -> Iterator[Callable[[Lease], object]]:
    """Renew the leases that are not finished, every quarter of their time, until the block ends."""
    stop, open_leases = threading.Event(), {lease.id: lease for lease in leases}

    def beat() -> None:
        while not stop.wait(desk.settings.lease_seconds / 4):
            try:
                with desk.store.session(ACTOR) as session:
                    renew(session, list(open_leases.values()), lease=desk.settings.lease)
            except CleardeskError as error:
                log.warning("heartbeat missed", extra={"code": error.code})

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield lambda lease: open_leases.pop(lease.id, None)
    finally:
        stop.set()
        thread.join()
