"""A report as page, data, table and PDF: its plots are there, and no form of a client's report knows people or money."""

from __future__ import annotations

import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest
from sqlalchemy import select

from schemas.clock import now
from schemas.roles import Role
from store.database import Scope, Store
from store.tables import Course, CourseRun, Report
from tasks.audit.certifying import certify_all
from tasks.audit.lots import close_lots, decide_lots
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.report.plots import plots_of
from tasks.report.write import load, write_report
from tasks.review import Person
from tests.given import ACTOR, desk_on, process_of, this_month
from tests.tasks.test_audits import LATER, key_all, reviewed
from tests.tasks.test_certificates import audited
from workbench.report_sections import sections
from workbench.words import Words

PLANTED, HOURLY = "zzplantedname", Decimal("987654")  # who worked, and what an hour costs
FORMS = ("", "/data.json", "/report.csv", "/report.pdf")
PROMISED = f"accuracy: {{target: 98%, confidence: 90%}}\n{LATER}"


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path, cost_per_hour=str(HOURLY))


@pytest.fixture
def reports(desk: Desk) -> dict[str, str]:
    """A month's work of planted people, as the client's report and as that of ops: ids by audience."""
    definition = process_of(desk, PROMISED)
    for number in range(2):
        reviewed(desk, definition, f"R-{number}", Person(PLANTED))
    deliver(desk, "worker")
    close_lots(desk)
    key_all(desk, Person(f"{PLANTED}2"))
    decide_lots(desk)
    audited(desk, definition, [0.95] * 420, {7}, after=1000)
    certify_all(desk)
    with desk.store.session(ACTOR) as session:
        session.add(course())
        session.flush()
        session.add_all(course_run(number, right) for number, right in enumerate((6, 9)))
    for audience in ("client", "ops"):
        write_report(desk, Scope("ops"), "acme", "invoices", this_month(), audience)
    with desk.store.read(ACTOR) as session:
        return {row.audience: row.id for row in session.scalars(select(Report))}


def course() -> Course:
    made = {"created_by": PLANTED, "created_at": now()}
    about = {"process": "invoices", "title": "Start", "skill": "start", "pass_mark": 0.9, "items": []}
    return Course(id="crs_1", client_id="acme", **about, **made)


def course_run(number: int, right: int) -> CourseRun:
    times = {"started_at": now(), "finished_at": now()}
    counted = {"right": right, "total": 10, "passed": right > 8, "answers": []}
    return CourseRun(id=f"run_{number}", client_id="acme", course_id="crs_1", person=PLANTED, **counted, **times)


def words_of(content: bytes) -> str:
    """All text of a PDF."""
    return "\n".join(page.get_textpage().get_text_bounded() for page in pdfium.PdfDocument(io.BytesIO(content)))


def every_form(browser: Any, report_id: str) -> str:
    """All that the report says, in every form that it has, plots included."""
    said = ""
    for end in FORMS:
        answer = browser.get(f"/reports/{report_id}{end}")
        assert answer.status_code == 200
        said += words_of(answer.content) if end.endswith("pdf") else answer.text
    return said


def test_a_clients_report_knows_no_people_and_no_money_in_any_form(
    desk: Desk, reports: dict[str, str], arrive: Any
) -> None:
    client, olga = arrive("kim", Role.CLIENT_VIEWER, clients=["acme"]), arrive("olga", Role.OPS)
    told = every_form(client, reports["client"])
    for_ops = every_form(olga, reports["ops"])
    with desk.store.read(ACTOR) as session:
        cost = load(session.get_one(Report, reports["ops"])).ops
    assert cost is not None and cost.cost is not None and cost.cost > 100
    for secret in (PLANTED, f"{cost.cost:.2f}", "cost", "people_learning", "seconds"):
        assert secret not in told, secret
    assert PLANTED in for_ops and f"{cost.cost:.2f}" in for_ops  # what is looked for can be found
    assert client.get(f"/reports/{reports['ops']}").status_code == 404
    assert client.get(f"/reports/{reports['client']}/plots/people.svg").status_code == 404
    assert PLANTED in olga.get(f"/reports/{reports['ops']}/plots/people.svg").text


def test_every_plot_of_a_report_is_drawn_on_the_page_and_in_the_pdf(
    desk: Desk, reports: dict[str, str], arrive: Any
) -> None:
    olga = arrive("olga", Role.OPS)
    with desk.store.read(ACTOR) as session:
        data = load(session.get_one(Report, reports["ops"]))
    keys = [section.key for section in sections(data, Words("en"))]
    assert len(keys) == len(set(keys))
    names = [plot.name for plot in plots_of(data)]
    assert {"lots", "plan", "risk-0", "people"} <= set(names)
    assert any(curve.chosen for curve in data.risk)  # the threshold in force is marked
    page = olga.get(f"/reports/{reports['ops']}").text
    for name in names:
        assert f"/plots/{name}.svg" in page
        drawn = olga.get(f"/reports/{reports['ops']}/plots/{name}.svg")
        assert (drawn.status_code, drawn.text[:5]) == (200, "<?xml")
    pdf = pdfium.PdfDocument(io.BytesIO(olga.get(f"/reports/{reports['ops']}/report.pdf").content))
    pictures = [each for page in pdf for each in page.get_objects() if each.type == 3]  # FPDF_PAGEOBJ_IMAGE
    assert len(pictures) == len(names)
