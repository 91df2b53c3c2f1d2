"""`cleardesk`: every command, its errors and exit codes: 0 done, 1 the work failed, 2 the call was wrong."""

from __future__ import annotations

import sys

import typer

from cleardesk import (
    books,
    certifying,
    explaining,
    learning,
    people,
    reporting,
    running,
    separating,
    setting_up,
    trying,
)
from schemas.errors import CleardeskError, ConfigurationError

app = typer.Typer(
    help="An open back office: documents in, verified data out, with a ledger that proves nothing was lost.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for group in (setting_up, running, books, learning, certifying, reporting, trying, explaining, separating):
    group.add_to(app)
app.add_typer(people.users, name="user")
app.add_typer(setting_up.clients, name="client")


def main() -> None:
    """Run the command line; our own errors become one line and an exit code."""
    try:
        app()
    except CleardeskError as error:
        print(f"{error.code}: {error}\n{error.remedy}", file=sys.stderr)
        sys.exit(2 if isinstance(error, ConfigurationError) else 1)


if __name__ == "__main__":
    main()
