"""Who may do what: one enum, one map, closed by default. Which clients' rows a person sees is the store's scope."""

from __future__ import annotations

from enum import StrEnum

from schemas.roles import STAFF, Role
from store.tables import User


class Permission(StrEnum):
    """What a route asks for."""

    OWN_ACCOUNT = "own_account"
    """Sign out, choose the language, see the pattern page."""

    DESK_VIEW = "desk_view"
    """See counts, queues, alerts and the ledger's residual; no document content."""

    TASK_WORK = "task_work"
    """Take the next review task, correct, submit, reject and skip it."""

    TASK_CHOOSE = "task_choose"
    """Open a named open task instead of the next one."""

    INSTRUCTION_WRITE = "instruction_write"
    """Write how fields are keyed."""

    DOCUMENT_WITHDRAW = "document_withdraw"
    """End a document that its client does not want worked on."""

    QUESTION_ANSWER = "question_answer"
    """See questions to the client, and answer them."""

    REPORT_VIEW = "report_view"
    """Read the reports that are written for clients."""

    REPORT_OPS = "report_ops"
    """Read reports with people, cost and the machine's own figures, and write reports."""

    KEY_BLIND = "key_blind"
    """Key sampled values again, without seeing what anybody made of them."""

    ADJUDICATE = "adjudicate"
    """Decide where two keys of a value differ."""

    CLAIM_VIEW = "claim_view"
    """See claims about delivered values, and their verdicts."""

    CLAIM_RAISE = "claim_raise"
    """Say that a delivered value is wrong."""

    CLAIM_DECIDE = "claim_decide"
    """Give the verdict on a claim."""

    DOCUMENT_VIEW = "document_view"
    """See documents of one's own clients: pages, values, story."""

    LIST_VALUES = "list_values"
    """See numbers, suppliers and amounts in lists. Who mostly keys blind does not: browsing would bar them from it."""

    STAFF_NAMES = "staff_names"
    """See which colleague did what."""

    QUARANTINE_VIEW = "quarantine_view"
    """See the pages of quarantined documents."""

    PEOPLE_VIEW = "people_view"
    """See how often each colleague is right, and courses with who passed them."""

    EVALUATE = "evaluate"
    """Score contacts by forms, and take part in calibrations."""

    EVALUATION_VIEW = "evaluation_view"
    """See finished scorecards of contacts, and their results."""

    EVALUATION_DISPUTE = "evaluation_dispute"
    """Say that a contact's score is wrong, so that somebody else scores it anew."""

    COURSE_WRITE = "course_write"
    """Make courses of known documents."""

    AUDIT_VIEW = "audit_view"
    """See the audits of lots and shipments."""

    CERTIFICATE_ACT = "certificate_act"
    """Send to review what left on a revoked certificate."""

    HELD_DECIDE = "held_decide"
    """Decide on held duplicates and batches; give failed documents a fresh start."""

    LEARNING_VIEW = "learning_view"
    """See models with their figures, and what is remembered of suppliers."""

    LEARNING_CHANGE = "learning_change"
    """Take a model back; correct, lock and forget what is remembered of suppliers."""

    PAUSE_VIEW = "pause_view"
    """See what is paused and why."""

    PAUSE_CHANGE = "pause_change"
    """Pause and resume intake, work or delivery."""

    USER_ADMIN = "user_admin"
    """Add users, give them roles, clients, queues and skills, end their access; see which queues there are."""

    MACHINE_ADMIN = "machine_admin"
    """Make and revoke API tokens."""

    ORIGINAL_DOWNLOAD = "original_download"
    """Fetch the bytes as they came; each time is in the trail."""

    VALUE_UNMASK = "value_unmask"
    """See bank details outside of one's task, with a reason; each time is in the trail."""


P, R = Permission, Role

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    R.PLATFORM_ADMIN: frozenset({P.OWN_ACCOUNT, P.DESK_VIEW, P.PAUSE_VIEW, P.USER_ADMIN, P.MACHINE_ADMIN}),
    R.TENANT_ADMIN: frozenset({P.OWN_ACCOUNT, P.DOCUMENT_VIEW, P.LIST_VALUES, P.USER_ADMIN, P.MACHINE_ADMIN}),
    R.SUPERVISOR: frozenset(
        {
            P.OWN_ACCOUNT,
            P.DESK_VIEW,
            P.TASK_WORK,
            P.TASK_CHOOSE,
            P.INSTRUCTION_WRITE,
            P.DOCUMENT_VIEW,
            P.LIST_VALUES,
            P.STAFF_NAMES,
            P.COURSE_WRITE,
            P.PEOPLE_VIEW,
            P.AUDIT_VIEW,
            P.EVALUATE,
            P.EVALUATION_VIEW,
            P.EVALUATION_DISPUTE,
            P.CERTIFICATE_ACT,
            P.HELD_DECIDE,
            P.LEARNING_VIEW,
            P.LEARNING_CHANGE,
            P.PAUSE_VIEW,
            P.PAUSE_CHANGE,
            P.DOCUMENT_WITHDRAW,
            P.QUESTION_ANSWER,
            P.REPORT_VIEW,
            P.REPORT_OPS,
            P.CLAIM_VIEW,
            P.CLAIM_RAISE,
            P.CLAIM_DECIDE,
            P.KEY_BLIND,
            P.ADJUDICATE,
            P.ORIGINAL_DOWNLOAD,
            P.VALUE_UNMASK,
        }
    ),
    R.REVIEWER: frozenset({P.OWN_ACCOUNT, P.TASK_WORK, P.KEY_BLIND, P.DOCUMENT_VIEW, P.STAFF_NAMES}),
    R.QA_AUDITOR: frozenset(
        {
            P.OWN_ACCOUNT,
            P.DOCUMENT_VIEW,
            P.PEOPLE_VIEW,
            P.AUDIT_VIEW,
            P.EVALUATE,
            P.EVALUATION_VIEW,
            P.REPORT_VIEW,
            P.CLAIM_VIEW,
            P.CLAIM_DECIDE,
            P.KEY_BLIND,
            P.ADJUDICATE,
            P.LEARNING_VIEW,
        }
    ),
    R.OPS: frozenset(
        {
            P.OWN_ACCOUNT,
            P.DESK_VIEW,
            P.DOCUMENT_VIEW,
            P.LIST_VALUES,
            P.STAFF_NAMES,
            P.AUDIT_VIEW,
            P.HELD_DECIDE,
            P.LEARNING_VIEW,
            P.LEARNING_CHANGE,
            P.PAUSE_VIEW,
            P.PAUSE_CHANGE,
            P.DOCUMENT_WITHDRAW,
            P.QUESTION_ANSWER,
            P.REPORT_VIEW,
            P.REPORT_OPS,
            P.CLAIM_VIEW,
            P.CLAIM_RAISE,
            P.ORIGINAL_DOWNLOAD,
        }
    ),
    R.CLIENT_VIEWER: frozenset(
        {
            P.OWN_ACCOUNT,
            P.DOCUMENT_VIEW,
            P.LIST_VALUES,
            P.QUESTION_ANSWER,
            P.REPORT_VIEW,
            P.CLAIM_VIEW,
            P.CLAIM_RAISE,
            P.EVALUATION_VIEW,
            P.EVALUATION_DISPUTE,
            P.ORIGINAL_DOWNLOAD,
            P.VALUE_UNMASK,
        }
    ),
    R.SECURITY_OFFICER: frozenset(
        {
            P.OWN_ACCOUNT,
            P.DESK_VIEW,
            P.DOCUMENT_VIEW,
            P.LIST_VALUES,
            P.STAFF_NAMES,
            P.QUARANTINE_VIEW,
            P.PAUSE_VIEW,
            P.ORIGINAL_DOWNLOAD,
        }
    ),
    R.DPO: frozenset({P.OWN_ACCOUNT, P.DOCUMENT_VIEW, P.LIST_VALUES, P.ORIGINAL_DOWNLOAD, P.VALUE_UNMASK}),
    R.INTEGRATION: frozenset(),  # machines have no pages
}


def permissions_of(role: str) -> frozenset[Permission]:
    """What a role may do; an unknown role may do nothing."""
    return PERMISSIONS[Role(role)] if role in PERMISSIONS else frozenset()


def clients_of(user: User) -> frozenset[str] | None:
    """Whose rows the user sees; None: every client's. Without named clients only staff see any."""
    if user.client_ids:
        return frozenset(user.client_ids)
    return None if user.role in STAFF else frozenset()
