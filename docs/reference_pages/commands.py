"""The commands page, from the `cleardesk` program itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

from cleardesk.main import app
from docs.reference_pages.markdown import table

HEAD = """# Commands

Every command of `cleardesk`, made from the program itself by `make docs`; `--help` after any of them says the same. Exit
codes: 0 it is done, 1 the work failed, 2 the call or the set-up was wrong.
"""

Command = Any  # what typer makes of a function; its type is private to typer


def commands_page() -> str:
    """One section a command."""
    return "\n".join([HEAD, *(_section(name, command) for name, command in commands().items())])


def commands() -> dict[str, Command]:
    """Every command by its whole name, such as `cleardesk user add`."""
    return dict(_below("cleardesk", typer.main.get_command(app)))


def _below(name: str, command: Command) -> Iterator[tuple[str, Command]]:
    if not isinstance(command, TyperGroup):
        yield name, command
        return
    for word, child in command.commands.items():
        yield from _below(f"{name} {word}", child)


def _section(name: str, command: Command) -> str:
    arguments = [p for p in command.params if isinstance(p, TyperArgument)]
    usage = " ".join([name, *(_usage(a) for a in arguments)])
    rows = [(_written(p), p.help or "", _default(p)) for p in command.params]
    listing = table(("Argument or option", "What it says", "Default"), rows) if rows else ""
    return f"## {name}\n\n`{usage}`\n\n{command.help}\n\n{listing}"


def _usage(argument: TyperArgument) -> str:
    name = str(argument.name).upper()
    return name if argument.required else f"[{name}]"


def _written(parameter: Any) -> str:
    if isinstance(parameter, TyperArgument):
        return f"`{str(parameter.name).upper()}`"
    return ", ".join(f"`{option}`" for option in parameter.opts)


def _default(parameter: Any) -> str:
    """What holds when it is not given; help texts say it where it is computed."""
    if isinstance(parameter, TyperOption) and (parameter.is_flag or parameter.default is None):
        return ""
    return f"`{parameter.default}`" if parameter.default is not None else "must be given" if parameter.required else ""
