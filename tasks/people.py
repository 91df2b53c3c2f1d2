"""People: how often each is right, by type of field; who confirms unseen; and how much of their work is checked.

A person's outcomes are values that others decided: their blind keys against the truth, values that they finished and an audit
looked at later, and seeds. An adjudication is no outcome of its own: it is the truth. Intervals are exact (Clopper and Pearson,
Biometrika 26, 1934); what follows from them rests on the lower bound and on recent work only.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from random import SystemRandom
from statistics import median

from schemas.clock import now
from schemas.document_type import DocumentType, FieldType
from schemas.lifecycle import DocumentState
from schemas.narrowing import type_in_process
from schemas.normalisation import same_value
from schemas.quality import KeyPart, Stream
from schemas.values import Extraction, Value, ValueState
from store.database import Scope, Session
from store.definitions import Definition, load_definition
from store.samples import Draw, add_samples
from store.skills import Process, answered_seeds, decided_parts, seconds_of_tasks
from store.tables import Document, Key, Sample, Seed
from tasks.audit.drawing import ask_blind
from tasks.desk import Desk
from validations.audit.agreement import Agreement, agreement
from validations.audit.bounds import Share
from validations.audit.skill import rubber_stamping, skill, step_down

CHANCE = SystemRandom()
RECENT = dt.timedelta(days=90)
SEEDED = "seeded"


@dataclass(frozen=True)
class Outcome:
    """One value of a person that somebody else decided. `part`: worked, blind or seeded."""

    person: str
    kind: FieldType
    right: bool
    part: str
    at: dt.datetime


@dataclass(frozen=True)
class Seeded:
    """Answers to known wrong values: how many were confirmed, and the median seconds of the confirmed and the caught."""

    confirmed: Share
    seconds_confirmed: float | None
    seconds_caught: float | None


@dataclass(frozen=True)
class Figures:
    """A person's recent work; shares are 0 to 1. `checked`: the share of their next work that is keyed blind.

    `seconds`: of work on a task, in the middle; None where none was timed.
    """

    name: str
    right: Share
    by_kind: dict[str, Share]
    by_part: dict[str, Share]
    seeded: Seeded
    checked: float
    agreement: Agreement
    seconds: float | None


def people(desk: Desk, scope: Scope) -> list[Figures]:
    """Everybody with an outcome in the last 90 days, by name."""
    with desk.store.read(scope) as session:
        recent = recent_outcomes(session)
        seeds = [seed for seed, _ in answered_seeds(session, now() - RECENT)]
        names = sorted({each.person for each in recent})
        return [_figures(session, name, _of(recent, name), [s for s in seeds if s.person == name]) for name in names]


def figures_of(desk: Desk, scope: Scope, name: str) -> Figures:
    """One person's figures; without outcomes they say that nothing is known."""
    with desk.store.read(scope) as session:
        seeds = [seed for seed, _ in answered_seeds(session, now() - RECENT, person=name)]
        return _figures(session, name, recent_outcomes(session, person=name), seeds)


def _of(recent: Iterable[Outcome], name: str) -> list[Outcome]:
    return [each for each in recent if each.person == name]


def _figures(session: Session, name: str, own: Sequence[Outcome], seeds: Sequence[Seed]) -> Figures:
    return Figures(
        name=name,
        right=_share(own),
        by_kind=_shares(own, lambda each: each.kind),
        by_part=_shares(own, lambda each: each.part),
        seeded=_seeded([seed for seed in seeds if seed.wrong]),
        checked=step_down(*_counts(own)),
        agreement=_agreement(session, name),
        seconds=median(timed) if (timed := seconds_of_tasks(session, now() - RECENT, name)) else None,
    )


def _counts(own: Sequence[Outcome]) -> tuple[int, int]:
    return sum(each.right for each in own), len(own)


def _share(own: Sequence[Outcome]) -> Share:
    return skill(*_counts(own))


def _shares(own: Iterable[Outcome], group: Callable[[Outcome], str]) -> dict[str, Share]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for each in own:
        groups[group(each)].append(each)
    return {key: _share(groups[key]) for key in sorted(groups)}


def _seeded(wrong: Sequence[Seed]) -> Seeded:
    confirmed = [seed.seconds for seed in wrong if not seed.caught and seed.seconds is not None]
    caught = [seed.seconds for seed in wrong if seed.caught and seed.seconds is not None]
    return Seeded(
        rubber_stamping(sum(not seed.caught for seed in wrong), len(wrong)),
        median(confirmed) if confirmed else None,
        median(caught) if caught else None,
    )


def _agreement(session: Session, name: str) -> Agreement:
    """Of the values that the person keyed blind: whether they, and whoever had the value before, were right."""
    keyed = [
        (bool(sample.right), _is_right(session, key, sample))
        for key, sample in decided_parts(session, now() - RECENT, person=name)
        if key.part == KeyPart.BLIND
    ]
    return agreement(keyed, categories=2)


def recent_counts(session: Session, person: str, process: Process, since: dt.datetime | None = None) -> tuple[int, int]:
    """How many of a person's recent values in one process were right, and how many were decided; `since`: not before."""
    own = recent_outcomes(session, person=person, process=process)
    return _counts([each for each in own if since is None or each.at >= since])


def recent_outcomes(session: Session, *, person: str | None = None, process: Process | None = None) -> list[Outcome]:
    """What the last 90 days decided, of one person or process or of all; in its order."""
    since = now() - RECENT
    parts = decided_parts(session, since, person=person, process=process)
    seeds = answered_seeds(session, since, person=person, process=process)
    found = [
        Outcome(key.person, _kind_of(session, sample), _is_right(session, key, sample), key.part, key.at)
        for key, sample in parts
    ]
    found += [
        Outcome(seed.person or "", _kind_of_seed(session, seed, document), bool(seed.caught), SEEDED, seed.at)
        for seed, document in seeds
        if seed.at is not None
    ]
    return sorted(found, key=lambda each: each.at)


def _is_right(session: Session, key: Key, sample: Sample) -> bool:
    """Who worked on a value is as right as it was; a blind key is compared with the truth."""
    if key.part == KeyPart.WORKED:
        return bool(sample.right)
    if key.value_state != ValueState.PRESENT or sample.truth_state != ValueState.PRESENT:
        return key.value_state == sample.truth_state
    return same_value(key.text, sample.truth or "", _kind_of(session, sample))


def _kind_of(session: Session, sample: Sample) -> FieldType:
    return _field_type(session, sample.definition_id, sample.document_type, sample.name, sample.table_name)


def _kind_of_seed(session: Session, seed: Seed, document: Document) -> FieldType:
    return _field_type(session, document.definition_id, document.document_type or "", seed.name, seed.table_name)


def _field_type(session: Session, definition_id: str, document_type: str, name: str, table: str) -> FieldType:
    kind = type_in_process(load_definition(session, definition_id).process, document_type)
    field = kind.definition(name, table) if kind else None
    return field.type if field else FieldType.TEXT


def draw_check(
    session: Session,
    document: Document,
    extraction: Extraction,
    definition: Definition,
    changed: Iterable[str],
    by: str,
) -> None:
    """By chance, as large as the person's work so far asks for: a header field that they touched is keyed blind.

    Where they changed none, one of those that they let stand. New people are checked always.
    """
    audit, process = definition.process.audit, definition.process
    kind = type_in_process(process, extraction.document_type)
    if not audit.check_people or kind is None or document.state != DocumentState.READY:
        return
    if CHANCE.random() >= step_down(*recent_counts(session, by, (process.client, process.process))):
        return
    touched = [name for name in changed if name in kind.fields]
    drawn = _draw(extraction, kind, CHANCE.choice(sorted(touched) or sorted(kind.fields)))
    ask_blind(session, document, add_samples(session, document, [drawn], Stream.PERSON), audit, due_at=document.due_at)


def _draw(extraction: Extraction, kind: DocumentType, name: str) -> Draw:
    value = extraction.get(name) or Value(name=name, state=ValueState.ABSENT)
    return Draw(value, kind.fields[name].critical)
