"""Sign-in attempts: counted before anything is looked at, for every server process alike, and slowed down more and more."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.orm import Session

from schemas.clock import now
from store.queue import serialise_on
from store.tables import Event, SignInAttempt
from store.users import find_user, normal_name

WINDOW = dt.timedelta(minutes=1)
REMEMBERED = dt.timedelta(hours=1)  # failures of the last hour make the next wait longer
LONGEST = dt.timedelta(minutes=15)  # nobody is locked out for good
KEPT = dt.timedelta(days=1)
OWN_FOR = dt.timedelta(days=30)  # so long an address counts as its person's own
MOST_OWN = 20  # of the last sign-ins


@dataclass(frozen=True)
class AttemptLimits:
    """How many sign-ins may fail within a minute, for one account and from one address."""

    per_account: int = 5
    per_address: int = 20


def take_attempt(session: Session, name: str, address: str, limits: AttemptLimits) -> int:
    """Count an attempt on this account from this address; 0, or how many seconds it must wait instead.

    Attempts on one account or from one address wait for each other here, so that none slips through between looking and
    counting. The name is kept hashed: people type passwords into name fields.

    Where the person has signed in lately is counted apart, each address alone, and all other addresses together: whoever
    floods an account from elsewhere does not keep its owner waiting at their own desk, and gets no more guesses for it (after
    OWASP, *Slow Down Online Guessing Attacks with Device Cookies*; here an address stands for the device).
    """
    digest = _digest(name)
    serialise_on(session, f"attempt {digest}", f"attempt {address}")
    of_account = _times(session, _counted_together(session, name, address))
    of_address = _times(session, SignInAttempt.address == address)
    wait = max(seconds_to_wait(of_account, limits.per_account), seconds_to_wait(of_address, limits.per_address))
    if wait == 0:
        session.execute(delete(SignInAttempt).where(SignInAttempt.at < now() - KEPT))
        session.add(SignInAttempt(name=digest, address=address, at=now()))
    return wait


def forgive_attempt(session: Session, name: str, address: str) -> None:
    """The last attempt was right as far as it went: it counts no longer, those before do."""
    same = (SignInAttempt.name == _digest(name), SignInAttempt.address == address)
    last = select(func.max(SignInAttempt.id)).where(*same).scalar_subquery()
    session.execute(delete(SignInAttempt).where(SignInAttempt.id == last))


def forget_attempts(session: Session, name: str, address: str) -> None:
    """Their person is in: failures before, of those that are counted with this address, count no longer."""
    session.execute(delete(SignInAttempt).where(_counted_together(session, name, address)))


def seconds_to_wait(times: Sequence[dt.datetime], limit: int) -> int:
    """How long the next attempt must wait after these, the oldest first; 0: not at all.

    Never more than `limit` a minute; and after each further `limit` failures within an hour twice as long as before.
    """
    at, waits = now(), [dt.timedelta()]
    if len(times) >= limit:
        waits.append(times[-limit] + WINDOW - at)
    if rounds := len(times) // limit:
        waits.append(times[rounds * limit - 1] + min(WINDOW * 2 ** (rounds - 1), LONGEST) - at)
    longest = max(waits).total_seconds()
    return int(longest) + 1 if longest > 0 else 0


def _counted_together(session: Session, name: str, address: str) -> ColumnElement[bool]:
    """The condition: an attempt on this account from this address, where it is its person's own, or from any that is not."""
    own = _own_addresses(session, name)
    here = SignInAttempt.address == address if address in own else SignInAttempt.address.not_in(own)
    return and_(SignInAttempt.name == _digest(name), here)


def _own_addresses(session: Session, name: str) -> frozenset[str]:
    """From where this account's person signed in last; empty for an account that there is none of."""
    user = find_user(session, name)
    if user is None:
        return frozenset()
    rows = session.scalars(
        select(Event.data)
        .where(Event.kind == "sign_in.ok", Event.subject == user.id, Event.at > now() - OWN_FOR)
        .order_by(Event.seq.desc())
        .limit(MOST_OWN)
    )
    return frozenset(json.loads(data)["address"] for data in rows)


def _times(session: Session, condition: ColumnElement[bool]) -> Sequence[dt.datetime]:
    since = now() - REMEMBERED
    return session.scalars(
        select(SignInAttempt.at).where(condition, SignInAttempt.at > since).order_by(SignInAttempt.at)
    ).all()


def _digest(name: str) -> str:
    return hashlib.sha256(normal_name(name).encode()).hexdigest()
