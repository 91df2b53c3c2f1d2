"""Run names that a person can read: the flow and the minute it began."""

from __future__ import annotations

from prefect.runtime import flow_run

from schemas.clock import now


def run_name() -> str:
    """Such as `intake 22 Nov 13:05`, UTC; never a client's or document's name."""
    return f"{flow_run.flow_name} {now():%d %b %H:%M}"
