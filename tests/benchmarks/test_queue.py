"""The benchmarks of the queue and of the workbench run, and what they count is what happened."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.queue import measure, percentile
from benchmarks.queue_seed import seed
from benchmarks.reviewers import Tally
from store.database import Store

ROOT = Path(__file__).parents[2]


def test_every_claim_of_a_short_run_is_answered_once(store: Store) -> None:
    seed(store, 120, 60)
    figures = measure(store, argparse.Namespace(claimers=4, rate=20.0, seconds=1.0))
    assert (figures["claims"] + figures["nothing_found"], figures["double_claims"], figures["errors"]) == (20, 0, 0)
    assert 0 < figures["claim_p50_ms"] <= figures["claim_p95_ms"] <= figures["claim_max_ms"]


def test_a_percentile_is_in_milliseconds() -> None:
    assert percentile([0.001 * n for n in range(1, 101)], 95) == 96.0
    assert percentile([], 95) == 0.0


def test_a_task_in_two_hands_is_counted() -> None:
    tally = Tally()
    tally.take("task", "ada")
    tally.take("task", "ada")
    assert tally.double_claims == 0
    tally.take("task", "ben")
    tally.let_go("task")
    tally.take("task", "ada")
    assert tally.double_claims == 1


def test_reviewers_at_a_served_workbench_lose_nothing(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    command = [
        sys.executable,
        "-m",
        "benchmarks.workbench",
        "--tasks",
        "40",
        "--reviewers",
        "3",
        "--json",
        str(figures),
    ]
    options = ["--minutes", "0.1", "--warm-up", "2", "--think", "0.2", "0.6", "--databases", "sqlite"]
    subprocess.run([*command, *options], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=120)
    report = json.loads(figures.read_text(encoding="utf-8"))
    assert (report["double_claims"], report["lost_edits"], report["errors"]) == (0, 0, 0)
    assert report["databases"]["sqlite"]["submitted"] > 0
