"""The roles page, from `schemas.roles` and `workbench.permissions`."""

from __future__ import annotations

import inspect
import re

from docs.reference_pages.markdown import code, table
from schemas.roles import ADMINISTRATORS, CLIENT_BOUND, STAFF, Role, TokenAction
from workbench import permissions
from workbench.permissions import PERMISSIONS, Permission

HEAD = """# Roles

Who may do what, made from `schemas/roles.py` and `workbench/permissions.py` by `make docs`. A person has one role. Each page
and each action names the permission that it asks for, or the workbench does not start; what no role has, nobody may do.

Which rows a person sees is the other half: those of the clients that stand with the user. Without named clients, staff roles
see every client and all others none. Work is narrowed further by queues and skills.
"""


def roles_page() -> str:
    """Roles with what they are; permissions with the roles that have them; what API tokens may be good for."""
    roles = [
        (code(role), "yes" if role in STAFF else "", "yes" if role in CLIENT_BOUND else "", _second(role))
        for role in Role
    ]
    head = (
        "Role",
        "Sees every client when none is named",
        "May be given by a client's administrator",
        "Second factor by default",
    )
    said = _said()
    rows = [
        (code(each), said[each.name], ", ".join(code(role) for role in Role if each in PERMISSIONS[role]))
        for each in Permission
    ]
    actions = [(code(action),) for action in TokenAction]
    parts = [
        HEAD,
        table(head, roles),
        "## Permissions\n",
        table(("Permission", "What it allows", "Roles"), rows),
        "## API tokens\n\nA token is one client's, for some or all of its processes, and for some of these actions:\n",
        table(("Action",), actions),
    ]
    return "\n".join(parts)


def _second(role: Role) -> str:
    return "must" if role in ADMINISTRATORS else "may"


def _said() -> dict[str, str]:
    """Each permission's own docstring."""
    source = inspect.getsource(permissions.Permission)
    return {name: " ".join(text.split()) for name, text in re.findall(r'(\w+) = "\w+"\n\s+"""(.*?)"""', source, re.S)}
