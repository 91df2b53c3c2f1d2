"""`explain`: why a value is what it is, as a table that people can read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleardesk.opening import DeskOption, JsonOption, opened, write_json

if TYPE_CHECKING:
    from schemas.learning import Explanation, ScoredCandidate
    from schemas.values import Candidate
    from tasks.explain import ValueExplanation

MOST_REASONS, MOST_CANDIDATES = 4, 6
LEAST_SHARE = 0.05  # log-odds: what moved less is not worth a word
EVIDENCE = {  # how evidence starts -> what it says
    "label": "printed beside the label",
    "relation": "the label stands",
    "type": "printed like a value of its type",
    "check": "its check digits are",
    "sum": "adds up",
    "derived": "computed from",
    "printed": "printed",
    "memory": "earlier documents of this supplier:",
    "master": "in the client's master data, by",
    "learned": "chosen by what was learned",
    "how": "not as printed:",
}


def add_to(app: typer.Typer) -> None:
    app.command("explain")(explain)


def explain(
    document: Annotated[str, typer.Argument(help="The document's id, doc_…")],
    field: Annotated[str, typer.Argument(help="A field such as gross_total, or a cell such as line_items.2.quantity.")],
    desk: DeskOption = None,
    json: JsonOption = None,
) -> None:
    """Why a value is what it is: candidates, features, memory, findings, and who changed it."""
    from store.database import system
    from tasks.explain import explain_value

    with opened(desk) as it:
        told = explain_value(it, system("command:explain"), document, field, quarantine=True)
    print("\n".join(explanation_lines(told)))
    write_json(told.model_dump(mode="json"), json)


def explanation_lines(told: ValueExplanation) -> Iterator[str]:
    """The explanation, line by line."""
    yield f"{told.field} of {told.document} ({told.document_type}, by {told.extractor})"
    yield from _standing(told)
    for change in told.changes:
        because = f" ({change.reason})" if change.reason else ""
        yield f"  changed by {change.by} at {change.at:%Y-%m-%d %H:%M} UTC: {change.old or '-'} -> {change.new or '-'}{because}"
    for finding in told.findings:
        yield f"  finding: {finding.rule} ({finding.severity})"
    if told.machine is not None:
        yield from _machine(told.machine)
    elif told.candidates:
        yield "  candidates"
        for each in told.candidates[:MOST_CANDIDATES]:
            yield from _candidate(each)


def _standing(told: ValueExplanation) -> Iterator[str]:
    value = told.value
    if value is None:
        yield "  no value was found"
        return
    place = f", page {value.page}" if value.page else ""
    yield f"  value  {value.text or value.state}  {value.probability:.0%} sure, from {value.source}{place}"
    for each in value.evidence:
        yield f"    {evidence_in_words(each)}"


def _machine(said: Explanation) -> Iterator[str]:
    yield f"  the machine of today ({said.extractor}) says  {said.chosen or 'nothing'}  {said.probability:.0%} sure"
    best: dict[str, ScoredCandidate] = {}
    for each in said.candidates:
        best.setdefault(each.candidate.text, each)
    for each in list(best.values())[:MOST_CANDIDATES]:
        yield from _candidate(each.candidate)
        yield from _reasons(each.reasons, "candidate")
    if said.doubts:
        yield "  what moved its certainty"
        yield from _reasons(said.doubts, "doubt")
    if said.supplier:
        yield f"  remembered supplier  {said.supplier}"
    if said.memory is not None:
        for text, count in sorted(said.memory.values.items(), key=lambda each: -each[1])[:MOST_CANDIDATES]:
            yield f"    {text}  on {count} earlier document{'s' if count > 1 else ''}"


def _candidate(each: Candidate) -> Iterator[str]:
    evidence = "; ".join(map(evidence_in_words, each.evidence))
    yield f"    {each.score:8.3f}  {each.text}  (page {each.page}{'; ' if evidence else ''}{evidence})"


def _reasons(reasons: Iterable[tuple[str, float]], of: str) -> Iterator[str]:
    for words, share in in_words(reasons, of)[:MOST_REASONS]:
        yield f"              {share:+6.2f}  {words}"


def in_words(reasons: Iterable[tuple[str, float]], of: str) -> list[tuple[str, float]]:
    """Features as words (`of`: candidate or doubt) with their shares added up, the weightiest first."""
    shares: dict[str, float] = defaultdict(float)
    for name, share in reasons:
        shares[feature_words()[of].get(name, name.replace("_", " "))] += share
    told = [(words, share) for words, share in shares.items() if abs(share) >= LEAST_SHARE]
    return sorted(told, key=lambda each: -abs(each[1]))


def evidence_in_words(evidence: str) -> str:
    """`label:Rechnungsnummer` -> `printed beside the label Rechnungsnummer`."""
    kind, _, what = evidence.partition(":")
    return f"{EVIDENCE[kind]} {what.replace('_', ' ')}".rstrip() if kind in EVIDENCE else evidence


@cache
def feature_words() -> Mapping[str, Mapping[str, str]]:
    """Part -> feature -> words."""
    import yaml

    parts = yaml.safe_load((Path(__file__).parent / "feature_words.yaml").read_text(encoding="utf-8"))
    return {part: {name: words for words, names in known.items() for name in names} for part, known in parts.items()}
