"""Made-up people at a served workbench: they take, type, submit and skip, search and look, and think in between."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass, field

import httpx

from benchmarks.desk_seed import HEADER, number_of, typed

SEARCHES = ("nordlicht", "state:in_review", "amount:100..200", "client:client-03")
START = "/review"
KEPT = httpx.Limits(keepalive_expiry=30)  # well before the server lets go of an idle connection


@dataclass
class Tally:
    """What all of them saw together."""

    counted_from: float = 0.0  # what is asked for before warms the server up
    waits: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))  # seconds by what was asked for
    errors: list[str] = field(default_factory=list)
    double_claims: int = 0
    lost_drafts: int = 0
    submitted: dict[str, str] = field(default_factory=dict)  # task -> what its last holder typed and submitted
    drafts: dict[str, str] = field(default_factory=dict)  # task -> what was typed and waits for its next holder
    holders: dict[str, str] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, kind: str, since: float) -> None:
        """Something was answered that people have waited for since then."""
        if since >= self.counted_from:
            self.waits[kind].append(time.monotonic() - since)

    def take(self, task: str, person: str) -> None:
        """A person was given a task: nobody else may have it."""
        with self.lock:
            self.double_claims += self.holders.get(task, person) != person or task in self.submitted
            self.holders[task] = person

    def let_go(self, task: str) -> None:
        with self.lock:
            self.holders.pop(task, None)


class Visitor:
    """A signed-in browser. Each action is due so long after the one before was, whether or not it was answered in time."""

    def __init__(self, address: str, token: str, name: str, tally: Tally, think: tuple[float, float]) -> None:
        self.http = httpx.Client(base_url=address, cookies={"cleardesk": token}, timeout=60, limits=KEPT)
        self.name, self.tally, self.think = name, tally, think
        self.chance = random.Random(name)
        self.due = time.monotonic() + self.chance.uniform(0, think[1])
        csrf = self.http.get("/session").raise_for_status().json()["csrf"]
        self.http.headers.update({"X-CSRF-Token": csrf, "Origin": address, "Accept": "text/html"})

    def work_until(self, end: float) -> None:
        """Act until then."""
        while self.due < end:
            time.sleep(max(0.0, self.due - time.monotonic()))
            try:
                self.act()
            except (httpx.HTTPError, KeyError, ValueError) as error:
                self.tally.errors.append(type(error).__name__)
            self.due += self.chance.uniform(*self.think)

    def act(self) -> None:
        """One action."""
        raise NotImplementedError

    def ask(
        self, method: str, path: str, kind: str | None = None, *, since: float = 0, **body: object
    ) -> httpx.Response:
        """A request, timed as `kind`, from `since` where that is given."""
        began = since or time.monotonic()
        answer = self.http.request(method, path, **body)  # type: ignore[arg-type]
        if kind:
            self.tally.count(kind, began)
        if answer.status_code >= 400:
            self.tally.errors.append(f"{answer.status_code} {kind or path.rpartition('/')[2]}")
        return answer


class Lead(Visitor):
    """Looks at the desk again and again."""

    def act(self) -> None:
        self.ask("GET", "/desk", "desk", since=self.due)


class Reviewer(Visitor):
    """Takes tasks one after the other; now and then looks how much is left, or for a document."""

    at: str = ""  # the address of the task at hand
    ahead: str = ""  # of the one that was prepared meanwhile
    typed: str = ""

    def act(self) -> None:
        dice = self.chance.random()
        if dice < 0.1:
            self.ask("GET", START, "queue", since=self.due)
        elif dice < 0.2:
            query = self.chance.choice([*SEARCHES, number_of(self.chance.randrange(500))])
            self.ask("GET", "/documents", "search", since=self.due, params={"q": query})
        elif not self.at:
            self.claim()
        elif not self.typed:
            self.skip() if dice > 0.8 else self.type_and_prepare()
        else:
            self.submit()

    @property
    def task(self) -> str:
        return self.at.partition("?")[0].rpartition("/")[2]

    @property
    def held(self) -> dict[str, object]:
        return {"epoch": int(self.at.partition("epoch=")[2].partition("&")[0])}

    @property
    def form(self) -> dict[str, object]:
        return {**self.held, "document_type": "invoice", "values": typed("R-1", order_number=self.typed)}

    def claim(self) -> None:
        """Take the next task and look at it."""
        answer = self.ask("POST", f"{START}/next", "claim", since=self.due, follow_redirects=False)
        self.arrive(answer.headers["location"])

    def arrive(self, address: str, *, seen: bool = False) -> None:
        """Be at a task; `seen`: its page was prepared."""
        self.at, self.ahead, self.typed = ("" if address == START else address), "", ""
        if not self.at:
            return
        self.tally.take(self.task, self.name)
        if not seen:
            waiting = self.tally.drafts.get(self.task, "")
            page = self.ask("GET", self.at, "screen").text
            self.tally.lost_drafts += waiting not in page or HEADER["supplier_name"] not in page

    def skip(self) -> None:
        """Type something, then give the task back: what was typed waits for the next one."""
        self.keep_draft()
        self.tally.let_go(self.task)
        self.ask("POST", f"{START}/{self.task}/skip", json={**self.held, "reason": "need_help"})
        self.at = self.typed = ""

    def keep_draft(self) -> None:
        self.typed = f"PO{uuid.uuid4().hex[:12].upper()}"
        if self.ask("POST", f"{START}/{self.task}/draft", "draft", json=self.form).status_code == 200:
            self.tally.drafts[self.task] = self.typed

    def type_and_prepare(self) -> None:
        """The page keeps what is typed, and prepares the next task."""
        self.keep_draft()
        address = self.ask("POST", f"{START}/upcoming", "reserve").json()["address"]
        if address:
            self.ask("GET", address, "screen")
            self.ahead = address

    def submit(self) -> None:
        """Send it off; the next task is shown at once where it was prepared."""
        task, began = self.task, self.due
        self.tally.let_go(task)
        body = {**self.form, "accept_reason": "as printed", "seconds": 20}
        answer = self.ask("POST", f"{START}/{task}/submit", "submit", since=began, json=body)
        done = json.loads(answer.text)
        if not done.get("submitted"):
            self.tally.errors.append("submit was refused")
            self.at = ""
            return
        self.tally.submitted[task] = self.typed
        self.tally.drafts.pop(task, None)
        prepared = bool(self.ahead) and done["next"].partition("&")[0] == self.ahead
        self.arrive(done["next"], seen=prepared)
        self.tally.count("submit_to_next", began)
