"""The written pages, and what they name: links, inline code and console blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
TESTED = "<!-- tested -->\n"


def pages() -> list[Path]:
    """Every Markdown page of the project that people write or read."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def links(page: Path) -> Iterator[str]:
    """Relative links and pictures, without their anchors."""
    for target in re.findall(r"\]\(([^)\s]+)\)", BLOCK.sub("", page.read_text(encoding="utf-8"))):
        if not re.match(r"[a-z]+:|#", target):
            yield target.partition("#")[0]


def code(page: Path) -> Iterator[str]:
    """Inline code, with line breaks as blanks, and the console's commands."""
    text = page.read_text(encoding="utf-8")
    for span in re.findall(r"`([^`]+)`", BLOCK.sub("", text)):
        yield " ".join(span.split())
    yield from console(text)


def console(text: str) -> Iterator[str]:
    """The commands of console blocks, without their comments."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        yield from (line[2:].partition(" #")[0].strip() for line in block.splitlines() if line.startswith("$ "))


def blocks_to_run(page: Path) -> list[list[str]]:
    """The commands of each block that is marked to be run."""
    _, *marked = page.read_text(encoding="utf-8").split(TESTED)
    return [list(console(part[: part.index("```", 3) + 3])) for part in marked]
