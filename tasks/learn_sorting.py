"""Learn to sort: people's decisions teach what kind a document is and where one begins; nightly, in seconds, for each process.

A model of kinds speaks only where it was better than the rules on documents that it had not seen, and the weights of first
pages stay near the hand-set ones until enough files say otherwise: neither needs a champion.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from itertools import groupby

from extraction.classify import OTHER
from extraction.learning.first_pages import SplitExample, learn_first_pages
from extraction.learning.types import learn_types
from extraction.splitting import SEPARATOR
from schemas.learning import Example
from schemas.lifecycle import DocumentState
from schemas.normalisation import fold
from schemas.reading import PageReading, Reading
from store.database import system
from store.definitions import Definition, current_definitions, load_definition
from store.sorting import newest_sorting, settled_splits, sorted_by_people
from store.tables import Document
from tasks.desk import Desk
from tasks.read import known_reading
from tasks.sorting import Sorting, store_sorting, use_sorting
from tasks.split import own_pages

log = logging.getLogger(__name__)

ACTOR = system("flow:learn")
MOST_DOCUMENTS = 1000  # the newest


def learn_sorting(desk: Desk, *, client: str | None = None, process: str | None = None) -> int:
    """Learn for every process that has new documents to learn from; returns for how many."""
    with desk.store.read(ACTOR) as session:
        definitions = current_definitions(session)
    wanted = [
        each
        for each in definitions
        if each.process.learning.enabled
        and client in (None, each.process.client)
        and process in (None, each.process.process)
    ]
    return sum(_learn_one(desk, each) for each in wanted)


def _learn_one(desk: Desk, definition: Definition) -> bool:
    subject = (definition.process.client, definition.process.process)
    with desk.store.read(ACTOR) as session:
        finished = sorted_by_people(session, *subject, most=MOST_DOCUMENTS)
        splits = settled_splits(session, *subject, most=MOST_DOCUMENTS)
        before = newest_sorting(session, *subject)
        ids = {document.definition_id for document in (*finished, *splits)}
        definitions = {id_: load_definition(session, id_) for id_ in ids}
    documents = len(finished) + len(splits)
    if documents == (before.documents if before else 0):
        return False
    types = learn_types([*_kinds(desk, finished, definitions)])
    first_pages = learn_first_pages([*_files(desk, splits, definitions)])
    sha256 = store_sorting(desk, *subject, Sorting(types, first_pages))
    with desk.store.session(ACTOR) as session:
        use_sorting(session, *subject, sha256, documents=documents)
    log.info("sorting learned", extra={"documents": documents, "boundaries": first_pages.examples})
    return True


def _kinds(desk: Desk, documents: Sequence[Document], definitions: dict[str, Definition]) -> Iterator[Example]:
    """Documents whose reading is at hand, with the kind that a person left them with."""
    for document in documents:
        reading = known_reading(desk, document, definitions[document.definition_id])
        kind = OTHER if document.state == DocumentState.REJECTED else document.document_type
        if reading is not None and kind is not None:
            supplier = document.supplier_number or fold(document.supplier_key or "")
            yield Example(key=document.id, document_type=kind, reading=reading, fields={}, supplier=supplier)


def _files(desk: Desk, documents: Sequence[Document], definitions: dict[str, Definition]) -> Iterator[SplitExample]:
    """Files that were split by sheets or seen by a person: their pages in order, and where documents began."""
    for _, each in groupby(documents, key=lambda document: document.receipt_id):
        of_file = sorted(each, key=_first_page)
        if not any(document.touched or _behind_sheet(document) for document in of_file):
            continue  # the machine's own guess teaches it nothing
        pages: list[PageReading] = []
        starts = []
        for document in of_file:
            reading = known_reading(desk, document, definitions[document.definition_id])
            if reading is not None and reading.pages:
                starts.append(len(pages) + 1)
                pages += reading.pages
        numbered = [page.model_copy(update={"number": number}) for number, page in enumerate(pages, start=1)]
        yield SplitExample(Reading(reader="", pages=numbered), frozenset(starts))


def _first_page(document: Document) -> int:
    return min((place.number for place in own_pages(document) or ()), default=0)


def _behind_sheet(document: Document) -> bool:
    return any(place.dropped == SEPARATOR for place in own_pages(document) or ())
