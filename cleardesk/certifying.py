"""`certify`: look at the blind audits now, and say which thresholds hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from cleardesk.opening import DeskOption, JsonOption, opened, write_json

if TYPE_CHECKING:
    from tasks.audit.certificate_view import Line

HIDDEN = {"monitor", "good_until", "ended_at"}  # of a certificate's row; for the pages


def add_to(app: typer.Typer) -> None:
    app.command("certify")(certify)


def certify(desk: DeskOption = None, json: JsonOption = None) -> None:
    """Certify what the blind audits prove by now, revoke what they speak against, and print what stands."""
    from store.database import system
    from tasks.audit.certificate_view import list_certificates
    from tasks.audit.certifying import certify_all

    with opened(desk) as it:
        changed = certify_all(it)
        lines = list_certificates(it, system("cli"))
    print(f"{changed} certificates issued or revoked, {len(lines)} stand")
    for line in lines:
        print("  " + _in_words(line))
    write_json({"changed": changed, "standing": [_figures(line) for line in lines]}, json)


def _in_words(line: Line) -> str:
    row = line.certificate
    about = f"{row.client_id}/{row.process} {row.document_type} {row.group}: {row.state}, {row.audits} audits"
    if row.threshold is not None and row.bound is not None:
        proof = f", at most {row.bound:.2%} wrong from {row.threshold:.3f} on, {row.coverage or 0:.0%} of the values"
        return about + proof + (f" ({row.reason})" if row.reason else "")
    if row.needed is None:
        return about
    return about + f", {row.needed} more expected" + (f", on {line.ready:%Y-%m-%d}" if line.ready else "")


def _figures(line: Line) -> dict[str, Any]:
    row = line.certificate
    figures = {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key not in HIDDEN}
    return {**figures, "ready": line.ready}
