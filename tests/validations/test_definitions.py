"""Rules in a process definition: a wrong one is refused with the line and the mend before anything runs."""

from __future__ import annotations

import pytest

from schemas.document_type import document_types
from schemas.errors import DefinitionError
from schemas.process import Process
from schemas.yaml_file import parse_yaml
from validations.definitions import DEFAULTS, check_rules, default_rules, rules_for

HEAD = "process: p\nclient: c\ndocument_types: [invoice, receipt]\nrules:\n  - {rule: not_in_future, days: 3}\n"


def check(line: str) -> None:
    text = HEAD + f"  - {line}\n"
    check_rules(parse_yaml(text, Process, file="p.yaml"), document_types(), file="p.yaml", text=text)


@pytest.mark.parametrize(
    "line",
    [
        "{rule: sum_equals, parts: [net_total, tax_total], total: gross_total, tolerance: 0.05, severity: error}",
        "{rule: sum_equals, parts: [net, tax], total: total}",
        "{rule: not_before, field: due_date, other: receipt_date}",
        "{rule: format, field: line_items.article_number, pattern: '[A-Z]{2}[0-9]+'}",
        "{rule: required, fields: [order_number]}",
        "{rule: approval_limit, limit: 10000}",
        "{rule: line_totals, enabled: false}",
    ],
)
def test_right_rules_pass(line: str) -> None:
    check(line)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{rule: sum_equal}", r"p.yaml:6: rules.1: there is no rule `sum_equal` \(did you mean `sum_equals`\?\)"),
        ("{rule: sum_equals, tolerence: 1}", r"no parameter `tolerence` \(did you mean `tolerance`\?\)"),
        ("{rule: currency_known, size: 1}", r"no parameter `size` \(it takes no parameters\)"),
        ("{rule: approval_limit}", r"limit: Field required \(add it\)"),
        ("{rule: sum_equals, tolerance: -1}", "greater than or equal to 0"),
        ("{rule: not_before, field: due_dat}", r"has a field `due_dat` \(did you mean `due_date`\?\)"),
        ("{rule: format, field: order_number}", "give either format or pattern"),
        ("{rule: format, field: order_number, format: colour}", "format must be one of digits"),
        ("{rule: format, field: order_number, pattern: '['}", "not a regular expression"),
        ("{rule: format, field: line_items.colour, format: digits}", "has a field `line_items.colour`"),
    ],
)
def test_a_wrong_rule_is_refused_with_the_mend(line: str, says: str) -> None:
    with pytest.raises(DefinitionError, match=says):
        check(line)


def test_the_default_rules_are_right_themselves() -> None:
    types = sorted(document_types())
    for name in types:
        process = Process(process="p", client="c", document_types=types, rules=default_rules(name))
        check_rules(process, document_types(), file=str(DEFAULTS))
        assert len(rules_for(name, process)) == len(default_rules(name))
