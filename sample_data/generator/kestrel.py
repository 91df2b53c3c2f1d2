"""What kestrel drops: contacts of a British energy supplier's agents, with the truth of what each scorecard must say."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import yaml

from sample_data.generator import faults
from sample_data.generator.desk import Desk, Fate, Paper, Tray
from sample_data.generator.pen import Truth

Answers = dict[str, dict[str, str | int]]
SAID: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("contacts.yaml").read_text(encoding="utf-8"))
DAYS = [dt.date(2026, 10, 5) + dt.timedelta(days=5 * at) for at in range(8)]  # October, and the first days of November
ORDER = ("contact_id", "agent", "team", "customer", "channel", "contact_date", "duration", "topic")
NO_AGENT = Fate("in_review", "MISSING_AGENT", rule="required")
DAMAGED = Fate("rejected", "UNREADABLE")


@dataclass
class Contact:
    """One contact as it was: its facts, what was said, and how each item of the scorecard has to be answered."""

    facts: dict[str, str]
    turns: list[tuple[str, str]] = field(default_factory=list)
    answers: Answers = field(default_factory=dict)

    def say(self, speaker: str, text: str) -> None:
        self.turns.append((speaker, text))

    def mark(self, item: str, answer: str, *, here: bool = False) -> None:
        """Note an item's answer; `here`: the turn said last shows the fault."""
        self.answers[item] = {"answer": answer}
        if here:  # after the facts and a rule, as people see the transcript
            self.answers[item]["line"] = len(self.facts) + 1 + len(self.turns)


def fill(desk: Desk) -> None:
    """Lay out the inbox of kestrel."""
    tray = desk.tray("kestrel", "support-audits")
    made = [_contact(tray, agent, at, day) for agent in SAID["agents"] for at, day in enumerate(DAYS)]
    for number, contact in enumerate(made):
        _drop(tray, contact, number)
    _exceptions(tray, made[0])


def _contact(tray: Tray, agent: dict[str, Any], at: int, day: dt.date) -> Contact:
    rng = tray.rng(f"{agent['name']}/{at}")
    channel = ("call", "chat", "mail", "call")[at % 4]
    facts = {
        "contact_id": f"K{rng.randrange(10**6):06}",
        "agent": agent["name"],
        "team": agent["team"],
        "customer": rng.choice(SAID["customers"]),
        "channel": channel,
        "contact_date": day.isoformat(),
    }
    if channel == "call":
        facts["duration"] = f"{rng.randrange(2, 9)}:{rng.randrange(60):02}"
    topic = rng.choice(SAID["topics"])
    contact = Contact(facts | {"topic": topic["name"]})
    _talk(contact, topic, agent["care"], rng)
    return contact


def _talk(contact: Contact, topic: dict[str, Any], care: float, rng: random.Random) -> None:
    """Say it all, with a slip wherever the agent's care ran out; each slip is an answer of the scorecard."""
    name, mail = contact.facts["agent"], contact.facts["channel"] == "mail"
    agent, customer = ("", "") if mail else ("Agent", "Customer")

    def well(share: float = care) -> bool:
        return rng.random() < share

    tone = SAID["tone"][rng.choices(("warm", "correct", "curt"), (care**2, 0.3, 1 - care))[0]]
    greets = well()
    contact.say(agent, f"Good morning, this is {name} of Kestrel Energy." if greets else "Yes, hello.")
    contact.mark("greeting", "yes" if greets else "no")
    contact.say(customer, f"You wrote: {topic['customer']}" if mail else topic["customer"])
    restates = well()
    contact.say(agent, tone["before"] + (f" So {topic['restated']}." if restates else ""))
    contact.mark("understood", "yes" if restates else "no")
    _identify(contact, topic, well(1 - (1 - care) / 2), mail)
    _solve(contact, agent, topic, care, rng)
    closes = well()
    contact.say(
        agent, f"{tone['after']} To sum up: {topic['name'].lower()}, done as said. Goodbye." if closes else "Bye."
    )
    contact.mark("close", "yes" if closes else "no")
    contact.mark("tone", next(key for key, each in SAID["tone"].items() if each is tone))


def _identify(contact: Contact, topic: dict[str, Any], asks: bool, mail: bool) -> None:
    if not topic["account"] or mail:  # a mail goes to the address that the account names
        contact.mark("identified", "na")
        return
    if asks:
        contact.say("Agent", SAID["identify"]["agent"])
        contact.say("Customer", SAID["identify"]["customer"])
        contact.say("Agent", SAID["identify"]["thanks"])
    contact.say("Agent", f"{topic['told']}.")
    contact.mark("identified", "yes" if asks else "no", here=not asks)


def _solve(contact: Contact, agent: str, topic: dict[str, Any], care: float, rng: random.Random) -> None:
    right = rng.random() < 1 - (1 - care) / 2
    contact.say(agent, topic["right"] if right else topic["wrong"])
    contact.mark("correct", "yes" if right else "no", here=not right)
    whole = right and rng.random() < care
    if not whole:
        contact.say(agent, topic["half"])
    contact.mark("complete", "3" if whole else "2" if right else "1")
    if "limit" in topic:
        kept = rng.random() < 1 - (1 - care) / 2
        contact.say(agent, topic["credit"] if kept else topic["excess"])
        contact.mark("goodwill", "yes" if kept else "no", here=not kept)
    else:
        contact.mark("goodwill", "na")


def _drop(tray: Tray, contact: Contact, number: int) -> None:
    """Calls come as JSON and as text in turn, chats as CSV, mails as mails."""
    channel = contact.facts["channel"]
    form = {"call": ("json", "txt")[number // 2 % 2], "chat": "csv", "mail": "eml"}[channel]
    name = f"{channel}_{contact.facts['contact_id']}.{form}"
    shows = f"a {channel} about {contact.facts['topic'].lower()}"
    paper = Paper(Truth(dict(contact.facts)), "transcript", contact.facts["agent"], "contact")
    tray.drop(name, WRITTEN[form](contact), made=form.upper(), shows=shows, paper=paper)
    file = f"inbox/{tray.client}/{tray.process}/{name}"
    tray.desk.scorecards.append({"file": file, "form": "support", "answers": contact.answers})


def _exceptions(tray: Tray, one: Contact) -> None:
    nobody = Contact({key: value for key, value in one.facts.items() if key != "agent"}, one.turns)
    nobody.facts["contact_id"] = "K000001"
    truth = Paper(Truth(dict(nobody.facts)), "transcript", "", "contact")
    shows = "a call that names no agent"
    tray.drop("call_without_agent.json", _json(nobody), made="JSON", shows=shows, fate=NO_AGENT, paper=truth)
    tray.drop("call_cut.json", _json(one)[:300], made="cut JSON", shows="an export that broke off", fate=DAMAGED)
    again = Paper(Truth(dict(one.facts)), "transcript", one.facts["agent"], "contact")
    shows, fate = "the same export again under another name", faults.SAME_BYTES_SUPPRESSED
    tray.drop("zz_again.json", _json(one), made="JSON", shows=shows, fate=fate, paper=again)


def _json(contact: Contact) -> bytes:
    turns = [{"speaker": who, "text": text} for who, text in contact.turns]
    return (json.dumps({**contact.facts, "turns": turns}, indent=1) + "\n").encode()


def _csv(contact: Contact) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["speaker", "text", *contact.facts])
    for who, text in contact.turns:
        writer.writerow([who, text, *contact.facts.values()])
    return out.getvalue().encode()


def _text(contact: Contact) -> bytes:
    head = "".join(f"{name}: {contact.facts[name]}\n" for name in ORDER if name in contact.facts)
    turns = "".join(
        f"[00:{7 * at // 60:02}:{7 * at % 60:02}] {who}: {text}\n" for at, (who, text) in enumerate(contact.turns)
    )
    return f"{head}\n{turns}".encode()


def _mail(contact: Contact) -> bytes:
    facts, message = contact.facts, EmailMessage(policy=SMTP)
    message["From"] = f"{facts['agent']} <{facts['agent'].split()[0].lower()}@kestrel.example>"
    message["To"] = f"{facts['customer']} <{facts['customer'].split()[-1].lower()}@mail.example>"
    message["Date"] = dt.datetime.combine(dt.date.fromisoformat(facts["contact_date"]), dt.time(10, 20), dt.UTC)
    message["Subject"] = facts["topic"]
    message["X-Contact-Id"], message["X-Team"] = facts["contact_id"], facts["team"]
    message.set_content("\n\n".join(text for _, text in contact.turns) + "\n")
    return message.as_bytes()


WRITTEN: dict[str, Callable[[Contact], bytes]] = {"json": _json, "csv": _csv, "txt": _text, "eml": _mail}
