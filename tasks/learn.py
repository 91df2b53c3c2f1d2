"""Learn: a challenger from corrected documents, tried against the champion on newer ones, and promoted if it is better.

No transaction is open while a model trains. Training has one core at the lowest priority, in a thread of its own: on Linux
niceness belongs to a thread, so that the documents of the same process are not slowed down.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TypeVar

from extraction.learning.learn import learn
from extraction.learning.model import Model
from reading.pool import ReaderPool
from schemas.clock import now
from schemas.document_type import DocumentType, document_types
from schemas.errors import CleardeskError
from schemas.learning import Backtest, Example
from store.blobs import MODELS
from store.database import system
from store.definitions import Definition, current_definitions
from store.models import Lesson, add_model, champion, lessons, newest_model, promote
from store.tables import LearnedModel
from tasks.backtest import backtest
from tasks.desk import Desk
from tasks.learned import load_model
from tasks.lessons import gather, keep_in_memory

log = logging.getLogger(__name__)

ACTOR = system("flow:learn")
MOST_EXAMPLES = 1500  # the newest; older paper says little of what comes next
NIGHT = dt.timedelta(hours=20)  # a model so old learns again from whatever is new
NEWEST_SHARE, LEAST_NEWEST = 0.2, 3  # of the examples, kept aside for the backtest
NICE = 19
Result = TypeVar("Result")


@dataclass(frozen=True)
class Subject:
    """What one model is for."""

    client_id: str
    process: str
    document_type: str


@dataclass(frozen=True)
class Outcome:
    """What became of one subject: the new model, how many documents it knows, and whether it reads from now on."""

    subject: Subject
    model_id: str
    documents: int
    promoted: bool
    backtest: Backtest


def learn_due(
    desk: Desk, pool: ReaderPool, *, client: str | None = None, process: str | None = None, force: bool = False
) -> Iterator[Outcome]:
    """Train every subject that has enough new corrections; `force`: every one that has enough to learn from at all.

    Args:
        pool: readers for documents whose reading is not in the cache any more.

    Raises:
        CleardeskError: the first that a subject ended with, after the others had their turn.
    """
    failed: CleardeskError | None = None
    for definition, document_type in _subjects(desk, client, process):
        try:
            due = _due(desk, definition, document_type, force=force)
            examples = list(gather(desk, pool, due))
            if len(examples) >= desk.settings.learn_from:
                yield _learn_one(desk, definition, document_type, examples, learned_until=due[-1].finished_at)
        except CleardeskError as error:
            log.warning("not learned", extra={"definition": definition.id, "type": document_type, "code": error.code})
            failed = failed or error
    if failed is not None:
        raise failed


def _subjects(desk: Desk, client: str | None, process: str | None) -> Iterator[tuple[Definition, str]]:
    """Every process whose corrections teach, with each of its document types."""
    with desk.store.read(ACTOR) as session:
        definitions = current_definitions(session)
    for definition in definitions:
        setting = definition.process
        if setting.learning.enabled and client in (None, setting.client) and process in (None, setting.process):
            yield from ((definition, document_type) for document_type in setting.document_types)


def _due(desk: Desk, definition: Definition, document_type: str, *, force: bool) -> Sequence[Lesson]:
    """What there is to learn from, where it is time to learn; else nothing."""
    subject = (definition.process.client, definition.process.process, document_type)
    with desk.store.read(ACTOR) as session:
        found = lessons(session, *subject, most=MOST_EXAMPLES)
        last = newest_model(session, *subject)
    if len(found) < desk.settings.learn_from:
        return []
    new = [lesson for lesson in found if last is None or lesson.finished_at > last.learned_until]
    slept = last is None or now() - last.made_at >= NIGHT
    return found if force or len(new) >= desk.settings.learn_after or (new and slept) else []


def _learn_one(
    desk: Desk,
    definition: Definition,
    document_type: str,
    examples: Sequence[Example],
    *,
    learned_until: dt.datetime,
) -> Outcome:
    """One subject's next model: challenger, backtest, and the champion for the desk from all documents if it is better."""
    kind, process = document_types()[document_type], definition.process
    _remember_all(desk, definition, examples)
    before = _champion(desk, definition, document_type)
    older, newest = _split(examples, before)
    challenger = _train(older, kind, definition, curve=False)
    result = _quietly(
        lambda: backtest(load_model(desk, before) if before else None, challenger, older, newest, kind, definition)
    )
    if result.better:
        challenger = _train(examples, kind, definition, curve=True)
    model = replace(challenger, card=challenger.card.model_copy(update={"backtest": result}))
    row = keep_model(desk, definition, model, before=before, learned_until=learned_until)
    log.info("learned", extra={"model": row.id, "documents": len(examples), "promoted": result.better})
    subject = Subject(process.client, process.process, document_type)
    return Outcome(subject, row.id, model.card.documents, row.promoted_at is not None, result)


def _champion(desk: Desk, definition: Definition, document_type: str) -> LearnedModel | None:
    with desk.store.read(ACTOR) as session:
        return champion(session, definition.process.client, definition.process.process, document_type)


def _remember_all(desk: Desk, definition: Definition, examples: Sequence[Example]) -> None:
    """Supplier memory gets what it missed when a document was submitted, such as one whose reading was not at hand."""
    for example in examples:
        keep_in_memory(desk, example, definition, by=ACTOR)


def _split(examples: Sequence[Example], before: LearnedModel | None) -> tuple[Sequence[Example], Sequence[Example]]:
    """The older part to learn from and the newest to be judged on: what the champion has not seen either, if that is enough.

    Where it is not, the champion has seen some of what it is judged on, and has the advantage.
    """
    aside = max(LEAST_NEWEST, round(NEWEST_SHARE * len(examples)))
    older, newest = examples[:-aside], examples[-aside:]
    unseen = [e for e in newest if before is None or (e.at is not None and e.at > before.learned_until)]
    return older, unseen if len(unseen) >= LEAST_NEWEST else newest


def _train(examples: Sequence[Example], kind: DocumentType, definition: Definition, *, curve: bool) -> Model:
    process, client = definition.process, definition.client
    return _quietly(
        lambda: learn(
            examples,
            kind,
            languages=process.languages,
            country=client.country,
            recipients=(client.name,),
            curve=curve,
        )
    )


def _quietly(work: Callable[[], Result]) -> Result:
    """Do it at the lowest priority."""
    with ThreadPoolExecutor(1, thread_name_prefix="learn", initializer=os.nice, initargs=(NICE,)) as alone:
        return alone.submit(work).result()


def keep_model(
    desk: Desk, definition: Definition, model: Model, *, before: LearnedModel | None, learned_until: dt.datetime
) -> LearnedModel:
    """Store a model, and promote it if its backtest says that it is better than `before`.

    It stays a challenger where `before` is not the champion any more: it was not compared with the new one.
    """
    process = definition.process
    files = _stored(desk, process.client, model.files())
    with desk.store.session(ACTOR) as session:
        now_champion = champion(session, process.client, process.process, model.card.document_type)
        row = add_model(
            session,
            process.client,
            process.process,
            model.card,
            files=files,
            parent_id=before.id if before else None,
            learned_until=learned_until,
        )
        same = (now_champion.id if now_champion else None) == row.parent_id
        if same and model.card.backtest is not None and model.card.backtest.better:
            promote(session, row)
    return row


def _stored(desk: Desk, client_id: str, files: Mapping[str, bytes]) -> dict[str, str]:
    return {
        name: desk.blobs.put(client_id, io.BytesIO(data), shelf=MODELS).sha256 for name, data in sorted(files.items())
    }
