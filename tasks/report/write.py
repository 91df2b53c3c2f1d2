"""Writing reports: each finished day and month once, for the client and for ops; what a claim changes later is restated.

A written report is never altered. Its data's SHA-256 stands in the client's audit trail, and the data names the trail's head at
the time: whoever has the report and an export of the trail can check both (`cleardesk verify`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from schemas.clock import now
from schemas.errors import NotFoundError
from schemas.ids import new_id
from schemas.report import Audience, ReportData
from store.database import Scope, Session, system
from store.definitions import Definition, current_definitions
from store.events import canonical, record
from store.report_figures import Stretch, claims_decided, newest_report
from store.tables import Report
from tasks.desk import Desk
from tasks.report.figures import report_data
from tasks.report.periods import bounds, finished

ACTOR = system("flow:report")
AUDIENCES: tuple[Audience, ...] = ("client", "ops")


def write_due_reports(desk: Desk) -> int:
    """Write what is finished and not written yet, and restate what claims have changed. Returns how many reports."""
    with desk.store.read(ACTOR) as session:
        definitions = current_definitions(session)
    return sum(1 for definition in definitions for _ in _write_due(desk, definition))


def _write_due(desk: Desk, definition: Definition) -> Iterator[Report]:
    for period in finished(ZoneInfo(definition.client.time_zone), now()):
        for audience in AUDIENCES:
            with desk.store.session(ACTOR) as session:
                stretch = stretch_of(definition, period)
                before = newest_report(session, stretch.client_id, stretch.process, audience, period)
                if before is None or _is_changed(session, before, stretch):
                    yield _write(session, desk, stretch, period, audience, before)


def write_report(desk: Desk, scope: Scope, client: str, process: str, period: str, audience: Audience) -> Report:
    """Write a period's report now, finished or not. Raises NotFoundError: no such process, or no period."""
    with desk.store.session(scope) as session:
        known = (d for d in current_definitions(session) if (d.process.client, d.process.process) == (client, process))
        definition = next(known, None)
        if definition is None:
            raise NotFoundError(f"{client}/{process}")
        stretch = stretch_of(definition, period)
        before = newest_report(session, client, process, audience, period)
        return _write(session, desk, stretch, period, audience, before)


def stretch_of(definition: Definition, period: str) -> Stretch:
    """A period of a process in its client's time zone. Raises NotFoundError."""
    begins, ends = bounds(period, ZoneInfo(definition.client.time_zone))
    return Stretch(definition.process.client, definition.process.process, begins, ends)


def _is_changed(session: Session, before: Report, stretch: Stretch) -> bool:
    """Whether a claim on the period's deliveries was decided against us since."""
    return any(claim.decided_at and claim.decided_at > before.written_at for claim in claims_decided(session, stretch))


def _write(
    session: Session, desk: Desk, stretch: Stretch, period: str, audience: Audience, before: Report | None
) -> Report:
    data = report_data(session, desk, stretch, period, audience).model_dump(mode="json")
    report = Report(
        id=new_id("rpt"),
        client_id=stretch.client_id,
        process=stretch.process,
        audience=audience,
        period=period,
        data=data,
        sha256=digest(data),
        supersedes=before.id if before else None,
        written_at=now(),
    )
    session.add(report)
    record(
        session,
        report.client_id,
        "report.written",
        report.id,
        period=period,
        audience=audience,
        sha256=report.sha256,
        supersedes=report.supersedes,
    )
    return report


def digest(data: dict[str, object]) -> str:
    """SHA-256 of a report's data as canonical JSON."""
    return hashlib.sha256(canonical(data).encode()).hexdigest()


def load(report: Report) -> ReportData:
    """A written report's data."""
    return ReportData.model_validate(report.data)
