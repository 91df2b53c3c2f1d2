"""`status`, `reconcile`, `verify`, `export`: what the books say."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleardesk.opening import DeskOption, JsonOption, opened, write_json


def add_to(app: typer.Typer) -> None:
    app.command("status")(status)
    app.command("reconcile")(reconcile)
    app.command("verify")(verify)
    app.command("export")(export)


def status(
    desk: DeskOption = None,
    json: JsonOption = None,
    truth: Annotated[Path | None, typer.Option(help="A corpus folder: also say how right the machine was.")] = None,
) -> None:
    """Where everything stands, over the whole desk."""
    from cleardesk.summary_text import summary_text
    from tasks.summary import summarise

    with opened(desk) as it:
        summary = summarise(it, corpus=truth)
    print(summary_text(summary))
    write_json(summary, json)


def reconcile(desk: DeskOption = None, json: JsonOption = None) -> None:
    """Compare what came in with what went out and what is here; names every offending id. Exit code 1 if it does not close."""
    from tasks.reconcile import reconcile as run

    with opened(desk) as it:
        result = run(it)
    for problem in result.problems:
        print(f"{problem.grain:10} {problem.id:40} {problem.what}")
    print(f"ledger residual {result.residual}")
    write_json({"residual": result.residual, "problems": [vars(p) for p in result.problems]}, json)
    if result.residual:
        raise typer.Exit(1)


def verify(
    desk: DeskOption = None,
    blobs: Annotated[float, typer.Option(help="Share of the originals to hash again, 0 to 1.")] = 1.0,
) -> None:
    """Hash originals and learned models again and check the audit trail's chains. Exit code 1 if anything was changed."""
    from cleardesk.verify_trail import verify_folder
    from tasks.reconcile import verify_blobs, verify_models
    from tasks.trail import export_trail

    with opened(desk) as it:
        damaged = [*verify_blobs(it, blobs), *verify_models(it)]
        trail = it.folder / "scratch" / "trail.jsonl"
        export_trail(it, trail)
        problems = verify_folder(trail, it.checkpoints)
        trail.unlink()
    for line in [*(f"{problem.id} {problem.what}" for problem in damaged), *problems]:
        print(line)
    if damaged or problems:
        raise typer.Exit(1)
    print("Originals, models and trail are as they were written.")


def export(
    target: Annotated[Path, typer.Argument(help="The JSON Lines file to write.")],
    desk: DeskOption = None,
) -> None:
    """Write the audit trail, one event a line, for the stand-alone verifier."""
    from tasks.trail import export_trail

    with opened(desk) as it:
        print(f"{export_trail(it, target)} events in {target}")
