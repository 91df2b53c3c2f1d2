"""`learn`: train on corrected documents now, list the models, or go back to an earlier one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cleardesk.opening import DeskOption, JsonOption, opened, write_json

if TYPE_CHECKING:
    from schemas.learning import Backtest
    from store.tables import LearnedModel
    from tasks.desk import Desk
    from tasks.learn import Outcome

ClientOption = Annotated[str | None, typer.Option(help="Only this client's processes.")]
ProcessOption = Annotated[str | None, typer.Option(help="Only this process.")]


def add_to(app: typer.Typer) -> None:
    app.command("learn")(learn)


def learn(
    client: ClientOption = None,
    process: ProcessOption = None,
    force: Annotated[bool, typer.Option("--force", help="Train although there is little new to learn from.")] = False,
    models: Annotated[
        bool, typer.Option("--list", help="Train nothing: list the models and what became of each.")
    ] = False,
    rollback: Annotated[
        str | None,
        typer.Option(
            help="Train nothing: go back to this model (its id), or to `previous`; with --client, --process, --type."
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", help="Train nothing: import what `cleardesk try` left in this folder; with --process."),
    ] = None,
    document_type: Annotated[str | None, typer.Option("--type", help="Whose champion is rolled back.")] = None,
    because: Annotated[str, typer.Option(help="Why it is rolled back.")] = "",
    desk: DeskOption = None,
    json: JsonOption = None,
) -> None:
    """Train a challenger for each document type of each process from corrected documents; only a better one is promoted."""
    with opened(desk) as it:
        if models:
            result = [_listed(row) for row in _models(it, client, process)]
        elif source is not None:
            result = [_import(it, source, client, process)]
        elif rollback is not None:
            result = [_roll_back(it, client, process, document_type, rollback, because)]
        else:
            result = _learn(it, client, process, force=force)
    write_json(result, json)


def _learn(desk: Desk, client: str | None, process: str | None, *, force: bool) -> list[dict[str, Any]]:
    from reading.pool import ReaderPool
    from tasks.learn import learn_due
    from tasks.learn_sorting import learn_sorting

    learn_sorting(desk, client=client, process=process)
    outcomes = []
    with ReaderPool(1) as pool:
        for outcome in learn_due(desk, pool, client=client, process=process, force=force):
            outcomes.append(_told(outcome))
    if not outcomes:
        print("Nothing to learn: too few documents were corrected since the last time.")
    return outcomes


def _told(outcome: Outcome) -> dict[str, Any]:
    subject, test = outcome.subject, outcome.backtest
    what = "promoted" if outcome.promoted else "kept as challenger"
    print(f"{subject.client_id}/{subject.process} {subject.document_type}: {what}, {outcome.model_id}")
    print(f"  {_in_words(test)}")
    return {**vars(subject), "model": outcome.model_id, "promoted": outcome.promoted, "backtest": test.model_dump()}


def _in_words(test: Backtest) -> str:
    before = test.champion or "the rules"
    right = f"{test.challenger_accuracy:.1%} of the fields right ({before} {test.champion_accuracy:.1%})"
    brier = f"Brier score {test.challenger_brier:.3f} ({before} {test.champion_brier:.3f})"
    return f"{test.documents} newest documents: {right}, {brier}"


def _import(desk: Desk, source: Path, client: str | None, process: str | None) -> dict[str, Any]:
    from tasks.import_try import import_try

    if process is None:
        raise typer.BadParameter("--from needs --process")
    got = import_try(desk, source, process=process, client=client)
    for row in got.models:
        print(f"{row.id} {row.document_type}: {row.state}")
    print(f"{got.suppliers} suppliers are new, {got.suppliers_known} were known and stay as they are")
    models = [{"id": row.id, "document_type": row.document_type, "state": row.state} for row in got.models]
    return {"models": models, "suppliers": got.suppliers, "suppliers_known": got.suppliers_known}


def _models(desk: Desk, client: str | None, process: str | None) -> list[LearnedModel]:
    from store.database import system
    from store.models import models_seen

    with desk.store.read(system("command:learn")) as session:
        return models_seen(session, client_id=client, process=process)


def _listed(row: LearnedModel) -> dict[str, Any]:
    from tasks.models import card_of

    card = card_of(row)
    print(
        f"{row.id} {row.client_id}/{row.process} {row.document_type:12} {row.state:11} {row.made_at:%Y-%m-%d %H:%M} ",
        end="",
    )
    print(f"{card.documents} documents, mean {card.mean:.3f}")
    return {
        "id": row.id,
        "client": row.client_id,
        "process": row.process,
        "state": row.state,
        "made_at": row.made_at.isoformat(),
        "card": card.model_dump(mode="json"),
    }


def _roll_back(
    desk: Desk, client: str | None, process: str | None, document_type: str | None, to: str, because: str
) -> dict[str, Any]:
    from store.database import system
    from tasks.models import rollback

    if not (client and process and document_type and because):
        raise typer.BadParameter("a rollback needs --client, --process, --type and --because")
    scope = system("command:learn")
    target = rollback(desk, scope, client, process, document_type, to=None if to == "previous" else to, because=because)
    print(f"{client}/{process} {document_type} is read with {target.id if target else 'the rules alone'} from now on")
    return {
        "client": client,
        "process": process,
        "document_type": document_type,
        "model": target.id if target else None,
    }
