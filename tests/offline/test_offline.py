"""Offline by default: once set up, nothing that Cleardesk starts reaches for another machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from reading.sandbox import Tier, best_tier, command, environment

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_data"
INBOX = Path("inbox/northwind/supplier-invoices")
GUARD = Path(__file__).parent / "guard"
LIST_INTERFACES = "import socket; print(*(name for _, name in socket.if_nameindex()))"
CLEARDESK = ["-m", "cleardesk.main"]


class Machine:
    """A machine whose network refuses all but loopback; nothing in its environment switches telemetry off beforehand."""

    def __init__(self, folder: Path) -> None:
        self.desk, self.record = folder / "desk", folder / "refused.txt"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(GUARD),
            "REFUSED_CONNECTIONS": str(self.record),
            "CLEARDESK_DESK": str(self.desk),
            "CLEARDESK_INBOX_STABLE_SECONDS": "0",
            "CLEARDESK_READERS": "1",
        }

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self) -> list[str]:
        return self.record.read_text(encoding="utf-8").splitlines() if self.record.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A desk of one client with three documents in its inbox."""
    machine = Machine(tmp_path)
    machine.run(*CLEARDESK, "init")
    machine.run(*CLEARDESK, "client", "import", str(SAMPLE / "clients" / "northwind"))
    for path in sorted((SAMPLE / INBOX / "batch-2026-11-03").glob("*.pdf"))[:3]:
        shutil.copy(path, machine.desk / INBOX)
    return machine


def test_the_guard_notices_and_refuses_a_connection(tmp_path: Path) -> None:
    """192.0.2.1 is nobody's (RFC 5737)."""
    machine = Machine(tmp_path)
    with pytest.raises(AssertionError, match="the network is refused here"):
        machine.run("-c", "import socket; socket.create_connection(('192.0.2.1', 80), timeout=1)")
    assert "192.0.2.1" in machine.refused()[0]


@pytest.mark.skipif(best_tier() is Tier.RLIMITS, reason="this system offers no private network")
def test_a_reader_child_has_no_network_to_reach(tmp_path: Path) -> None:
    """Its environment is empty, so that the guard is not in it; the sandbox itself must be closed."""
    *walls, _module, _name = command(best_tier(), tmp_path)
    done = subprocess.run(
        [*walls, "-c", LIST_INTERFACES], env=environment(tmp_path), capture_output=True, text=True, check=True
    )
    assert set(done.stdout.split()) <= {"lo"}


def test_from_inbox_to_audited_shipment_nothing_reaches_out(machine: Machine) -> None:
    said = machine.run("-m", "tests.offline.one_pass")
    assert "received 3" in said and "audited 0" not in said
    assert machine.refused() == []


@pytest.mark.slow
@pytest.mark.xdist_group("prefect")
def test_nor_do_the_flows_with_prefects_server(machine: Machine) -> None:
    assert "received 3" in machine.run(*CLEARDESK, "run", "--once")
    assert machine.refused() == []
