"""`init`, `client`, `migrate`, `doctor`: make a desk and see whether it stands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cleardesk.opening import DeskOption, JsonOption, opened, settings_of, write_json

clients = typer.Typer(help="Client and process definitions.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    app.command("init")(init)
    app.command("migrate")(migrate)
    app.command("doctor")(doctor)


def init(desk: DeskOption = None) -> None:
    """Make a new, empty desk: folders and database."""
    with opened(desk, create=True) as it:
        print(f"The desk stands in {it.folder}. Next: `cleardesk client import FOLDER`.")


@clients.command("import")
def import_clients(
    folder: Annotated[Path, typer.Argument(help="A folder with client.yaml and process definitions beside it.")],
    desk: DeskOption = None,
) -> None:
    """Import a client's folder; a changed definition becomes a new version, a wrong one is refused whole."""
    from tasks.define import import_folder

    with opened(desk) as it:
        for name in import_folder(it, folder):
            print(name)


@clients.command("list")
def list_clients(desk: DeskOption = None, json: JsonOption = None) -> None:
    """What is defined: client, process, version."""
    from tasks.define import defined_processes

    with opened(desk) as it:
        rows = defined_processes(it)
    for row in rows:
        print(f"{row['client']:20} {row['process']:28} version {row['version']}")
    write_json(rows, json)


def migrate(desk: DeskOption = None) -> None:
    """Bring the database to this program's schema version; on PostgreSQL as its owner, where the settings name one."""
    from store.database import Store
    from tasks.desk import bring_up_to_date

    settings = settings_of(desk)
    store = Store(settings.database, sqlite_journal=settings.sqlite_journal)
    bring_up_to_date(settings, store)
    store.close()
    print("The database is at this program's version.")


def doctor(desk: DeskOption = None, json: JsonOption = None) -> None:
    """Look at what the desk needs: database, sandbox, OCR, languages, disk, closed doors."""
    from cleardesk.doctor import examine

    with opened(desk) as it:
        checks = examine(it)
    for check in checks:
        print(f"{'ok ' if check.ok else 'BAD'}  {check.name:22} {check.found}")
    write_json([check._asdict() for check in checks], json)
    if not all(check.ok for check in checks):
        raise typer.Exit(1)
