"""Sign-ins that are half way. What the browser holds is kept hashed; it is good for some minutes, and once."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from schemas.clock import now
from store.tables import SignInStep

LASTS = dt.timedelta(minutes=10)


class Step(StrEnum):
    """What is waited for."""

    CODE = "code"  # the password was right; the second factor is asked for
    AWAY = "away"  # the browser was sent to the single sign-on


def add_step(session: Session, kind: Step, token_sha256: str, goal: str, *, user_id: str | None = None) -> None:
    """Remember where a sign-in stands; steps that nobody took up are forgotten."""
    session.execute(delete(SignInStep).where(SignInStep.created_at < now() - LASTS))
    session.add(SignInStep(token_sha256=token_sha256, kind=kind, user_id=user_id, goal=goal[:2000], created_at=now()))


def find_step(session: Session, kind: Step, token_sha256: str) -> SignInStep | None:
    """The step, while it lasts."""
    return session.scalars(
        select(SignInStep).where(
            SignInStep.token_sha256 == token_sha256, SignInStep.kind == kind, SignInStep.created_at > now() - LASTS
        )
    ).one_or_none()


def end_step(session: Session, token_sha256: str) -> bool:
    """Use a step up; False where another request was quicker."""
    gone = session.execute(delete(SignInStep).where(SignInStep.token_sha256 == token_sha256).returning(SignInStep.kind))
    return gone.first() is not None
