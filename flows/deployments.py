"""The deployments: which flow runs when. A sweep lasts as long as its schedule's interval, less the time to start the next."""

from __future__ import annotations

import datetime as dt
from typing import Any

from prefect import Flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.schedules import Interval
from prefect.types.entrypoint import EntrypointType

from flows.audit import audit
from flows.deliver import deliver
from flows.intake import intake
from flows.learn import learn
from flows.process import process
from flows.report import report
from schemas.settings import Settings

NAME = "desk"
START_SECONDS = 15  # a new process, its imports, and Prefect's own pace
ONE_AT_A_TIME = ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW)


def deployments(settings: Settings) -> list[RunnerDeployment]:
    """Every flow with its schedule; a schedule that ops changed or paused in Prefect's UI is kept as it is."""
    sweep = settings.sweep_seconds
    seconds = max(1, sweep - START_SECONDS)
    return [
        _deployment(intake, sweep, {"seconds": seconds}),
        _deployment(process, sweep, {"seconds": seconds}),
        _deployment(deliver, sweep, {"seconds": seconds}),
        _deployment(audit, settings.audit_every, {}),
        _deployment(learn, settings.learn_every, {}),
        _deployment(report, settings.report_every, {}),
    ]


def _deployment(flow: Flow[..., Any], every: int, parameters: dict[str, Any]) -> RunnerDeployment:
    known = _known_schedules(flow.name)
    schedules = known[0] if known else [Interval(dt.timedelta(seconds=every))]
    deployment = flow.to_deployment(
        name=NAME,
        schedules=schedules,
        paused=known[1] if known else False,
        parameters=parameters,
        concurrency_limit=ONE_AT_A_TIME,
        entrypoint_type=EntrypointType.MODULE_PATH,
        description=flow.description,
        tags=["cleardesk"],
    )
    assert isinstance(deployment, RunnerDeployment)
    return deployment


def _known_schedules(flow_name: str) -> tuple[list[Any], bool] | None:
    """The schedules and the pause of a deployment that is there already; None where it is new."""
    with get_client(sync_client=True) as client:
        try:
            found = client.read_deployment_by_name(f"{flow_name}/{NAME}")
        except ObjectNotFound:
            return None
    kept = [
        DeploymentScheduleCreate(schedule=s.schedule, active=s.active, parameters=s.parameters, slug=s.slug)
        for s in found.schedules
    ]
    return kept, found.paused


def start_now(flow_name: str) -> None:
    """Ask for one run at once: what was missed while nothing served is caught up by it."""
    with get_client(sync_client=True) as client:
        found = client.read_deployment_by_name(f"{flow_name}/{NAME}")
        client.create_flow_run_from_deployment(found.id)
