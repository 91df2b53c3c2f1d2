"""What a language model said beside the machine: made-up values stop a document, other readings are shown."""

from __future__ import annotations

from collections.abc import Iterator

from schemas.values import DIFFERS, NOT_ON_PAGE, UNGROUNDED, Severity, Value
from validations.facts import Facts
from validations.rule_book import Breach, Parameters, breach, rule
from validations.rules.presence import field_path


class OnPage(Parameters):
    """No parameters."""


@rule(OnPage, severity=Severity.ERROR)
def on_page(facts: Facts, parameters: OnPage) -> Iterator[Breach]:
    """A value that a language model proposed is printed on the page that it named."""
    for value in facts.present():
        if UNGROUNDED in value.evidence and value.source != "person":
            yield breach([value.address], field=field_path(value.address), text=value.text)


class SecondOpinion(Parameters):
    """No parameters."""


@rule(SecondOpinion, severity=Severity.WARNING)
def second_opinion(facts: Facts, parameters: SecondOpinion) -> Iterator[Breach]:
    """The language model reads the same value, where it was asked."""
    for value in facts.present():
        for case, prefix in (("differs", DIFFERS), ("not_on_page", NOT_ON_PAGE)):
            for text in _remarks(value, prefix):
                yield breach([value.address], case=case, field=field_path(value.address), text=text)


def _remarks(value: Value, prefix: str) -> list[str]:
    if value.source == "person":
        return []
    return [remark.removeprefix(prefix) for remark in value.evidence if remark.startswith(prefix)]
