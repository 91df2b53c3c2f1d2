"""Learned models as rows: a challenger is added, promoted or kept, and people can go back to an earlier one."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.ids import new_id
from schemas.learning import ModelCard
from schemas.lifecycle import DocumentState, ModelState, TaskKind
from store.events import canonical, record
from store.tables import Document, LearnedModel, ReviewTask
from store.transitions import move_model

SUBMITTED = "submitted"  # the result of a review task that ended with a person's values


@dataclass(frozen=True)
class Lesson:
    """A document that a person finished, and when: something to learn from."""

    document_id: str
    finished_at: dt.datetime


def lessons(session: Session, client_id: str, process: str, document_type: str, *, most: int) -> list[Lesson]:
    """The newest finished documents, oldest first. Blind keys, samples and their like teach nothing: they measure."""
    finished = func.max(ReviewTask.done_at)
    rows = session.execute(
        select(Document.id, finished)
        .join(ReviewTask, ReviewTask.document_id == Document.id)
        .where(
            Document.client_id == client_id,
            Document.process == process,
            Document.document_type == document_type,
            Document.state.in_((DocumentState.READY, DocumentState.DELIVERED)),
            ReviewTask.kind == TaskKind.EXCEPTION,
            ReviewTask.result == SUBMITTED,
        )
        .group_by(Document.id)
        .order_by(finished.desc(), Document.id.desc())
        .limit(most)
    ).all()
    return [Lesson(document_id, at) for document_id, at in reversed(rows)]


def digest(files: Mapping[str, str]) -> str:
    """One hash for the names and hashes of a model's files."""
    return hashlib.sha256(canonical(dict(files)).encode()).hexdigest()


def add_model(
    session: Session,
    client_id: str,
    process: str,
    card: ModelCard,
    *,
    files: Mapping[str, str],
    parent_id: str | None,
    learned_until: dt.datetime,
) -> LearnedModel:
    """Enter a model as challenger; `files`: names and hashes of stored blobs."""
    model = LearnedModel(
        id=new_id("mdl"),
        client_id=client_id,
        process=process,
        document_type=card.document_type,
        name=card.name,
        state=ModelState.CHALLENGER,
        card=card.model_dump(mode="json"),
        files=dict(files),
        sha256=digest(files),
        parent_id=parent_id,
        learned_until=learned_until,
        made_at=now(),
    )
    session.add(model)
    session.flush()
    record(
        session,
        client_id,
        "model.learned",
        model.id,
        state=model.state,
        process=process,
        document_type=card.document_type,
        sha256=model.sha256,
        documents=card.documents,
    )
    return model


def champions(session: Session, client_id: str, process: str) -> Sequence[LearnedModel]:
    """The models that read this process's documents, one a document type at most."""
    return session.scalars(
        select(LearnedModel)
        .where(
            LearnedModel.client_id == client_id,
            LearnedModel.process == process,
            LearnedModel.state == ModelState.CHAMPION,
        )
        .order_by(LearnedModel.document_type)
    ).all()


def champion(session: Session, client_id: str, process: str, document_type: str) -> LearnedModel | None:
    """The model in use for one document type; None: the rules alone."""
    found = champions(session, client_id, process)
    return next((each for each in found if each.document_type == document_type), None)


def newest_model(session: Session, client_id: str, process: str, document_type: str) -> LearnedModel | None:
    """The last one that was made, whatever became of it."""
    return session.scalars(
        select(LearnedModel)
        .where(
            LearnedModel.client_id == client_id,
            LearnedModel.process == process,
            LearnedModel.document_type == document_type,
        )
        .order_by(LearnedModel.id.desc())
        .limit(1)
    ).one_or_none()


def models_seen(session: Session, *, client_id: str | None = None, process: str | None = None) -> list[LearnedModel]:
    """All models that this session may see, by client, process and type, the newest first."""
    query = select(LearnedModel)
    if client_id is not None:
        query = query.where(LearnedModel.client_id == client_id)
    if process is not None:
        query = query.where(LearnedModel.process == process)
    order = (LearnedModel.client_id, LearnedModel.process, LearnedModel.document_type, LearnedModel.id.desc())
    return list(session.scalars(query.order_by(*order)))


def promote(session: Session, model: LearnedModel) -> None:
    """The model reads from now on; the champion so far retires. Raises IllegalTransitionError."""
    before = champion(session, model.client_id, model.process, model.document_type)
    if before is not None:
        move_model(session, before, ModelState.RETIRED, reason="BETTER_MODEL")
    move_model(session, model, ModelState.CHAMPION, reason="BETTER")


def roll_back(session: Session, before: LearnedModel, to: LearnedModel | None, *, because: str) -> None:
    """Take a champion out; `to` reads from now on, or the rules alone where it is None. Raises IllegalTransitionError."""
    before.rolled_back_because = because
    move_model(session, before, ModelState.ROLLED_BACK, reason="ROLLED_BACK")
    if to is not None:
        move_model(session, to, ModelState.CHAMPION, reason="ROLLED_BACK")
