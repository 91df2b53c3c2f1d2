"""`separators`: sheets to print and lay between the documents of a batch scan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def add_to(app: typer.Typer) -> None:
    app.command("separators")(separators)


def separators(
    out: Annotated[Path, typer.Option(help="The PDF file to write.")] = Path("separators.pdf"),
    text: Annotated[
        str,
        typer.Option(
            help="What the sheets say: one of the process's intake.split.separators; PATCH-T for a patch code."
        ),
    ] = "CLEARDESK-SEPARATOR",
    sheets: Annotated[int, typer.Option(min=1, max=200, help="How many sheets.")] = 10,
) -> None:
    """Write separator sheets to print: a file is cut where one lies, and the sheet itself is dropped."""
    from reading.separator_sheets import write_sheets

    write_sheets(out, text, sheets)
    print(f"{out}: {sheets} sheets that say {text}")
