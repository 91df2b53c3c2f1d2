"""Open the desk that a command works on, and print results for people or programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:  # heavy imports wait until a command needs them: `--help` answers at once
    from schemas.settings import Settings
    from tasks.desk import Desk

DeskOption = Annotated[
    Path | None, typer.Option("--desk", help="The desk's folder. [default: $CLEARDESK_DESK or ./desk]")
]
JsonOption = Annotated[
    Path | None, typer.Option("--json", help="Also write the result as JSON; - for standard output.")
]


@contextmanager
def opened(desk: Path | None, *, create: bool = False) -> Iterator[Desk]:
    """The desk, open; closed afterwards."""
    from tasks.desk import open_desk

    it = open_desk(settings_of(desk), create=create)
    try:
        yield it
    finally:
        it.close()


def settings_of(desk: Path | None) -> Settings:
    """The settings in force, with logging started as they say."""
    from schemas.settings import load_settings
    from tasks.logs import start_logging

    settings = load_settings(desk=desk)
    start_logging(settings)
    return settings


def write_json(result: Any, target: Path | None) -> None:
    """Write a result where `--json` says; nothing where it says nothing."""
    if target is None:
        return
    text = json.dumps(result, indent=2, default=str, ensure_ascii=False) + "\n"
    if str(target) == "-":
        sys.stdout.write(text)
    else:
        target.write_text(text, encoding="utf-8")
