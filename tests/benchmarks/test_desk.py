"""The desk benchmark on a few digital invoices: everything is delivered, audited and counted, and the books balance."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.desk import main

SAMPLES = Path(__file__).parents[2] / "sample_data"


def test_two_days_of_a_small_desk(tmp_path: Path) -> None:
    lines = (SAMPLES / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    digital = [
        line
        for line in lines
        if (each := json.loads(line))["kind"] == "digital"
        and each["document_type"] == "invoice"
        and each["process"] == "purchase-invoices"
        and "!" not in each["file"]
    ]
    (tmp_path / "inbox").symlink_to(SAMPLES / "inbox")
    (tmp_path / "labels.jsonl").write_text("\n".join(digital[:6]), encoding="utf-8")
    out = tmp_path / "figures.json"

    main([f"--corpus={tmp_path}", "--type=invoice", "--days=2", "--learn-days=0", "--lot-size=3", f"--json={out}"])

    figures = json.loads(out.read_text(encoding="utf-8"))
    assert (figures["documents"], figures["delivered"], figures["ledger_residual"]) == (6, 6, 0)
    assert figures["promise_holds"] and figures["stp"] == 0.0  # nothing is certified yet: people look at everything
    assert figures["audits"]["drawn"] >= 6 and figures["human_touches"] > 1
    assert figures["true_error"]["n"] > 25
