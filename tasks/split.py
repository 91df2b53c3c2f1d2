"""Split: a file that holds several documents, such as a batch scan, becomes several documents of one receipt.

It happens when the file is first worked on: in the transaction that finishes its first document, the others are created, to
be claimed like any other. Killed before that commit, nothing has happened; after it, all of them are there.
"""

from __future__ import annotations

from collections.abc import Sequence

from extraction.learning.first_pages import FirstPageModel
from extraction.splitting import PagePlace, Part, split_pages
from schemas.ids import new_id
from schemas.lifecycle import DocumentState
from schemas.process import Process
from schemas.reading import Reading
from store.database import Session
from store.events import record
from store.tables import Document
from store.transitions import create_document

DOUBTFUL = "DOUBTFUL_SPLIT"


def parts_of(reading: Reading, process: Process, model: FirstPageModel | None = None) -> list[Part]:
    """The documents of a file, as its process wants it split; empty where each file is one document."""
    split = process.intake.split
    if split is None:
        return []
    return split_pages(reading, separators=split.separators, first_pages=split.first_pages, model=model)


def own_pages(document: Document) -> list[PagePlace] | None:
    """The document's pages in its file; None where it is the whole file, as it lies."""
    if document.file_pages is None:
        return None
    return [PagePlace(*place) for place in document.file_pages]


def to_be_split(document: Document) -> bool:
    """A file is split once, before anything is known of it; later work on the document keeps its pages."""
    return document.file_pages is None and document.version == 0


def divide(session: Session, document: Document, parts: Sequence[Part]) -> list[Document]:
    """The document becomes the first part, and the others are created beside it; returns those."""
    first, *others = parts
    give_pages(document, first)
    siblings = [create_document(session, _sibling(document, part)) for part in others]
    record(
        session,
        document.client_id,
        "document.split",
        document.id,
        documents=[document.id, *(sibling.id for sibling in siblings)],
        pages=[[page.number for page in part.pages] for part in parts],
        probabilities=[part.probability for part in parts],
    )
    return siblings


def give_pages(document: Document, part: Part) -> None:
    """These pages of its file are the document."""
    document.file_pages = [[*page] if page.rotation is not None else [*page[:2]] for page in part.pages]
    document.page_count = len(part.pages)
    document.split_probability = part.probability


def split_doubts(document: Document, process: Process) -> list[str]:
    """The reason to show the document to a person, where it is not sure that its pages are one whole document."""
    probability = document.split_probability
    doubtful = probability is not None and probability < float(process.review.accept_above)
    return [DOUBTFUL] if doubtful else []


def _sibling(document: Document, part: Part) -> Document:
    """Another document of the same receipt: it waits from the same moment, and is due at the same time."""
    sibling = Document(
        id=new_id("doc"),
        client_id=document.client_id,
        process=document.process,
        definition_id=document.definition_id,
        receipt_id=document.receipt_id,
        batch_id=document.batch_id,
        name=document.name,
        sha256=document.sha256,
        media_type=document.media_type,
        state=DocumentState.RECEIVED,
        urgent=document.urgent,
        touched=document.touched,
        received_at=document.received_at,
        due_at=document.due_at,
        duplicate_of=document.duplicate_of,
        split_from=document.id,
    )
    give_pages(sibling, part)
    return sibling
