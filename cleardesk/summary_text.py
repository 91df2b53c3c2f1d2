"""The summary as a person reads it."""

from __future__ import annotations

from typing import Any

WIDTH = 26


def summary_text(summary: dict[str, Any]) -> str:
    """Every figure on a line of its own, in the order of a document's way."""
    lines = [
        _line("came in", f"{summary['receipts']} files, {summary['documents']} documents, {summary['pages']} pages"),
        _line("delivered untouched", f"{summary['delivered_untouched']} documents, by no human hand"),
        _line("in review", f"{summary['in_review']} wait for a person"),
        _line("held", f"{summary['held']} wait for their batch, a password or a decision"),
        _line("quarantined", summary["quarantined"]),
        _line("duplicates", summary["duplicates"]),
        _line("rejected", _counts(summary["rejected"])),
        _line("findings", _counts(summary["findings"])),
        _line("fields right (machine)", _shares(summary["field_accuracy"])),
        _line("seconds per page", ", ".join(f"{k} {v}" for k, v in summary["seconds_per_page"].items()) or "-"),
        _line("in time", _in_time(summary["sla"])),
        _line("ledger residual", summary["ledger_residual"]),
        "",
        "Provisional mode: thresholds are not certified by blind audits yet.",
    ]
    return "\n".join(lines)


def _line(name: str, value: object) -> str:
    return f"{name:{WIDTH}}{value}"


def _in_time(sla: dict[str, Any]) -> str:
    share = "-" if sla["attainment"] is None else f"{sla['attainment']:.1%}"
    return f"{share} ({sla['met']} met, {sla['missed']} missed, {sla['running']} running)"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "-"


def _shares(shares: dict[str, float]) -> str:
    return ", ".join(f"{kind} {share:.1%}" for kind, share in shares.items()) or "-"
