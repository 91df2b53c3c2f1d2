"""The reference of the rule book, docs/reference/rules.md; `python -m validations.reference` makes it from the code."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

from schemas.messages import texts
from validations.definitions import EVERY, defaults
from validations.rule_book import Rule, canonical
from validations.rules import RULES

HEAD = """# Rules

Every rule that a process definition can name, made from the code by `python -m validations.reference`. The rules listed
under "Default rules" hold for every document without being named.

A parameter that names a field takes a field's name (`due_date`), a role (`number`, `date`, `total`, `net`, `tax`,
`currency`, `supplier`, `reference`) or a table's column (`line_items.quantity`). A setting replaces the default rule of
the same name on the same fields; `severity` overrides the rule's own; `enabled: false` takes it out. An error stops
delivery until a person decides, a warning is shown. A rule is silent where a value that it needs is missing.
"""


def rules_markdown() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_defaults(), *(line for name in sorted(RULES) for line in _section(RULES[name]))]) + "\n"


def _defaults() -> Iterator[str]:
    yield "## Default rules\n"
    yield "| Documents | Rules |\n|---|---|"
    for name, settings in defaults().items():
        kinds = "all" if name == EVERY else f"`{name}`"
        yield f"| {kinds} | {', '.join(f'`{n}`' for n in dict.fromkeys(s.rule for s in settings))} |"
    yield ""


def _section(rule: Rule[Any]) -> Iterator[str]:
    yield f"## {rule.name}\n"
    yield f"{rule.summary} Severity: {rule.severity.value}.\n"
    if rule.parameters.model_fields:
        yield f"Parameters: {inspect.getdoc(rule.parameters)}\n"
        yield "| Parameter | Default |\n|---|---|"
        for name, field in rule.parameters.model_fields.items():
            yield f"| `{name}` | {_default(field)} |"
        yield ""
    for text in _messages(rule.name):
        yield f"> {text}\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "must be given"
    value = field.get_default()
    if value is None or value == ():
        return "none"
    return ", ".join(f"`{canonical(v)}`" for v in (value if isinstance(value, tuple) else [value]))


def _messages(rule: str) -> list[str]:
    """The English texts, their parameters without the way in which they are written."""
    entry = texts("en")[rule]
    found = [entry] if isinstance(entry, str) else list(entry.values())
    return [re.sub(r":\w+}", "}", text) for text in found]


if __name__ == "__main__":
    sys.stdout.write(rules_markdown())
