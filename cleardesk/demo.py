"""The demo: made-up clients and people, one day of all flows with a progress bar, the summary, then the served desk.

The people work between the flows, see `demo_day`; they work once, on the day that the desk is made.
"""

from __future__ import annotations

import json
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from cleardesk import demo_day, demo_quality
from cleardesk.demo_truth import Truths
from cleardesk.flow_runs import FLOWS, run_flows
from cleardesk.opening import write_json
from cleardesk.serving import is_served, serve
from cleardesk.summary_text import summary_text
from schemas.errors import ConfigurationError
from schemas.settings import Settings
from tasks.define import import_folder
from tasks.desk import Desk, open_desk
from tasks.progress import Standing, standing
from tasks.summary import summarise
from tasks.users import create_user

SAMPLE = Path(__file__).resolve().parent.parent / "sample_data"
LOGINS = "demo-logins.json"
PEOPLE = (
    ("ada", "reviewer", ()),
    ("ben", "reviewer", ()),
    ("cem", "reviewer", ()),
    ("lea", "supervisor", ()),
    ("mia", "qa_auditor", ()),
    ("noah", "qa_auditor", ()),
    ("olga", "ops", ()),
    ("paul", "platform_admin", ()),
    ("tina", "tenant_admin", ("northwind",)),
    ("vera", "client_viewer", ("northwind",)),
    ("kim", "client_viewer", ("kestrel",)),
    ("sven", "security_officer", ()),
    ("dora", "dpo", ()),
)
"""Name, role and clients; none: what the role sees."""

DAY = ("intake", "process", "deliver", "audit", "deliver", "audit", "audit", "deliver", "learn", "report")
"""The flows of a demo's first day; people work in between."""


def run_demo(settings: Settings, *, once: bool, sample: Path | None, json: Path | None) -> None:
    """Make the demo desk if it is not there, run every flow once, say what happened, and serve it unless `once`.

    Raises:
        ConfigurationError: the folder holds a desk that is not a demo, or one that is being served.
    """
    corpus = sample or SAMPLE
    desk = open_desk(settings, create=True)
    try:
        new = not (desk.folder / LOGINS).exists()
        logins = _furnish(desk, corpus)
        served = is_served(settings)
        if not served:
            _run_all(settings, desk, Truths(corpus) if new else None)
        summary = summarise(desk, corpus=corpus)
    finally:
        desk.close()
    print(summary_text(summary))
    write_json(summary, json)
    print(_where_next(settings))
    if served:
        print("This desk is being served by another process; nothing was changed.")
    elif not once:
        serve(settings, announce=_logins_text(logins))


def _furnish(desk: Desk, corpus: Path) -> dict[str, dict[str, str]]:
    """Clients, people and full inboxes, once; a demo desk that is there keeps what it has."""
    marker = desk.folder / LOGINS
    if marker.exists():
        return dict(json.loads(marker.read_text(encoding="utf-8")))
    if (desk.folder / "inbox").exists():
        raise ConfigurationError(f"{desk.folder} holds a desk that is not a demo; name another with --desk")
    for folder in sorted((corpus / "clients").iterdir()):
        import_folder(desk, folder)
    logins = {}
    known = {folder.name for folder in (corpus / "clients").iterdir()}
    for name, role, clients in PEOPLE:
        password = secrets.token_urlsafe(15)
        create_user(desk, name, password, role, known.intersection(clients))
        logins[name] = {"role": role, "password": password}
    shutil.copytree(corpus / "inbox", desk.folder / "inbox", dirs_exist_ok=True)
    marker.touch(mode=0o600)
    marker.write_text(json.dumps(logins, indent=2), encoding="utf-8")
    return logins


def _run_all(settings: Settings, desk: Desk, truths: Truths | None) -> None:
    """Every flow once, with people in between on the first day; the files lie complete, so nothing waits for them to settle."""
    started = time.monotonic()
    logging.getLogger("tasks").setLevel(logging.WARNING)  # a person watches the bar
    at_once = settings.model_copy(update={"inbox_stable_seconds": 0.0})
    chapters = _chapters(desk, truths) if truths else {}
    with _progress(desk):
        for done, _ in enumerate(run_flows(at_once, DAY if truths else FLOWS, once=True), start=1):
            for work in chapters.get(done, ()):
                work()
    Console().print(f"All flows ran in {time.monotonic() - started:.0f} s.\n")


def _chapters(desk: Desk, truths: Truths) -> dict[int, list[Callable[[], None]]]:
    """What people do after so many flows of the day."""
    afternoon = [
        lambda: demo_day.audit(desk, truths),
        lambda: demo_quality.claim(desk, truths),
        lambda: demo_quality.learn(desk),
        lambda: demo_quality.score(desk, truths),
    ]
    return {
        4: [lambda: demo_day.work(desk, truths)],
        6: afternoon,
        7: [lambda: demo_day.rework(desk, truths)],
        10: [lambda: demo_day.tell(desk)],
    }


@contextmanager
def _progress(desk: Desk) -> Iterator[None]:
    """A bar over the documents, fed from the tables."""
    bar = Progress(
        TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=Console()
    )
    stop = threading.Event()

    def watch() -> None:
        row = bar.add_task("starting", total=None)
        while not stop.wait(0.5):
            now = standing(desk)
            bar.update(row, description=_stage(now), completed=now.done, total=now.total or None)

    with bar:
        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _stage(now: Standing) -> str:
    if not now.total:
        return "starting Prefect's server"
    return "reading and judging" if now.done < now.total else "delivering and reporting"


def _where_next(settings: Settings) -> str:
    return (
        f"\nLook next at   {settings.desk / 'outbox'} (what the clients get), "
        f"{settings.desk / 'inbox'}/<client>/receipts (what they are told),\n"
        "               `cleardesk status`, `cleardesk reconcile`, `cleardesk verify`."
    )


def _logins_text(logins: dict[str, dict[str, str]]) -> str:
    rows = [f"  {name:8} {login['password']:22} {login['role']}" for name, login in logins.items()]
    return "\n".join(["Sign in as", *rows])
