"""Judge one document: the facts in, the findings out."""

from __future__ import annotations

from dataclasses import replace

from schemas.narrowing import narrowed
from schemas.process import Process
from schemas.values import Finding
from validations.definitions import parameters_of, rules_for
from validations.facts import Facts
from validations.rules import RULES


def validate(facts: Facts, process: Process) -> list[Finding]:
    """Every broken rule of a document, in the order of the rules.

    The rules are the document type's defaults and the process's own; the process's field settings (required, ignored)
    are applied to the document type first. The process must have passed `check_rules`.
    """
    facts = replace(facts, document_type=narrowed(facts.document_type, process.fields))
    findings: list[Finding] = []
    for setting in rules_for(facts.document_type.name, process):
        rule = RULES[setting.rule]
        findings += rule.findings(facts, parameters_of(setting), setting.severity or rule.severity)
    return findings
