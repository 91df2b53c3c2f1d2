"""`user`: who may sign in to the workbench."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from cleardesk.opening import DeskOption, opened

users = typer.Typer(help="People who sign in.", no_args_is_help=True)


@users.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: Annotated[
        str, typer.Option(help="Such as reviewer, supervisor, ops, qa_auditor, client_viewer.")
    ] = "reviewer",
    client: Annotated[list[str] | None, typer.Option(help="A client that they may see; none named: all.")] = None,
    queue: Annotated[list[str] | None, typer.Option(help="A queue that they work; none named: all.")] = None,
    desk: DeskOption = None,
) -> None:
    """Add a person; a first password is made and printed once."""
    from tasks.users import create_user

    password = secrets.token_urlsafe(15)
    with opened(desk) as it:
        create_user(it, name, password, role, client or [], queue or [])
    print(f"{name} signs in with {password}")


@users.command("password")
def new_password(name: str, desk: DeskOption = None) -> None:
    """Give a person a new password, printed once."""
    from tasks.users import set_password

    password = secrets.token_urlsafe(15)
    with opened(desk) as it:
        set_password(it, name, password)
    print(f"{name} signs in with {password}")


@users.command("disable")
def disable(name: str, desk: DeskOption = None) -> None:
    """End a person's access at once."""
    from tasks.users import set_user_active

    with opened(desk) as it:
        set_user_active(it, name, active=False)
