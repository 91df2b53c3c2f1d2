"""Where the top bar leads: a few groups of pages, each with what the visitor may open."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.permissions import Permission
from workbench.visitor import Visitor

P = Permission

GROUPS: dict[str, dict[str, Permission]] = {
    "review": {
        "/review": P.TASK_WORK,
        "/group-check": P.TASK_WORK,
        "/keying": P.KEY_BLIND,
        "/deciding": P.ADJUDICATE,
        "/mine": P.TASK_WORK,
        "/training": P.TASK_WORK,
        "/instructions": P.INSTRUCTION_WRITE,
    },
    "desk": {"/desk": P.DESK_VIEW, "/held": P.HELD_DECIDE, "/pauses": P.PAUSE_VIEW},
    "documents": {"/documents": P.DOCUMENT_VIEW, "/questions": P.QUESTION_ANSWER},
    "quality": {
        "/reports": P.REPORT_VIEW,
        "/claims": P.CLAIM_VIEW,
        "/audits": P.AUDIT_VIEW,
        "/lots": P.AUDIT_VIEW,
        "/certificates": P.AUDIT_VIEW,
        "/scorecards": P.EVALUATION_VIEW,
        "/people": P.PEOPLE_VIEW,
        "/courses": P.PEOPLE_VIEW,
    },
    "learning": {"/models": P.LEARNING_VIEW, "/suppliers": P.LEARNING_VIEW},
    "admin": {"/users": P.USER_ADMIN, "/queues": P.USER_ADMIN, "/tokens": P.MACHINE_ADMIN},
}
"""Group to page to what opens it. A page's word is its address's: `nav.review`; a group's is `nav.group.review`."""


@dataclass(frozen=True)
class Group:
    """A group as one visitor sees it from one page. `here`: the page's own address, if it is in this group."""

    name: str
    pages: tuple[str, ...]
    here: str | None


def groups_for(visitor: Visitor, path: str) -> list[Group]:
    """The groups with a page for this visitor, in the order of the bar."""
    groups = []
    for name, pages in GROUPS.items():
        open_pages = tuple(page for page, permission in pages.items() if visitor.may(permission))
        if open_pages:
            groups.append(Group(name, open_pages, next((page for page in open_pages if _is_at(path, page)), None)))
    return groups


BELONGS_TO = {"/calibrations": "/scorecards"}
"""Pages that no link of the bar leads to, and the page in it from which they are reached."""


def _is_at(path: str, page: str) -> bool:
    first = "/" + path.split("/")[1]
    path = BELONGS_TO.get(first, first) + path.removeprefix(first)
    return path == page or path.startswith(f"{page}/")
