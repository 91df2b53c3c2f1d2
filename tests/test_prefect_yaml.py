"""`prefect.yaml`, for work pools, holds the same deployments as `cleardesk serve` runs."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.settings import Settings
from tasks.desk import open_desk

DEFINED = yaml.safe_load((Path(__file__).parents[1] / "prefect.yaml").read_text(encoding="utf-8"))


def in_yaml(deployment: dict[str, Any]) -> dict[str, Any]:
    """What one deployment of the file says; `flows/intake.py:intake` is the function `flows.intake.intake`."""
    limit = deployment["concurrency_limit"]
    return {
        "name": deployment["name"],
        "entrypoint": deployment["entrypoint"].replace("/", ".").replace(".py:", "."),
        "intervals": [dt.timedelta(seconds=each["interval"]) for each in deployment["schedules"]],
        "parameters": deployment["parameters"],
        "at_once": (limit["limit"], limit["collision_strategy"]),
        "tags": deployment["tags"],
    }


def in_code(deployment: Any) -> dict[str, Any]:
    return {
        "name": deployment.name,
        "entrypoint": deployment.entrypoint,
        "intervals": [each.schedule.interval for each in deployment.schedules],
        "parameters": deployment.parameters,
        "at_once": (deployment.concurrency_limit, deployment.concurrency_options.collision_strategy.value),
        "tags": deployment.tags,
    }


@pytest.fixture(autouse=True)
def a_desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The process flow opens the desk of the environment as soon as it is imported."""
    monkeypatch.setenv("CLEARDESK_DESK", str(tmp_path))
    open_desk(Settings(desk=tmp_path), create=True).close()


def test_the_file_and_the_code_say_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from flows import deployments

    monkeypatch.setattr(deployments, "_known_schedules", lambda flow_name: None)  # as on a new server
    served = deployments.deployments(Settings(desk=tmp_path))
    assert [in_yaml(each) for each in DEFINED["deployments"]] == [in_code(each) for each in served]


@pytest.mark.parametrize("deployment", DEFINED["deployments"], ids=lambda each: str(each["entrypoint"]))
def test_every_entrypoint_is_a_flow(deployment: dict[str, Any]) -> None:
    from prefect import Flow

    path, _, name = deployment["entrypoint"].partition(":")
    assert isinstance(getattr(import_module(path.removesuffix(".py").replace("/", ".")), name), Flow)


def test_no_address_or_password_goes_into_prefects_database() -> None:
    passed_on = {name for each in DEFINED["deployments"] for name in each["work_pool"]["job_variables"]["env"]}
    assert not any(name.startswith("CLEARDESK_") for name in passed_on)
