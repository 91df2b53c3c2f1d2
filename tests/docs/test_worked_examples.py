"""Every worked example of the written pages is computed again, and comes out as it is printed."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, pages

WORKED = [page for page in pages() if "\n>>> " in page.read_text(encoding="utf-8")]


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in WORKED])
def test_worked_examples_come_out_as_printed(page: Path) -> None:
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(verbose=False)
    example = parser.get_doctest(page.read_text(encoding="utf-8").replace("```", ""), {}, page.name, str(page), 0)
    said: list[str] = []
    result = runner.run(example, out=said.append)
    assert result.attempted > 0
    assert result.failed == 0, "".join(said)
