"""Models as people meet them: their cards and plots, and going back to an earlier one."""

from __future__ import annotations

from schemas.errors import IllegalTransitionError, NotFoundError
from schemas.learning import ModelCard
from schemas.lifecycle import ModelState
from store.database import Scope, Session
from store.models import champion, roll_back
from store.tables import LearnedModel
from tasks.desk import Desk
from tasks.learned import load_model
from tasks.model_plots import plots_of, svg_of


def rollback(
    desk: Desk, scope: Scope, client_id: str, process: str, document_type: str, *, to: str | None, because: str
) -> LearnedModel | None:
    """Take the champion out; the model `to`, or the one that it replaced (or the rules alone), reads from now on.

    Raises:
        NotFoundError: there is no champion, or no such model for this document type, that this scope may see.
        IllegalTransitionError: `to` is the champion. DamagedModelError: its files are not what was learned.
    """
    with desk.store.session(scope) as session:
        before = champion(session, client_id, process, document_type)
        if before is None:
            raise NotFoundError("champion")
        target = _target(session, before, to)
        if target is not None:
            load_model(desk, target)
        roll_back(session, before, target, because=because)
    return target


def _target(session: Session, before: LearnedModel, to: str | None) -> LearnedModel | None:
    wanted = to or before.parent_id
    target = session.get(LearnedModel, wanted) if wanted else None
    subject = (before.client_id, before.process, before.document_type)
    if to and (target is None or (target.client_id, target.process, target.document_type) != subject):
        raise NotFoundError(to)
    if target is not None and target.state == ModelState.CHAMPION:
        raise IllegalTransitionError(f"{target.id} is the champion")
    return target


def plot(desk: Desk, scope: Scope, model_id: str, name: str, language: str) -> bytes:
    """One of a model's plots as SVG. Raises NotFoundError: no such model, or no such curve on its card."""
    with desk.store.read(scope) as session:
        row = session.get(LearnedModel, model_id)
    hidden = row is None or (scope.client_ids is not None and row.client_id not in scope.client_ids)
    draw = None if row is None or hidden else plots_of(card_of(row)).get(name)
    if draw is None:
        raise NotFoundError(model_id)
    return svg_of(draw, language)


def card_of(row: LearnedModel) -> ModelCard:
    """A model's card."""
    return ModelCard.model_validate(row.card)
