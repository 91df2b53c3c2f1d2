"""Passwords: which are taken, how they are kept, and whether one is right.

Parameters follow the OWASP Password Storage Cheat Sheet (Argon2id, at least 19 MiB, 2 passes, 1 lane); argon2-cffi's defaults
(RFC 9106, second choice: 64 MiB, 3 passes, 4 lanes) are above them.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from schemas.errors import ConfigurationError, WeakPasswordError
from schemas.settings import Settings

LEAST_LENGTH = 12
MOST_LENGTH = 1024  # hashing megabytes is a way to keep us busy
LEAST_GUESSES = 1e9  # what a sign-in that may be tried five times a minute withstands for centuries
MOST_WEIGHED = 72  # characters that are looked at for words and patterns
MOST_LINE = 64  # bytes of a line of the breached ones: 40 digits, a colon, a count


def made_password() -> str:
    """A password that nobody chose: 120 random bits."""
    return secrets.token_urlsafe(15)


def hash_password(settings: Settings, password: str, *, name: str) -> str:
    """The Argon2id hash of an acceptable password. Raises WeakPasswordError; ConfigurationError without the breached ones."""
    if len(password) < LEAST_LENGTH:
        raise WeakPasswordError("short")
    if len(password) > MOST_LENGTH:
        raise WeakPasswordError("long")
    if guesses(password, name) < LEAST_GUESSES:
        raise WeakPasswordError("guessable")
    if settings.breached_passwords and is_breached(password, Path(settings.breached_passwords)):
        raise WeakPasswordError("breached")
    return hasher().hash(password)


def guesses(password: str, name: str) -> float:
    """About how many tries guess it: by 30,000 common passwords, words, names, dates, keyboard rows and repetitions.

    Source: D. Wheeler, zxcvbn: Low-Budget Password Strength Estimation, USENIX Security 2016.
    """
    return float(zxcvbn(password[:MOST_WEIGHED], user_inputs=[name, "cleardesk"])["guesses"])


def is_breached(password: str, breached: Path) -> bool:
    """Whether the password is in a file of `SHA1:count` lines in the hashes' order, found by bisection.

    The file is the one that Have I Been Pwned offers for download; the password leaves this process in no form.

    Raises:
        ConfigurationError: the file cannot be read: no password is taken unseen.
    """
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    try:
        with breached.open("rb") as lines:
            low, high = 0, lines.seek(0, 2)
            while low < high:  # the first line at or after `low` whose hash is not less than the wanted one
                middle = (low + high) // 2
                lines.seek(max(middle - 1, 0))
                if middle:
                    lines.readline(MOST_LINE)
                found = lines.readline(MOST_LINE)[: len(wanted)].upper()
                if found == wanted:
                    return True
                low, high = (middle + 1, high) if found and found < wanted else (low, middle)
    except OSError as error:
        raise ConfigurationError("CLEARDESK_BREACHED_PASSWORDS names a file that cannot be read") from error
    return False


def is_right(password: str, password_hash: str) -> bool:
    """Whether the password is right. No hash costs the same time as a wrong password: names cannot be found out by it."""
    try:
        return hasher().verify(password_hash or _nobodys_hash(), password[:MOST_LENGTH]) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def renewed_hash(password: str, password_hash: str) -> str | None:
    """The same password under today's parameters, where the hash has lower ones."""
    return hasher().hash(password) if hasher().check_needs_rehash(password_hash) else None


@cache
def hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return hasher().hash(secrets.token_urlsafe(32))
