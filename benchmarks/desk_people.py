"""Simulated people with a known rate of errors: reviewers, blind keyers, a third person who decides. They know the truth.

Seconds are modelled, not measured: opening a document, looking at a field, typing one over (keystroke-level model of Card, Moran
and Newell, 1980, with usual times of the trade).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from schemas.document_type import DocumentType
from schemas.lifecycle import TaskKind
from schemas.normalisation import same_value
from schemas.values import Value, ValueState
from tasks.audit.keying import Asked, Keyed, adjudicate, key_blind, load_blind, next_blind
from tasks.desk import Desk
from tasks.review import Person, TaskView, load_task, next_task, submit

OPEN_SECONDS, LOOK_SECONDS, TYPE_SECONDS, KEY_SECONDS = 8.0, 2.0, 7.0, 8.0
REVIEWERS, KEYERS = ("ada", "ben"), ("cem", "dora")
DECIDERS = ("emil", "fay", "gus")  # who has put a value right decides no more about that document
ACCEPTED = "as printed"


@dataclass
class Crew:
    """Everybody who works on the desk. `truth`: by file name, by field; `error`: the chance that a person gets a field wrong."""

    truth: Mapping[str, Mapping[str, str]]
    kind: DocumentType
    error: float
    chance: Random
    seconds: float = 0.0
    reviews: int = 0
    keys: int = 0
    decisions: int = 0
    mistakes: int = 0
    touched: set[str] = field(default_factory=set)

    def review_all(self, desk: Desk) -> None:
        """Work the exceptions off, in turn."""
        while sum(self._review_one(desk, Person(name)) for name in REVIEWERS):
            pass

    def _review_one(self, desk: Desk, person: Person) -> bool:
        lease = next_task(desk, person)
        if lease is None:
            return False
        view = load_task(desk, person, lease)
        values, seconds = self._corrected(view)
        submit(desk, lease, person, self.kind.name, values, accept_reason=ACCEPTED, seconds=seconds)
        self.reviews += 1
        self.seconds += seconds
        self.touched.add(view.document.id)
        return True

    def _corrected(self, view: TaskView) -> tuple[list[Value], float]:
        """Every field looked at; what differs from what this person takes for the truth is typed over."""
        values, seconds = [], OPEN_SECONDS
        for name, truth in self._as_seen(view.file_name).items():
            seconds += LOOK_SECONDS
            found = view.extraction.get(name)
            if found is not None and found.state is ValueState.PRESENT and self._same(name, found.text, truth):
                values.append(found)
            else:
                seconds += TYPE_SECONDS
                values.append(Value(name=name, text=truth, source="person", probability=1.0))
        return values, seconds

    def _as_seen(self, file_name: str) -> dict[str, str]:
        return {name: self._slip(name, text) for name, text in self.truth[file_name].items()}

    def _slip(self, name: str, text: str) -> str:
        """The truth, or with the crew's rate of errors a digit or letter of it wrong."""
        if self.chance.random() >= self.error or not text:
            return text
        self.mistakes += 1
        at = max((i for i, letter in enumerate(text) if letter.isalnum()), default=0)
        other = str((int(text[at]) + 1) % 10) if text[at].isdigit() else "x"
        return text[:at] + other + text[at + 1 :]

    def _same(self, name: str, left: str, right: str) -> bool:
        return same_value(left, right, self.kind.fields[name].type)

    def key_all(self, desk: Desk) -> None:
        """Key what was drawn, blind; what differs is decided by those who make no mistakes."""
        while sum(self._work_one(desk, Person(name), TaskKind.BLIND_KEY) for name in KEYERS):
            pass
        while sum(self._work_one(desk, Person(name), TaskKind.ADJUDICATION) for name in DECIDERS):
            pass

    def _work_one(self, desk: Desk, person: Person, kind: TaskKind) -> bool:
        lease = next_blind(desk, person, kind)
        if lease is None:
            return False
        keying = kind is TaskKind.BLIND_KEY
        view = load_blind(desk, person, lease)
        said = {each.sample_id: self._keyed(view.document.name, each, slips=keying) for each in view.asked}
        (key_blind if keying else adjudicate)(desk, lease, person, said, seconds=KEY_SECONDS * len(said))
        self.keys += len(said) if keying else 0
        self.decisions += 0 if keying else len(said)
        self.seconds += KEY_SECONDS * len(said)
        return True

    def _keyed(self, file_name: str, asked: Asked, *, slips: bool) -> Keyed:
        text = self.truth[file_name].get(asked.name, "")
        return Keyed(self._slip(asked.name, text) if slips else text, ValueState.PRESENT if text else ValueState.ABSENT)
