"""How right people are: blind keys, audited work and seeds become figures, and figures say how much is checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from schemas.clock import now
from schemas.document_type import FieldType
from schemas.quality import KeyPart, Stream
from store.database import Store, system
from store.definitions import Definition
from store.tables import Key, Sample
from tasks.desk import Desk
from tasks.people import figures_of, people
from tasks.people_plots import chart
from tests.given import audited_total, desk_on, process_of
from tests.tasks.test_audits import ADA, BEN, CAT, decide_all, key_all, reviewed
from validations.audit.skill import checks_until

ME = system("test")
CHECKED = "delivery: [{name: csv, format: csv}]\naudit: {check_people: true}"


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return desk_on(store, tmp_path)


@pytest.fixture
def definition(desk: Desk) -> Definition:
    return process_of(desk, CHECKED)


def drawn(desk: Desk) -> list[Sample]:
    with desk.store.read(ME) as session:
        return list(session.scalars(select(Sample).order_by(Sample.id)))


def was_right(desk: Desk, definition: Definition, document_id: str, person: str, times: int, *, wrong: int = 0) -> None:
    """So many values of the person were audited and found right, but for the last `wrong`."""
    with desk.store.session(ME) as session:
        for number in range(times):
            right = number < times - wrong
            sample = audited_total(
                number, document_id, definition, right=right, stream=Stream.PERSON, extractor="person", reader=""
            )
            session.add(sample)
            session.flush()
            session.add(Key(sample_id=sample.id, client_id="acme", person=person, part=KeyPart.WORKED, at=now()))


def test_a_new_persons_work_is_always_checked_by_somebody_else(desk: Desk, definition: Definition) -> None:
    reviewed(desk, definition, "R-1")
    (sample,) = drawn(desk)
    assert (sample.stream, sample.table_name, sample.untouched) == (Stream.PERSON, "", False)
    assert key_all(desk, ADA) == 0  # nobody checks themselves
    assert key_all(desk, BEN) == 1
    ada, ben = people(desk, ME)
    assert (ada.name, ada.right.count, ada.right.total, ada.checked) == ("ada", 1, 1, 1.0)
    assert ada.right.lower < 0.05  # one of one right is not yet skill
    assert (ben.name, ben.by_part[KeyPart.BLIND].value) == ("ben", 1.0)


def test_what_a_third_person_finds_wrong_counts_against_who_finished_it(desk: Desk, definition: Definition) -> None:
    reviewed(desk, definition, "R-1")
    (sample,) = drawn(desk)
    key_all(desk, BEN, wrong=(sample.name,))
    assert decide_all(desk, CAT, truth="other 1") == 1
    ada, ben = people(desk, ME)
    assert (ada.right.count, ada.right.total) == (0, 1)
    assert (ben.right.count, ben.right.total) == (1, 1)
    assert ben.agreement.items == 1 and ben.agreement.raw == 0.0
    assert chart(desk, ME, "ada", "en").startswith(b"<?xml")


def test_checks_get_fewer_as_the_lower_bound_rises(
    desk: Desk, definition: Definition, monkeypatch: pytest.MonkeyPatch
) -> None:
    document_id = reviewed(desk, definition, "R-1")
    was_right(desk, definition, document_id, "ada", checks_until(0.95))
    ada = figures_of(desk, ME, "ada")
    assert ada.checked == 0.5 and set(ada.by_kind) == {FieldType.AMOUNT}
    before = len(drawn(desk))
    monkeypatch.setattr("tasks.people.CHANCE.random", lambda: 0.6)
    reviewed(desk, definition, "R-2")
    assert len(drawn(desk)) == before
    monkeypatch.setattr("tasks.people.CHANCE.random", lambda: 0.4)
    reviewed(desk, definition, "R-3")
    assert len(drawn(desk)) == before + 1


def test_of_who_did_nothing_nothing_is_known(desk: Desk, definition: Definition) -> None:
    nobody = figures_of(desk, ME, "nobody")
    assert (nobody.right.total, nobody.right.lower, nobody.right.upper, nobody.checked) == (0, 0, 1, 1.0)
    assert nobody.seeded.confirmed.total == 0 and nobody.seeded.seconds_caught is None
    reviewed(desk, process_of(desk), "R-1")
    assert drawn(desk) == []  # a process that does not ask for checks has none
