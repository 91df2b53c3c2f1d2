"""`report`: write a period's report now, and print or keep it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from cleardesk.opening import DeskOption, JsonOption, opened, write_json


def add_to(app: typer.Typer) -> None:
    app.command("report")(report)


def report(
    client: Annotated[str, typer.Option(help="The client.")],
    process: Annotated[str, typer.Option(help="Its process.")],
    period: Annotated[str, typer.Option(help="A month 2026-11 or a day 2026-11-22, in the client's time zone.")],
    audience: Annotated[
        Literal["client", "ops"], typer.Option("--for", help="Ops' report has people and cost in it.")
    ] = "client",
    pdf: Annotated[Path | None, typer.Option(help="Also write the PDF here.")] = None,
    language: Annotated[str, typer.Option(help="The language of the PDF and of what is printed.")] = "en",
    desk: DeskOption = None,
    json: JsonOption = None,
) -> None:
    """Write a period's report: what came and left, how right it was, certificates, lots, what is still open."""
    from store.database import Scope
    from tasks.report.write import load, write_report
    from workbench.report_pdf import report_pdf
    from workbench.report_sections import sections
    from workbench.words import Words

    with opened(desk) as it:
        written = write_report(it, Scope("cli"), client, process, period, audience)
    data, words = load(written), Words(language)
    for section in sections(data, words):
        print(f"\n{section.title}")
        for row in section.rows:
            print("  " + "  ".join(cell for cell in row if cell))
    print(f"\nSHA-256 {written.sha256}")
    if pdf is not None:
        pdf.write_bytes(report_pdf(written, data, words))
    write_json(written.data, json)
