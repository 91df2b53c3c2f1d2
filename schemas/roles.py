"""The roles a person or machine can have. What each may do stands in `workbench.permissions`."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """One role a user."""

    PLATFORM_ADMIN = "platform_admin"  # users and set-up; no document content
    TENANT_ADMIN = "tenant_admin"  # the same for some clients only
    SUPERVISOR = "supervisor"  # leads reviewers, pins tasks, decides holds
    REVIEWER = "reviewer"  # corrects exceptions
    QA_AUDITOR = "qa_auditor"  # checks samples and audits, never own work
    OPS = "ops"  # watches the desk, pauses and resumes work
    CLIENT_VIEWER = "client_viewer"  # a client's own people
    SECURITY_OFFICER = "security_officer"  # opens quarantine
    DPO = "dpo"  # data protection: erasure and holds
    INTEGRATION = "integration"  # a machine; it does not sign in to pages


STAFF = frozenset(Role) - {Role.TENANT_ADMIN, Role.CLIENT_VIEWER, Role.INTEGRATION}
"""Roles that see every client when none is named; the others see none."""

CLIENT_BOUND = frozenset({Role.TENANT_ADMIN, Role.SUPERVISOR, Role.REVIEWER, Role.QA_AUDITOR, Role.CLIENT_VIEWER})
"""Roles that a client's own administrator may give, for that client alone."""

ADMINISTRATORS = frozenset({Role.PLATFORM_ADMIN, Role.TENANT_ADMIN})
"""Roles that let others in."""


class TokenAction(StrEnum):
    """What an API token may be good for."""

    UPLOAD = "upload"  # send files
    STATUS = "status"  # ask what became of them
    RESULTS = "results"  # fetch the data
    CORRECTIONS = "corrections"  # say what is wrong with it
