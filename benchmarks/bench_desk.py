"""A throw-away desk for a benchmark: one client, one process, files dropped as a client would, worked off in plain calls."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.invoices import SUPPLIERS
from reading.pool import ReaderPool
from schemas.settings import load_settings
from tasks.chunks import Chunks
from tasks.define import import_folder
from tasks.desk import Desk, open_desk
from tasks.receive import sweep_inboxes
from tasks.register import receipts_waiting, register_receipts
from tasks.work import work_on

CLIENT, PROCESS = "northwind", "supplier-invoices"
LANGUAGES = ("de", "en")
CLIENT_YAML = f"client: {CLIENT}\nname: Northwind Handels GmbH\ntime_zone: Europe/Berlin\nlanguage: de\ncountry: DE\n"
PROCESS_YAML = f"""\
process: {PROCESS}
client: {CLIENT}
document_types: [invoice, credit_note, receipt]
languages: [{", ".join(LANGUAGES)}]
intake: {{folder: true, duplicates: hold}}
master_data: {{supplier: suppliers.csv}}
delivery:
  - {{to: folder, name: table, format: csv, when: at_once, reader: human}}
  - {{to: folder, name: lines, format: jsonl, when: at_once, reader: machine}}
"""
OWNER = "benchmark"
Dropped = tuple[str, bytes | Path]  # a name in the inbox, and what lies there


def new_desk(
    folder: Path, *, client_yaml: str = CLIENT_YAML, process_yaml: str = PROCESS_YAML, **settings: object
) -> Desk:
    """A desk in `folder` with the benchmark's client; files count as complete at once."""
    desk = open_desk(load_settings(desk=folder, inbox_stable_seconds=0, **settings), create=True)
    definition = folder / "definition"
    definition.mkdir(exist_ok=True)
    (definition / "client.yaml").write_text(client_yaml, encoding="utf-8")
    (definition / f"{PROCESS}.yaml").write_text(process_yaml, encoding="utf-8")
    shutil.copy(SUPPLIERS, definition / "suppliers.csv")
    import_folder(desk, definition)
    return desk


def drop(desk: Desk, files: Iterable[Dropped]) -> None:
    """Put files into the inbox under these names, as a careful client does: written under a temp name, then renamed."""
    inbox = desk.inbox(CLIENT, PROCESS)
    for name, content in files:
        temp = inbox / f".{name}.tmp"
        temp.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        temp.rename(inbox / name)


def take_in(desk: Desk, pool: ReaderPool) -> None:
    """Intake until every file has a receipt and every receipt was looked at; receipts that are tried again may wait."""
    sweep_inboxes(desk)
    while receipts_waiting(desk):
        with ThreadPoolExecutor(pool.size) as threads:
            counts = list(threads.map(lambda _: register_receipts(desk, pool, OWNER), range(pool.size)))
        if not sum(counts):
            return


def work_off(desk: Desk, pool: ReaderPool) -> None:
    """Process until nothing is to be claimed now."""
    chunks = Chunks(desk, OWNER)

    def work(_: int) -> None:
        while leases := chunks.take():
            work_on(desk, pool, leases)

    with ThreadPoolExecutor(pool.size) as threads:
        list(threads.map(work, range(pool.size)))
