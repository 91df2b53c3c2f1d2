"""The table of security controls is whole, and what it names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "asvs.md"
LEVELS_1_AND_2 = {
    "1.1": "1-2", "1.2": "1-9", "1.3": "1-11", "1.4": "1-3", "1.5": "1-2",
    "2.1": "1-3", "2.2": "1-3", "2.3": "1-4", "2.4": "1",
    "3.2": "1-2", "3.3": "1-4", "3.4": "1-6", "3.5": "1-5", "3.7": "1-2",
    "4.1": "1-3", "4.2": "1", "4.3": "1-2", "4.4": "1-4",
    "5.1": "1", "5.2": "1-3", "5.3": "1-2", "5.4": "1-3",
    "6.1": "1-3", "6.2": "1-12", "6.3": "1-4", "6.4": "1-4", "6.5": "1-5", "6.6": "1-3", "6.8": "1-4",
    "7.1": "1-3", "7.2": "1-4", "7.3": "1-2", "7.4": "1-5", "7.5": "1-2", "7.6": "1-2",
    "8.1": "1-2", "8.2": "1-3", "8.3": "1", "8.4": "1",
    "9.1": "1-3", "9.2": "1-4",
    "10.1": "1-2", "10.2": "1-2", "10.3": "1-4", "10.4": "1-11", "10.5": "1-5", "10.6": "1-2", "10.7": "1-3",
    "11.1": "1-2", "11.2": "1-3", "11.3": "1-3", "11.4": "1-4", "11.5": "1", "11.6": "1",
    "12.1": "1-3", "12.2": "1-2", "12.3": "1-4",
    "13.1": "1", "13.2": "1-5", "13.3": "1-2", "13.4": "1-5",
    "14.1": "1-2", "14.2": "1-4", "14.3": "1-3",
    "15.1": "1-3", "15.2": "1-3", "15.3": "1-7",
    "16.1": "1", "16.2": "1-5", "16.3": "1-4", "16.4": "1-3", "16.5": "1-3",
    "17.1": "1", "17.2": "1-4", "17.3": "1-2",
}  # fmt: skip
"""Section to the numbers of its requirements at levels 1 and 2 (in 5.0.0 those of level 3 stand last in each section)."""


def wanted() -> list[str]:
    ids = []
    for section, numbers in LEVELS_1_AND_2.items():
        first, _, last = numbers.partition("-")
        ids += [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]
    return ids


def rows() -> list[list[str]]:
    """The table's lines: ids, and what stands beside them."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if re.match(r"\| \d", line)]
    return [[cell.removesuffix(" |").strip() for cell in row] for row in cells]


def test_every_requirement_has_one_row() -> None:
    ids = [each for row in rows() for each in row[0].split(", ")]
    assert len(wanted()) == 253
    assert sorted(ids) == sorted(wanted())


def test_every_row_says_what_is_done_or_why_not() -> None:
    assert all(len(row[1]) > 5 or row[1] == "The same" for row in rows())


@pytest.mark.parametrize("row", [row for row in rows() if len(row) > 2 and row[2]], ids=lambda row: row[0])
def test_every_named_test_exists(row: list[str]) -> None:
    for named in re.findall(r"`([^`]+)`", row[2]):
        path, _, name = named.partition("::")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert f"def {name or 'test_'}" + ("(" if name else "") in text, named


def test_four_of_five_that_apply_name_a_test() -> None:
    applying = [row for row in rows() if len(row) > 2]
    assert len(applying) > 180
    assert sum(bool(row[2]) for row in applying) >= 0.8 * len(applying)


def test_every_library_is_locked_with_its_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = re.split(r"\n(?=[a-z0-9])", lock.strip(), flags=re.I)
    assert len(pinned) > 100
    assert all("==" in each and "--hash=sha256:" in each for each in pinned)
