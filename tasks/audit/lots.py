"""Lots: delivered work is collected, closed, inspected on a sample, and accepted or refused as a whole.

With the gate before delivery the documents' outbox entries wait for the verdict. A refused lot goes to review document by
document; what was delivered already comes back as new versions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from schemas.calendar import due_at, site_closures
from schemas.clock import now
from schemas.lifecycle import DocumentState
from schemas.process import AuditSetting, Plan, Turnaround
from schemas.quality import Gate, LotState, SampleState
from store.database import Session, system
from store.definitions import Definition, load_definition
from store.lots import (
    collecting_lot,
    earlier_lots,
    enter,
    enter_again,
    let_go,
    lot_documents,
    lot_of,
    lot_samples,
    lots_in,
    lots_to_close,
    move_lot,
    still_in_rework,
)
from store.tables import Document, Lot, Sample
from tasks.audit.drawing import CRITICAL, OTHER, choose, draw_from_lot, population
from tasks.back_to_review import take_back
from tasks.desk import Desk
from validations.audit import iso2859, plans, switching
from validations.audit.iso2859 import Severity

ACTOR = system("flow:audit")
LOT_REFUSED = "LOT_REFUSED"
TWO_POINT = "two_point"


def enter_lot(session: Session, document: Document, definition: Definition) -> Lot | None:
    """Enter an accepted document in its process's lot; None where there are no lots, or where it comes out of a refused one."""
    audit = definition.process.audit
    if audit.plan is None:
        return None
    earlier = lot_of(session, document.id)
    if earlier is not None and earlier.state in (LotState.REFUSED, LotState.REWORKED):
        return None  # every value of it has been looked at
    if earlier is not None and earlier.state in (LotState.COLLECTING, LotState.INSPECTING):
        enter_again(session, earlier, document)
        return earlier
    lot = collecting_lot(
        session,
        document.client_id,
        document.process,
        definition_id=definition.id,
        gate=audit.gate,
        closes_at=_closing_time(definition),
    )
    enter(session, lot, document)
    if lot.documents >= audit.lot_size:
        lot.closes_at = now()
    return lot


def waits_for(lot: Lot | None) -> str | None:
    """The lot that an outbox entry waits for: none where the gate stands after delivery."""
    return lot.id if lot is not None and lot.gate == Gate.BEFORE_DELIVERY else None


def _closing_time(definition: Definition) -> dt.datetime:
    """A day's lot closes with the client's day; a rolling one after its time."""
    audit = definition.process.audit
    if audit.lot == "rolling":
        return now() + audit.lot_time
    zone = ZoneInfo(definition.client.time_zone)
    tomorrow = now().astimezone(zone).date() + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, dt.time(), zone).astimezone(dt.UTC)


def close_lots(desk: Desk) -> int:
    """Close every lot whose time is over and draw its sample. Returns how many."""
    with desk.store.read(ACTOR) as session:
        due = lots_to_close(session)
    for lot_id in due:
        with desk.store.session(ACTOR) as session:
            close_lot(session, session.get_one(Lot, lot_id, with_for_update=True), desk)
    return len(due)


def close_lot(session: Session, lot: Lot, desk: Desk) -> None:
    """Plan by the size of the lot and draw. A lot without values to inspect is accepted as it is."""
    definition = load_definition(session, lot.definition_id)
    audit = definition.process.audit
    values = population(session, lot, definition)
    chosen = []
    for name, setting in ((CRITICAL, audit.plan), (OTHER, audit.other_plan)):
        if setting is None or not values[name]:
            continue
        plan, severity = plan_for(setting, len(values[name]), _severity(session, lot, setting, name))
        lot.plans = {**lot.plans, name: asdict(plan)}
        lot.severity = severity
        chosen += choose(values[name], plan.sample_size)
    move_lot(session, lot, LotState.INSPECTING, by=ACTOR.actor, documents=lot.documents, plans=lot.plans)
    drawn = draw_from_lot(session, lot, chosen, audit, _inspection_due(lot, definition, desk))
    if not drawn:
        _accept(session, lot, {})


def _inspection_due(lot: Lot, definition: Definition, desk: Desk) -> dt.datetime | None:
    """Before delivery the documents' own due times hold; after it a business day is enough."""
    if lot.gate == Gate.BEFORE_DELIVERY:
        return None
    zone, closures = ZoneInfo(definition.client.time_zone), site_closures(desk.settings.site_closures)
    return due_at(now(), Turnaround(business_days=1), definition.process.sla.calendar, zone, closures)


def plan_for(setting: Plan, size: int, state: switching.State | None = None) -> tuple[plans.Plan, str]:
    """The plan for so many values, and under which severity: two-point for this finite lot, or ISO 2859-1.

    While inspection is stopped everything is inspected.
    """
    if setting.aql is None:
        plan = plans.plan_two_point(
            float(setting.prq), float(setting.producer_risk), float(setting.crq), float(setting.consumer_risk), size
        )
        return plan, TWO_POINT
    severity = (state or switching.State()).severity
    if severity is Severity.STOPPED:
        return plans.Plan(size, 0, 1, size), severity
    letter = iso2859.code_letter(size, setting.level)
    return iso2859.single_plan(letter, float(setting.aql), severity, size), severity


def _severity(session: Session, lot: Lot, setting: Plan, name: str) -> switching.State:
    """The switching rules over the process's earlier lots, which keep what was inspected and found."""
    state = switching.State()
    if setting.aql is None:
        return state
    for earlier in earlier_lots(session, lot):
        found = earlier.result.get(name)
        if found is None or "letter" not in found or state.severity is Severity.STOPPED:
            continue
        outcome = iso2859.judge(found["letter"], float(setting.aql), state.severity, found["wrong"])
        state = switching.switch(state, outcome)
    return state


def decide_lots(desk: Desk) -> int:
    """Judge every inspected lot whose sample is decided, and end the rework of refused ones. Returns how many were judged."""
    with desk.store.read(ACTOR) as session:
        inspecting, refused = lots_in(session, LotState.INSPECTING), lots_in(session, LotState.REFUSED)
    judged = 0
    for lot_id in inspecting:
        with desk.store.session(ACTOR) as session:
            judged += _decide(session, session.get_one(Lot, lot_id, with_for_update=True))
    for lot_id in refused:
        with desk.store.session(ACTOR) as session:
            if not still_in_rework(session, lot_id):
                move_lot(session, session.get_one(Lot, lot_id, with_for_update=True), LotState.REWORKED, by=ACTOR.actor)
    return judged


def _decide(session: Session, lot: Lot) -> bool:
    samples = lot_samples(session, lot.id)
    if any(sample.state != SampleState.DECIDED for sample in samples):
        return False
    definition = load_definition(session, lot.definition_id)
    found = {name: _found(lot, name, samples, definition.process.audit) for name in lot.plans}
    if all(each["accepted"] for each in found.values()):
        _accept(session, lot, found)
    else:
        _refuse(session, lot, found)
    return True


def _found(lot: Lot, name: str, samples: Sequence[Sample], audit: AuditSetting) -> dict[str, Any]:
    """What inspection says of one class of fields."""
    own = [sample for sample in samples if sample.critical == (name == CRITICAL)]
    wrong = sum(not sample.right for sample in own)
    plan = plans.Plan(**lot.plans[name])
    result: dict[str, Any] = {"inspected": len(own), "wrong": wrong, "accepted": plan.accepts(wrong)}
    setting = audit.plan if name == CRITICAL else audit.other_plan
    if setting is not None and setting.aql is not None:
        result["letter"] = iso2859.code_letter(plan.lot_size or 1, setting.level)
    return result


def _accept(session: Session, lot: Lot, found: dict[str, Any]) -> None:
    lot.result = found
    move_lot(session, lot, LotState.ACCEPTED, by=ACTOR.actor, found=found, released=let_go(session, lot))


def _refuse(session: Session, lot: Lot, found: dict[str, Any]) -> None:
    """Every document of the lot that still stands as it was entered goes to review."""
    lot.result = found
    move_lot(session, lot, LotState.REFUSED, by=ACTOR.actor, reason=LOT_REFUSED, found=found)
    for entry, document in lot_documents(session, lot.id):
        if document.version == entry.version and document.state in (DocumentState.READY, DocumentState.DELIVERED):
            take_back(session, document, "", by=ACTOR.actor, reason=LOT_REFUSED)
