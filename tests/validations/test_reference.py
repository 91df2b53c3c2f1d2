"""The rule reference in the documentation is what the code says."""

from __future__ import annotations

from pathlib import Path

from validations.reference import rules_markdown
from validations.rules import RULES

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "rules.md"


def test_the_committed_reference_matches_the_rule_book() -> None:
    assert PAGE.read_text(encoding="utf-8") == rules_markdown(), (
        "run `python -m validations.reference > docs/reference/rules.md`"
    )


def test_every_rule_says_in_one_sentence_what_must_be_true() -> None:
    for rule in RULES.values():
        assert rule.summary.endswith("."), rule.name
