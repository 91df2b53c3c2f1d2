"""The second factor: six digits of an authenticator app (TOTP, RFC 6238), or a recovery code when the phone is gone.

A code is taken a little early or late (30 s) and counts once (RFC 6238, 5.2). Secrets are kept encrypted (Fernet) with a key in
the desk's folder: a copy of the database alone gives no codes. A recovery code has 125 random bits, so a plain hash keeps it.
"""

from __future__ import annotations

import datetime as dt
import hmac
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

import pyotp
import segno
from cryptography.fernet import Fernet, InvalidToken

from schemas.errors import ConfigurationError, ConflictError
from schemas.roles import ADMINISTRATORS
from schemas.settings import Settings
from store.database import Session, system
from store.second_factors import (
    confirm_factor,
    forget_factor,
    offer_factor,
    recovery_codes_left,
    replace_recovery_codes,
    take_recovery_code,
    take_step,
)
from store.tables import User
from store.users import end_sessions_of
from tasks.desk import Desk
from tasks.users import sha256

KEY = "second-factor.key"
STEP_SECONDS = 30
CODES = 10
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # 32, none to be taken for another
GROUPS, GROUP_LETTERS = 5, 5


@dataclass(frozen=True)
class Offer:
    """A secret that waits for its first code: as base32 text in groups of four, and as a QR code (an SVG element)."""

    secret: str
    picture: str


@dataclass(frozen=True)
class SecondFactor:
    """Where a person stands. `demanded`: their role asks for one; `codes`: recovery codes left."""

    since: dt.datetime | None
    demanded: bool
    codes: int


def must_have(settings: Settings, user: User) -> bool:
    """Whether this person's password alone does not do. Who comes through single sign-on shows a second factor there."""
    asked = {"nobody": False, "everybody": True, "administrators": user.role in ADMINISTRATORS}
    return asked[settings.second_factor] and not user.issuer


def second_factor_of(desk: Desk, user_id: str) -> SecondFactor:
    """Where this person stands."""
    with desk.store.read(system("workbench")) as session:
        user = session.get_one(User, user_id)
        return SecondFactor(user.factor_since, must_have(desk.settings, user), recovery_codes_left(session, user_id))


def begin(desk: Desk, user_id: str, name: str) -> Offer:
    """A new secret, to be confirmed by a first code. Raises ConflictError for who has one, or comes through single sign-on."""
    secret = pyotp.random_base32()
    sealed = _sealer(desk).encrypt(secret.encode()).decode()
    with desk.store.session(system(name)) as session:
        user = session.get_one(User, user_id)
        if user.issuer or user.factor_since:
            raise ConflictError("no second factor is to be set up")
        offer_factor(session, user_id, sealed)
    return _offer(secret, name)


def offered(desk: Desk, user_id: str) -> Offer | None:
    """What waits for its first code."""
    with desk.store.read(system("workbench")) as session:
        user = session.get_one(User, user_id)
    if user.factor_sealed is None or user.factor_since is not None:
        return None
    return _offer(_opened(desk, user.factor_sealed), user.name)


def _offer(secret: str, name: str) -> Offer:
    address = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Cleardesk")
    fours = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return Offer(fours, _picture(address))


def _picture(address: str) -> str:
    """A QR code as an SVG element without styles or scripts, on white whatever the page's colours are."""
    return segno.make(address, error="m").svg_inline(scale=4, border=4, dark="#000", light="#fff", omitsize=True)


def confirm(desk: Desk, user_id: str, name: str, code: str, *, kept: str) -> list[str] | None:
    """Take the second factor into use; every session ends but the one whose token's hash is `kept`.

    Returns the recovery codes, to be shown once; None where the code is wrong.
    """
    with desk.store.session(system(name)) as session:
        user = session.get_one(User, user_id)
        step = _step_of(desk, user, code)
        if step is None or not confirm_factor(session, user_id, step):
            return None
        end_sessions_of(session, user, kept=kept)
        return _new_codes(session, user_id)


def new_recovery_codes(desk: Desk, user_id: str, name: str) -> list[str]:
    """Other recovery codes instead of those there are, to be shown once."""
    with desk.store.session(system(name)) as session:
        return _new_codes(session, user_id)


def end(desk: Desk, user_id: str, name: str) -> None:
    """Do without a second factor again; every session ends."""
    with desk.store.session(system(name)) as session:
        forget_factor(session, session.get_one(User, user_id))


def take_code(desk: Desk, session: Session, user: User, code: str) -> str | None:
    """Use up a code: `code` where it was the app's, `recovery_code` where it was one of those, None where it is wrong."""
    step = _step_of(desk, user, code)
    if step is not None:
        return "code" if take_step(session, user.id, step) else None
    return "recovery_code" if take_recovery_code(session, user.id, sha256(_plain(code))) else None


def _new_codes(session: Session, user_id: str) -> list[str]:
    codes = ["".join(secrets.choice(LETTERS) for _ in range(GROUPS * GROUP_LETTERS)) for _ in range(CODES)]
    replace_recovery_codes(session, user_id, [sha256(code) for code in codes])
    starts = range(0, GROUPS * GROUP_LETTERS, GROUP_LETTERS)
    return ["-".join(code[at : at + GROUP_LETTERS] for at in starts) for code in codes]


def _plain(code: str) -> str:
    """A code as it is kept, however it was typed."""
    return "".join(each for each in code.lower() if each.isalnum())


def _step_of(desk: Desk, user: User, code: str) -> int | None:
    """The time step that this is the code of, now or one step beside; None where it is none."""
    digits = _plain(code)
    if not user.factor_sealed or not (digits.isascii() and digits.isdigit()):
        return None
    totp = pyotp.TOTP(_opened(desk, user.factor_sealed))
    here = int(time.time()) // STEP_SECONDS
    steps = (here, here - 1, here + 1)
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step), digits)), None)


def _opened(desk: Desk, sealed: str) -> str:
    """The secret. Raises ConfigurationError where the key is another one."""
    try:
        return _sealer(desk).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise ConfigurationError(f"{KEY} is not the key that the second factors were sealed with") from error


def _sealer(desk: Desk) -> Fernet:
    return Fernet(_key(desk.folder / KEY))


def _key(path: Path) -> bytes:
    """The desk's key; the first who asks makes it, for its owner's eyes only."""
    if not path.exists():
        made = path.with_name(f"{KEY}.{secrets.token_hex(8)}")
        try:
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
                stream.write(Fernet.generate_key())
            path.hardlink_to(made)
        except FileExistsError:
            pass  # another was quicker: theirs counts
        finally:
            made.unlink(missing_ok=True)
    return path.read_bytes()
