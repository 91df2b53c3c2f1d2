"""Learned models as rows: one champion at most, and whoever changes a row behind the trail's back is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from schemas.clock import now
from schemas.errors import IllegalTransitionError
from schemas.learning import ModelCard
from schemas.lifecycle import ModelState
from store.database import Session, Store
from store.models import add_model, champion, champions, newest_model, promote, roll_back
from store.tables import LearnedModel
from store.transitions import move_model
from tasks.reconcile import reconcile
from tests.given import ACTOR, desk_on, process_of

INVOICES = ("acme", "invoices", "invoice")


def model(session: Session, *, mean: float = 0.9) -> LearnedModel:
    card = ModelCard(
        name="invoice-1",
        document_type="invoice",
        made_at=now(),
        documents=40,
        suppliers=9,
        corrected_fields=300,
        seconds=2.0,
        readers={},
        versions={},
        fields={},
        mean=mean,
        documents_right=0.5,
    )
    files = {"model.json": "ab" * 32}
    return add_model(session, "acme", "invoices", card, files=files, parent_id=None, learned_until=now())


def test_the_better_one_is_promoted_and_people_go_back(store: Store, tmp_path: Path) -> None:
    desk = desk_on(store, tmp_path)
    process_of(desk)
    with store.session(ACTOR) as session:
        first, second, third = model(session), model(session), model(session, mean=0.7)
        promote(session, first)
        promote(session, second)
        assert champion(session, *INVOICES) == second and first.state == ModelState.RETIRED
        assert newest_model(session, *INVOICES) == third and third.state == ModelState.CHALLENGER
        roll_back(session, second, first, because="it swaps day and month")
        assert champion(session, *INVOICES) == first and second.state == ModelState.ROLLED_BACK
        roll_back(session, first, None, because="this one too")
        assert champions(session, "acme", "invoices") == []
        with pytest.raises(IllegalTransitionError):
            move_model(session, third, ModelState.RETIRED, reason="BETTER_MODEL")
    assert reconcile(desk).residual == 0


def test_the_database_itself_allows_one_champion(store: Store, tmp_path: Path) -> None:
    process_of(desk_on(store, tmp_path))
    with pytest.raises(IntegrityError), store.session(ACTOR) as session:
        for each in (model(session), model(session)):
            move_model(session, each, ModelState.CHAMPION, reason="BETTER")


@pytest.mark.parametrize("change", [{"state": ModelState.CHAMPION}, {"sha256": "cd" * 32}], ids=str)
def test_a_model_that_was_changed_behind_the_trail_is_named(
    store: Store, tmp_path: Path, change: dict[str, str]
) -> None:
    desk = desk_on(store, tmp_path)
    process_of(desk)
    with store.session(ACTOR) as session:
        changed = model(session).id
    with store.session(ACTOR) as session:
        session.execute(update(LearnedModel).values(**change))
    assert {(problem.grain, problem.id) for problem in reconcile(desk).problems} == {("model", changed)}
