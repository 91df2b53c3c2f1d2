"""Second factors of accounts, and the recovery codes that stand in for a lost one. Secrets arrive here sealed, codes hashed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from schemas.clock import now
from store.events import record
from store.tables import RecoveryCode, User
from store.users import DESK, end_sessions_of


def offer_factor(session: Session, user_id: str, sealed: str) -> None:
    """Keep a new secret until its person has shown that they have it; a confirmed one is not touched."""
    session.execute(
        update(User)
        .where(User.id == user_id, User.factor_since.is_(None))
        .values(factor_sealed=sealed, factor_step=None)
    )


def confirm_factor(session: Session, user_id: str, step: int) -> bool:
    """A right code was shown: from now on one is asked for at each sign-in. False where there is nothing to confirm."""
    confirmed = session.execute(
        update(User)
        .where(User.id == user_id, User.factor_since.is_(None), User.factor_sealed.is_not(None))
        .values(factor_since=now(), factor_step=step)
        .returning(User.id)
    ).first()
    if confirmed:
        record(session, DESK, "user.second_factor_set", user_id)
    return confirmed is not None


def take_step(session: Session, user_id: str, step: int) -> bool:
    """Use up a code's time step; False where this code, or a later one, was taken before."""
    unused = or_(User.factor_step.is_(None), User.factor_step < step)
    taken = update(User).where(User.id == user_id, unused).values(factor_step=step).returning(User.id)
    return session.execute(taken).first() is not None


def replace_recovery_codes(session: Session, user_id: str, hashes: Iterable[str]) -> None:
    """New recovery codes; the old ones are worth nothing."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    session.add_all(RecoveryCode(code_sha256=each, user_id=user_id) for each in hashes)
    record(session, DESK, "user.recovery_codes_made", user_id)


def take_recovery_code(session: Session, user_id: str, code_sha256: str) -> bool:
    """Use up a recovery code; False where it is none of this person's, or used."""
    taken = session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.code_sha256 == code_sha256, RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
        .values(used_at=now())
        .returning(RecoveryCode.user_id)
    ).first()
    if taken:
        record(session, DESK, "user.recovery_code_used", user_id)
    return taken is not None


def recovery_codes_left(session: Session, user_id: str) -> int:
    """How many are unused."""
    mine = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return session.scalar(mine) or 0


def forget_factor(session: Session, user: User) -> None:
    """Take the second factor and its recovery codes away; every session of the user ends."""
    user.factor_sealed = user.factor_since = user.factor_step = None
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    end_sessions_of(session, user)
    record(session, DESK, "user.second_factor_ended", user.id)
