"""Route: accepted, or an exception with the reasons why a person is asked. Pure; `work` and `review` carry it out.

Until a certificate says how far a threshold can be trusted, a process runs in provisional mode on `review.accept_above`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from schemas.document_type import DocumentType, FieldDefinition
from schemas.process import Process
from schemas.quality import ABSENT
from schemas.values import Extraction, Finding, Severity, Value, ValueState

OTHER = "other"
PROVISIONAL = "provisional"
FOUR_EYES = "FOUR_EYES"
ALL_FIELDS = "*"  # the certificate of all header fields together
LEAST_OTHER_FIELDS = 0.5  # what is neither critical nor required is delivered from here on


@dataclass(frozen=True)
class Route:
    """Where a document goes next. No reasons: accepted."""

    queue: str
    reasons: list[str]

    @property
    def accepted(self) -> bool:
        return not self.reasons


def route(
    extraction: Extraction,
    findings: Sequence[Finding],
    flags: Sequence[str],
    process: Process,
    kind: DocumentType | None,
    *,
    scanned: bool,
    certified: Mapping[str, float] | None = None,
) -> Route:
    """Decide on a machine's reading; `kind` is the type as the process uses it, None where the document is none of its types.

    `flags` are reason codes of the file that want a person's look (outcome in_review); `scanned`: a page was OCRed.
    `certified`: thresholds with a proof, by field or "*" (`tasks.audit.certifying`); the others are provisional.
    """
    queue = queue_of(process, extraction.document_type)
    if kind is None or extraction.document_type not in process.document_types:
        return Route(queue, ["OTHER_TYPE", *flags])
    reasons = [*flags, *dict.fromkeys(f.rule for f in findings if f.severity is Severity.ERROR)]
    reasons += [f"LOW_CONFIDENCE:{name}" for name in doubtful_fields(extraction, process, kind, certified)]
    absent = doubtfully_absent(extraction, kind, certified or {}, scanned=scanned)
    reasons += [f"LOW_CONFIDENCE:{name}" for name in absent]
    if needs_other_eyes(extraction, process, kind):
        reasons.append(FOUR_EYES)
    return Route(queue, reasons)


def queue_of(process: Process, document_type: str | None) -> str:
    """Where documents of a type wait for a person."""
    return process.review.queues.get(document_type or "") or process.review.queues["default"]


def doubtful_fields(
    extraction: Extraction, process: Process, kind: DocumentType, certified: Mapping[str, float] | None = None
) -> list[str]:
    """Fields whose value is less probable than this process accepts without a person, as `name` or `table.column`."""
    doubtful = []
    for value in extraction.values:
        definition = kind.definition(value.name, value.table)
        if definition is None or value.state is not ValueState.PRESENT:
            continue
        if value.probability < _needed(value, definition, process, certified or {}):
            doubtful.append(f"{value.table}.{value.name}" if value.table else value.name)
    return list(dict.fromkeys(doubtful))


def doubtfully_absent(
    extraction: Extraction, kind: DocumentType, certified: Mapping[str, float], *, scanned: bool
) -> list[str]:
    """Fields that were not found although they may be there. Required ones are left out: a rule names them.

    A certificate for absent values decides where there is one. Without it, critical fields are looked for on scans, as it may
    be the reading's fault.
    """
    doubtful = []
    for name, definition in kind.fields.items():
        if definition.required or not extraction.is_absent(name):
            continue
        known = certified.get(f"{name}{ABSENT}", certified.get(f"{ALL_FIELDS}{ABSENT}"))
        if extraction.absence(name) < known if known is not None else scanned and definition.critical:
            doubtful.append(name)
    return doubtful


def _needed(value: Value, definition: FieldDefinition, process: Process, certified: Mapping[str, float]) -> float:
    """The certified threshold where there is one; table cells have none."""
    known = certified.get(value.name, certified.get(ALL_FIELDS)) if not value.table else None
    return needed_probability(definition, process) if known is None else known


def needed_probability(definition: FieldDefinition, process: Process) -> float:
    """The least probability at which a field goes through untouched."""
    weighty = definition.critical or definition.required
    return float(process.review.accept_above) if weighty else LEAST_OTHER_FIELDS


def needs_other_eyes(extraction: Extraction, process: Process, kind: DocumentType) -> bool:
    """Whether the total is above the limit from which a second person must agree."""
    limit, total = process.review.four_eyes_above, extraction.get(kind.roles.total or "")
    if limit is None or total is None:
        return False
    try:
        return abs(Decimal(total.text)) > limit
    except InvalidOperation:
        return False


def guarded_fields(process: Process, kind: DocumentType) -> frozenset[str]:
    """Fields that no person changes alone, as settings write them: `iban`, `line_items.unit`; the total where it has a limit."""
    named = {name for name, setting in process.fields.items() if setting.four_eyes}
    total = {kind.roles.total} if process.review.four_eyes_above is not None and kind.roles.total else set()
    return frozenset(named | total)
