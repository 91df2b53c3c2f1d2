"""Which passwords are taken: none that attackers try first."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from schemas.errors import WeakPasswordError
from schemas.settings import Settings
from tasks.passwords import LEAST_LENGTH, hash_password, is_breached


def test_none_of_the_common_passwords_is_taken(tmp_path: Path) -> None:
    common = [each for each in FREQUENCY_LISTS["passwords"] if len(each) >= LEAST_LENGTH]
    assert len(FREQUENCY_LISTS["passwords"]) >= 3000 and len(common) > 20
    for password in common:
        with pytest.raises(WeakPasswordError, match="guessable"):
            hash_password(Settings(desk=tmp_path), password, name="ada")


@pytest.mark.parametrize("size", [1, 2, 3, 500])
def test_a_breached_password_is_found_wherever_it_stands_in_the_list(tmp_path: Path, size: int) -> None:
    words = [f"correct horse {number}" for number in range(size)]
    lines = sorted(f"{hashlib.sha1(word.encode()).hexdigest().upper()}:{len(word) ** 5}" for word in words)
    breached = tmp_path / "breached.txt"
    for end in ("\n", "\r\n"):
        breached.write_bytes((end.join(lines) + (end if size % 2 else "")).encode())
        assert all(is_breached(word, breached) for word in words)
        assert not any(is_breached(f"{word}!", breached) for word in words)
    breached.write_bytes(b"")
    assert not is_breached(words[0], breached)
