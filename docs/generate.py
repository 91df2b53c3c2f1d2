"""`python -m docs.generate [--check]`: write the reference pages from the code, or say which ones no longer match it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from docs.reference_pages.commands import commands_page
from docs.reference_pages.definitions import definitions_page
from docs.reference_pages.errors import errors_page
from docs.reference_pages.lifecycle import lifecycle_page
from docs.reference_pages.reasons import reasons_page
from docs.reference_pages.roles import roles_page
from docs.reference_pages.settings import settings_page
from validations.reference import rules_markdown

FOLDER = Path(__file__).parent / "reference"
PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands_page,
    "definitions.md": definitions_page,
    "errors.md": errors_page,
    "lifecycle.md": lifecycle_page,
    "reasons.md": reasons_page,
    "roles.md": roles_page,
    "rules.md": rules_markdown,
    "settings.md": settings_page,
}


def stale_pages() -> list[str]:
    """Pages that are not what the code says."""
    return [name for name, page in PAGES.items() if _text(FOLDER / name) != page()]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def main() -> int:
    """Write or check; exit code 1 when a check finds a page out of date."""
    if "--check" in sys.argv[1:]:
        stale = stale_pages()
        for name in stale:
            sys.stderr.write(f"docs/reference/{name} is out of date: run `make docs`\n")
        return int(bool(stale))
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
