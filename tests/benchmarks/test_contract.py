"""The contract benchmark on few runs: its keys, its exact truth, and that its figures are possible."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import contract


def test_truth_and_best_thresholds_are_exact() -> None:
    assert contract.truth(-50.0) == pytest.approx((1.0, 1 - (0.7 * 0.9985 + 0.2 * 0.96 + 0.1 * 0.55)))
    assert [round(contract.possible(target), 2) for target in contract.TARGETS] == [0.77, 0.88, 0.92]


def test_figures_of_a_few_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "TARGETS", (0.02,))
    monkeypatch.setattr(contract, "AUDITS", (1_000,))
    monkeypatch.setattr(contract, "QUIET_AUDITS", 2_000)
    out = tmp_path / "figures.json"
    contract.main(["--runs", "20", "--json", str(out)])
    figures = json.loads(out.read_text())
    (setting,), (drift,) = figures["settings"], figures["drift"]
    assert (setting["target"], setting["audits"]) == (0.02, 1_000)
    assert setting["broken_promises"] <= 0.10 < setting["broken_by_naive_rule"]
    assert 0.8 < setting["automation"] <= setting["possible"] + 0.01
    assert drift["false_alarms"] == 0
    assert 50 < drift["median_audits_to_alarm"] < 500
