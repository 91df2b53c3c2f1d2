"""The reference pages are what the code says, and the code says enough."""

from __future__ import annotations

import pytest

from docs.generate import FOLDER, PAGES, stale_pages
from docs.reference_pages.commands import commands, commands_page
from docs.reference_pages.definitions import definitions_page
from docs.reference_pages.errors import errors_page
from docs.reference_pages.settings import settings_page
from schemas import errors
from schemas.reasons import REASONS
from schemas.settings import Settings


def test_every_committed_page_matches_the_code() -> None:
    assert stale_pages() == [], "run `make docs`"


def test_every_page_in_the_folder_is_made_from_the_code() -> None:
    assert {path.name for path in FOLDER.glob("*.md")} == set(PAGES)


def test_every_setting_says_what_it_does() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
    assert all(f"`CLEARDESK_{name.upper()}`" in settings_page() for name in Settings.model_fields)


def test_every_error_has_a_code_of_its_own_and_a_place_on_the_page() -> None:
    tree = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.CleardeskError)
    ]
    codes = [kind.code for kind in tree]
    assert len(set(codes)) == len(codes)
    assert all(f"`{kind.code}` | " in errors_page() and f"`{kind.__name__}`" in errors_page() for kind in tree)


def test_every_key_of_a_definition_says_what_it_means() -> None:
    rows = [line.split(" | ") for line in definitions_page().partition("## Document types")[0].splitlines()]
    unexplained = [
        cells[0] for cells in rows if len(cells) == 3 and cells[0].startswith("| `") and cells[2].strip("| ") == ""
    ]
    assert unexplained == []


def test_every_command_says_what_it_does() -> None:
    for name, command in commands().items():
        assert command.help, name
        assert f"## {name}\n" in commands_page()


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_reason_is_told_in_the_senders_language(language: str) -> None:
    assert [code for code, reason in REASONS.items() if not reason.text.get(language)] == []
