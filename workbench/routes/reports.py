"""Reports: each finished day and month of a process, for its client and, with more in it, for ops."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from schemas.errors import NotFoundError
from schemas.report import Audience
from store.events import canonical
from store.lists import processes_seen
from store.report_figures import reports_seen
from store.tables import Report
from tasks.audit.looking import look_at
from tasks.desk import Desk
from tasks.formats.comma_separated import defused
from tasks.report.plots import plots_of, svg
from tasks.report.write import load, write_report
from workbench.access import DeskHere, Requires
from workbench.pages import page, words_for
from workbench.permissions import Permission
from workbench.report_pdf import report_pdf
from workbench.report_sections import plot_title, sections
from workbench.visitor import Visitor

router = APIRouter(prefix="/reports")
Reader = Annotated[Visitor, Depends(Requires(Permission.REPORT_VIEW))]
Writer = Annotated[Visitor, Depends(Requires(Permission.REPORT_OPS))]


@router.get("")
def list_page(request: Request, desk: DeskHere, visitor: Reader) -> Response:
    """The reports that this person may read, the newest first; who may write picks a process and a period."""
    with desk.store.read(visitor.scope) as session:
        rows = reports_seen(session, _audiences(visitor))
        processes = processes_seen(session)
    return page(request, "reports.html", rows=rows, processes=processes)


@router.post("")
def write(
    desk: DeskHere,
    visitor: Writer,
    process: Annotated[str, Form(max_length=200)],
    period: Annotated[str, Form(max_length=10)],
    audience: Annotated[Literal["client", "ops"], Form()],
) -> Response:
    """Write a period's report now. Raises NotFoundError: no such process, or no period."""
    client, _, name = process.partition("/")
    if visitor.client_ids is not None and client not in visitor.client_ids:
        raise NotFoundError(process)
    report = write_report(desk, visitor.scope, client, name, period, audience)
    return RedirectResponse(f"/reports/{report.id}", 303)


@router.get("/{report_id}")
def show(request: Request, report_id: str, desk: DeskHere, visitor: Reader) -> Response:
    """One report as a page. Raises NotFoundError."""
    report = _report(desk, visitor, report_id)
    data = load(report)
    return page(
        request,
        "report.html",
        report=report,
        data=data,
        sections=sections(data, words_for(request)),
        plots=[(each.name, plot_title(each, words_for(request))) for each in plots_of(data)],
    )


@router.get("/{report_id}/data.json")
def as_data(report_id: str, desk: DeskHere, visitor: Reader) -> Response:
    """The report's data as canonical JSON: its SHA-256 is the report's. Raises NotFoundError."""
    report = _report(desk, visitor, report_id)
    return _file(canonical(report.data).encode(), "application/json", f"{_name(report)}.json")


@router.get("/{report_id}/report.pdf")
def as_pdf(request: Request, report_id: str, desk: DeskHere, visitor: Reader) -> Response:
    """The report as PDF. Raises NotFoundError."""
    report = _report(desk, visitor, report_id)
    content = report_pdf(report, load(report), words_for(request))
    return _file(content, "application/pdf", f"{_name(report)}.pdf")


@router.get("/{report_id}/report.csv")
def as_csv(request: Request, report_id: str, desk: DeskHere, visitor: Reader) -> Response:
    """The report's tables one under the other, safe for spreadsheets. Raises NotFoundError."""
    report = _report(desk, visitor, report_id)
    target = io.StringIO()
    rows = csv.writer(target)
    for section in sections(load(report), words_for(request)):
        rows.writerow([section.title])
        rows.writerow(section.head)
        rows.writerows([defused(cell) for cell in row] for row in section.rows)
        rows.writerow([])
    return _file(target.getvalue().encode("utf-8-sig"), "text/csv", f"{_name(report)}.csv")


@router.get("/{report_id}/plots/{name}.svg")
def draw(report_id: str, name: str, desk: DeskHere, visitor: Reader) -> Response:
    """One of a report's plots. Raises NotFoundError."""
    return Response(svg(load(_report(desk, visitor, report_id)), name, visitor.language), media_type="image/svg+xml")


def _audiences(visitor: Visitor) -> list[Audience]:
    return ["client", "ops"] if visitor.may(Permission.REPORT_OPS) else ["client"]


def _report(desk: Desk, visitor: Visitor, report_id: str) -> Report:
    """A report that this person may read; any other is not there. Raises NotFoundError, FourEyesError."""
    with desk.store.read(visitor.scope) as session:
        report = next((r for r in reports_seen(session, _audiences(visitor)) if r.id == report_id), None)
    if report is None:
        raise NotFoundError(report_id)
    look_at(desk, visitor.scope, *(each.document for each in load(report).open_documents))
    return report


def _name(report: Report) -> str:
    return f"{report.client_id}-{report.process}-{report.period}-{report.audience}"


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
