"""`run`, `serve`, `demo`: the flows, once or by their schedules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleardesk.opening import DeskOption, JsonOption, settings_of


def add_to(app: typer.Typer) -> None:
    app.command("run")(run)
    app.command("serve")(serve)
    app.command("demo")(demo)


def run(
    flow: Annotated[
        str | None, typer.Argument(help="intake, process, deliver, audit, learn or report. [default: all, in order]")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="One round, then exit.")] = False,
    desk: DeskOption = None,
) -> None:
    """Run flows here and now; with --once nothing outlives the command."""
    from cleardesk.flow_runs import FLOWS, run_flows

    if flow is not None and flow not in FLOWS:
        raise typer.BadParameter(f"there is no flow {flow}; there are {', '.join(FLOWS)}")
    for name, counts in run_flows(settings_of(desk), [flow] if flow else list(FLOWS), once=once):
        print(f"{name:10} " + ", ".join(f"{what} {count}" for what, count in counts.items()))


def serve(desk: DeskOption = None) -> None:
    """Serve the desk: scheduled flows, Prefect's UI and the workbench, until Ctrl-C."""
    from cleardesk.serving import serve as serve_desk

    serve_desk(settings_of(desk))


def demo(
    once: Annotated[bool, typer.Option("--once", help="Do the work and exit instead of serving.")] = False,
    sample: Annotated[
        Path | None, typer.Option(help="Another sample desk than the one that came with Cleardesk.")
    ] = None,
    desk: DeskOption = None,
    json: JsonOption = None,
) -> None:
    """From nothing to a desk full of work in a browser, with made-up clients."""
    from cleardesk.demo import run_demo

    run_demo(settings_of(desk), once=once, sample=sample, json=json)
