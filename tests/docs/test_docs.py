"""The documentation names nothing that is not there, and its marked commands do what they say."""

from __future__ import annotations

import logging
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cleardesk.main import app
from docs.reference_pages.commands import commands
from schemas.settings import Settings
from tests.docs.pages import ROOT, blocks_to_run, code, links, pages

PAGES = [pytest.param(page, id=str(page.relative_to(ROOT))) for page in pages()]
WRITTEN = [page for page in PAGES if "/reference/" not in str(page.id)]
ROOMS = [
    "cleardesk",
    "flows",
    "workbench",
    "tasks",
    "reading",
    "extraction",
    "validations",
    "store",
    "schemas",
    "tests",
]


@pytest.fixture(scope="module")
def sources() -> str:
    files = [path for room in ROOMS for suffix in ("py", "yaml") for path in (ROOT / room).rglob(f"*.{suffix}")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert [link for link in links(page) if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_exists(page: Path) -> None:
    for called in (text for text in code(page) if text.startswith("cleardesk ")):
        words = shlex.split(called)
        name = next((n for k in (3, 2) if (n := " ".join(words[:k])) in commands()), None)
        assert name, f"there is no `{called}`"
        known = {option for parameter in commands()[name].params for option in parameter.opts}
        unknown = [word for word in words if word.startswith("--") and word not in known]
        assert not unknown, f"`{called}`: {unknown}"


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = [text.split()[1] for text in code(page) if text.startswith("make ")]
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_file_exists(page: Path) -> None:
    here = {path.name for path in ROOT.iterdir()}
    paths = [text for text in code(page) if re.fullmatch(r"[\w.-]+(/[\w.-]*)*", text) and text.split("/")[0] in here]
    assert [path for path in paths if path.split("/")[0] != "desk" and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", WRITTEN)
def test_every_name_of_the_code_is_in_the_code(page: Path, sources: str) -> None:
    names = {text for text in code(page) if re.fullmatch(r"[a-z]+(_[a-z]+)+", text)}
    assert sorted(name for name in names if not re.search(rf"\b{name}\b", sources)) == []


@pytest.mark.parametrize("page", WRITTEN)
def test_every_setting_exists(page: Path) -> None:
    named = set(re.findall(r"\bCLEARDESK_(\w+)", page.read_text(encoding="utf-8")))
    assert sorted(named - {name.upper() for name in Settings.model_fields}) == []


@pytest.mark.parametrize("page", [page for page in PAGES if blocks_to_run(page.values[0])])  # type: ignore[arg-type]
def test_marked_commands_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sample_data").symlink_to(ROOT / "sample_data")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # a command sets up its own
    for called in (called for block in blocks_to_run(page) for called in block):
        program, *arguments = shlex.split(called)
        assert program == "cleardesk", "only our own commands are run"
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, f"{called}: {result.output} {result.exception!r}"
