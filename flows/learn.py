"""Learn: corrected documents become models, tried against those in use and promoted only when they are better."""

from __future__ import annotations

from prefect import flow, task

from flows import opened
from flows.naming import run_name
from flows.summary import publish_summary
from tasks.learn import learn_due
from tasks.learn_sorting import learn_sorting
from tasks.marks import marked


@task(name="learn")
def learn_models() -> tuple[int, int]:
    """Train what is due, one model after the other; returns how many, and how many were promoted."""
    learn_sorting(opened.desk())
    outcomes = list(learn_due(opened.desk(), opened.readers()))
    return len(outcomes), sum(outcome.promoted for outcome in outcomes)


@flow(name="learn", flow_run_name=run_name)
def learn() -> dict[str, int]:
    """One look over all processes."""
    with marked(opened.desk(), "learn"):
        models, promoted = learn_models()
    counts = {"models": models, "promoted": promoted}
    publish_summary("learn", counts)
    return counts
