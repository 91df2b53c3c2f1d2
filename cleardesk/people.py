"""`user`: who may sign in to the workbench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cleardesk.opening import DeskOption, opened

if TYPE_CHECKING:
    from tasks.desk import Desk

users = typer.Typer(help="People who sign in.", no_args_is_help=True)


@users.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: Annotated[
        str, typer.Option(help="Such as reviewer, supervisor, ops, qa_auditor, client_viewer.")
    ] = "reviewer",
    client: Annotated[list[str] | None, typer.Option(help="A client that they may see; none named: all.")] = None,
    queue: Annotated[list[str] | None, typer.Option(help="A queue that they work; none named: all.")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="A skill that tasks may ask for.")] = None,
    desk: DeskOption = None,
) -> None:
    """Add a person; a first password is made and printed once, to be changed at the first sign-in.

    It works for 72 hours; the very first person's on a new desk for one.
    """
    from tasks.users import create_user, made_password

    password = made_password()
    with opened(desk) as it:
        create_user(it, name, password, role, client or [], queue or [], skills=skill or [], first=True)
        _tell(it, name, password)


@users.command("password")
def new_password(name: str, desk: DeskOption = None) -> None:
    """Give a person a new password, printed once; they change it within 72 hours, when they sign in."""
    from tasks.users import made_password, set_password

    password = made_password()
    with opened(desk) as it:
        set_password(it, name, password, first=True)
        _tell(it, name, password)


@users.command("disable")
def disable(name: str, desk: DeskOption = None) -> None:
    """End a person's access at once."""
    from tasks.users import set_user_active

    with opened(desk) as it:
        set_user_active(it, name, active=False)


@users.command("second-factor-off")
def second_factor_off(name: str, desk: DeskOption = None) -> None:
    """Take a lost second factor away and end the person's sessions; they sign in by password and set up another."""
    from tasks.users import without_second_factor

    with opened(desk) as it:
        without_second_factor(it, name)


def _tell(desk: Desk, name: str, password: str) -> None:
    from tasks.users import first_password_ends

    until = first_password_ends(desk, name)
    print(f"{name} signs in with {password}" + (f" until {until.astimezone():%Y-%m-%d %H:%M %Z}" if until else ""))
