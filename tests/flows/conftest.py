"""One Prefect server for all flow tests, and desks that the real command line works on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from flows.prefect_server import prefect_server

SAMPLE = Path(__file__).parents[2] / "sample_data"
INBOX = "northwind/supplier-invoices"
COMMAND = str(Path(sys.executable).parent / "cleardesk")


@pytest.fixture(scope="session")
def prefect_api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("prefect")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(home))
        patch.delenv("PREFECT_API_URL", raising=False)
        with prefect_server(0, home / "server.log") as api:
            yield api


@dataclass
class CommandLine:
    """The `cleardesk` command on one desk."""

    desk: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, **extra: str) -> str:
        """Run it; its standard output. A failure shows what it said."""
        done = subprocess.run(
            [COMMAND, *arguments], env=self.variables(**extra), capture_output=True, text=True, timeout=240, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def variables(self, **extra: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("CLEARDESK_", "PREFECT_"))}
        ours = {"CLEARDESK_DESK": str(self.desk), "CLEARDESK_INBOX_STABLE_SECONDS": "0", "CLEARDESK_READERS": "1"}
        return {**kept, **ours, **self.environment, **extra}

    def drop(self, sample: str, name: str | None = None) -> None:
        shutil.copy(SAMPLE / "inbox" / INBOX / sample, self.desk / "inbox" / INBOX / (name or Path(sample).name))

    def outbox(self) -> list[str]:
        return sorted(path.name for path in (self.desk / "outbox").rglob("*") if path.is_file())


@pytest.fixture
def desk(tmp_path: Path) -> CommandLine:
    command = CommandLine(tmp_path / "desk")
    command("init")
    command("client", "import", str(SAMPLE / "clients" / "northwind"))
    return command
