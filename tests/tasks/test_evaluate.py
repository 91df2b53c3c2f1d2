"""A contact's way: it comes as a transcript, is drawn, scored, disputed and scored anew; and evaluators are calibrated."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from reading.pool import ReaderPool
from schemas.errors import FourEyesError, IllegalTransitionError, NotFoundError
from schemas.scorecard import Answer, Place
from store.database import Scope, Store, system
from store.tables import Document, Evaluation, Receipt
from tasks.chunks import Chunks
from tasks.define import import_folder
from tasks.desk import Desk
from tasks.evaluate import (
    dispute,
    draw_contacts,
    form_of,
    hand_back,
    keep_answers,
    load_evaluation,
    start_calibration,
    take_next,
)
from tasks.evaluation_results import list_calibrations, load_calibration, results_of
from tasks.receive import sweep_inboxes
from tasks.register import register_receipts
from tasks.work import work_on
from tests.given import desk_on

SAMPLE = Path(__file__).parents[2] / "sample_data"
ME, BEA, KIM, LEA = system("test"), Scope("bea"), Scope("kim"), Scope("lea")
PROCESS = """
process: support
client: acme
document_types: [transcript]
intake: {duplicates: accept}
contacts: {per_agent: 2, forms: {default: call}}
"""


@pytest.fixture(scope="module")
def pool() -> object:
    with ReaderPool(1) as readers:
        yield readers


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    desk, folder = desk_on(store, tmp_path, inbox_stable_seconds=0), tmp_path / "acme"
    folder.mkdir()
    (folder / "client.yaml").write_text("client: acme\nname: Acme\ntime_zone: Europe/Berlin\n")
    (folder / "support.yaml").write_text(PROCESS)
    import_folder(desk, folder)
    return desk


def contact(agent: str, number: int, *, day: dt.date | None = None) -> bytes:
    last = dt.date.today().replace(day=1) - dt.timedelta(days=1)
    head = {"agent": agent, "team": "Blue", "channel": "call", "contact_date": (day or last).isoformat()}
    turns = [
        ("agent", "Good morning, Acme."),
        ("customer", f"My parcel {number} is late."),
        ("agent", "It comes today."),
    ]
    return json.dumps({**head, "turns": [{"role": who, "text": text} for who, text in turns]}).encode()


def arrive(
    desk: Desk, pool: ReaderPool, files: dict[str, bytes], *, client: str = "acme", process: str = "support"
) -> None:
    """Through the inbox, the sandbox, reading and routing."""
    inbox = desk.inbox(client, process)
    for name, content in files.items():
        (inbox / name).write_bytes(content)
    sweep_inboxes(desk)
    while register_receipts(desk, pool, "test"):
        pass
    chunks = Chunks(desk, "test")
    while leases := chunks.take():
        work_on(desk, pool, leases)


def drawn(desk: Desk, pool: ReaderPool) -> None:
    arrive(
        desk, pool, {f"{agent}{n}.json": contact(agent, n) for agent in ("Anna Weber", "Tom Lind") for n in range(3)}
    )
    assert draw_contacts(desk) == 4


def answers(desk: Desk, person: Scope, evaluation_id: str, **other: Answer) -> dict[str, Answer]:
    items = form_of(load_evaluation(desk, person, evaluation_id).evaluation).items
    return {
        item.id: Answer(answer=item.answers[-2] if item.kind == "scale" else item.answers[0]) for item in items
    } | other


def scored(desk: Desk, person: Scope, **other: Answer) -> str:
    evaluation_id = take_next(desk, person)
    assert evaluation_id is not None
    assert keep_answers(desk, person, evaluation_id, answers(desk, person, evaluation_id, **other), final=True) == []
    return evaluation_id


WRONG = Answer(answer="no", place=Place(line=7, start=0, end=5))


def test_a_transcript_comes_in_and_says_who_when_and_what(desk: Desk, pool: ReaderPool) -> None:
    arrive(desk, pool, {"a.json": contact("Anna Weber", 1), "b.pdf": b"Agent: Hello\n", "c.bin": b"\x00\x01" * 50})
    with desk.store.read(ME) as session:
        states = {
            name: (state, media)
            for name, state, media in session.execute(select(Document.name, Document.state, Document.media_type))
        }
        refused = session.scalars(select(Receipt.reason).where(Receipt.name == "c.bin")).one()
    assert states["a.json"] == ("ready", "text/x-transcript-json")
    assert states["b.pdf"][0] == "in_review"  # it names no agent
    assert refused == "UNSUPPORTED_TYPE"


def test_so_many_of_each_agent_and_month_are_drawn_and_no_more(desk: Desk, pool: ReaderPool) -> None:
    drawn(desk, pool)
    assert draw_contacts(desk) == 0
    with desk.store.read(ME) as session:
        assert sorted(session.scalars(select(Evaluation.agent))) == ["Anna Weber"] * 2 + ["Tom Lind"] * 2


def test_contacts_of_long_ago_are_drawn_when_they_come_late_and_those_of_tomorrow_never(
    desk: Desk, pool: ReaderPool
) -> None:
    next_month = (dt.date.today().replace(day=1) + dt.timedelta(days=40)).replace(day=1)
    days = {"old": dt.date(2024, 2, 3), "tomorrow": next_month}
    arrive(desk, pool, {f"{n}.json": contact("Anna Weber", 1, day=day) for n, day in days.items()})
    assert draw_contacts(desk) == 1
    with desk.store.read(ME) as session:
        assert session.scalars(select(Evaluation.period)).all() == ["2024-02"]


def test_the_sample_contacts_are_judged_as_their_truth_says(store: Store, tmp_path: Path, pool: ReaderPool) -> None:
    desk = desk_on(store, tmp_path, inbox_stable_seconds=0)
    import_folder(desk, SAMPLE / "clients" / "kestrel")
    shutil.copytree(SAMPLE / "inbox" / "kestrel", desk.folder / "inbox" / "kestrel", dirs_exist_ok=True)
    arrive(desk, pool, {}, client="kestrel", process="support-audits")
    assert draw_contacts(desk) == 5 * 4 + 5 * 2  # five agents: four each of October, the two that there are of November
    lines = (SAMPLE / "scorecards.jsonl").read_text().splitlines()
    truth = {line["file"].rpartition("/")[2]: line["answers"] for line in map(json.loads, lines)}
    judged: dict[str, list[bool]] = defaultdict(list)
    while evaluation_id := take_next(desk, BEA):
        view = load_evaluation(desk, BEA, evaluation_id)
        wanted = truth[view.document.name]
        given = {
            item: Answer(answer=a["answer"], place=Place(line=a["line"]) if "line" in a else None)
            for item, a in wanted.items()
        }
        assert keep_answers(desk, BEA, evaluation_id, given, final=True) == []
        harmful = any(wanted[item]["answer"] == "no" for item in ("identified", "correct", "goodwill"))
        judged[view.evaluation.agent].append(harmful)
    results = results_of(desk, BEA)
    assert {each.name: each.auto_failed for each in results.agents} == {name: sum(bad) for name, bad in judged.items()}
    assert [each.name for each in results.teams] == ["North", "South"]
    assert all(each.passed.lower <= each.passed.value <= each.passed.upper for each in results.agents)
    best, worst = (next(a for a in results.agents if a.name == name) for name in ("Amira Cole", "Grace Lowe"))
    assert best.passed.value > worst.passed.value


def test_an_evaluator_scores_beside_the_transcript_and_nobody_looks_on(desk: Desk, pool: ReaderPool) -> None:
    drawn(desk, pool)
    evaluation_id = take_next(desk, BEA)
    assert evaluation_id is not None and take_next(desk, BEA) == evaluation_id  # goes on with the draft
    view = load_evaluation(desk, BEA, evaluation_id)
    assert view.own and [text for _, text in view.lines][-3:][0] == "agent: Good morning, Acme."
    assert "greeting" in view.missing
    with pytest.raises(NotFoundError):
        load_evaluation(desk, KIM, evaluation_id)
    given = answers(desk, BEA, evaluation_id)
    assert keep_answers(desk, BEA, evaluation_id, given | {"correct": Answer(answer="no")}, final=True) == ["correct"]
    assert keep_answers(desk, BEA, evaluation_id, given | {"correct": WRONG}, final=True) == []
    view = load_evaluation(desk, KIM, evaluation_id)
    assert (view.evaluation.score, view.evaluation.passed, view.evaluation.auto_failed) == (0.0, False, True)
    assert view.answers["correct"].place == WRONG.place
    with pytest.raises(IllegalTransitionError):
        keep_answers(desk, BEA, evaluation_id, given, final=True)


def test_a_draft_can_be_handed_back(desk: Desk, pool: ReaderPool) -> None:
    drawn(desk, pool)
    evaluation_id = take_next(desk, BEA) or ""
    hand_back(desk, BEA, evaluation_id)
    assert take_next(desk, KIM) == evaluation_id


def test_a_disputed_score_is_made_anew_by_somebody_else_who_sees_nothing_of_it(desk: Desk, pool: ReaderPool) -> None:
    drawn(desk, pool)
    first = scored(desk, BEA, correct=WRONG)
    with pytest.raises(FourEyesError):
        dispute(desk, BEA, first, "no")
    again = dispute(desk, LEA, first, "it was correct: see line 8")
    assert take_next(desk, BEA) != again and take_next(desk, LEA) != again
    assert results_of(desk, ME).agents[0].auto_failed == 1  # it holds until then
    assert take_next(desk, KIM) == again
    assert not load_evaluation(desk, KIM, again).evaluation.answers
    assert keep_answers(desk, KIM, again, answers(desk, KIM, again), final=True) == []
    assert results_of(desk, ME).agents[0].auto_failed == 0
    with pytest.raises(IllegalTransitionError):
        dispute(desk, LEA, again, "once more")


@pytest.mark.parametrize("cheat", ["bea", "lea"])
def test_the_database_itself_keeps_both_sides_from_the_second_score(desk: Desk, pool: ReaderPool, cheat: str) -> None:
    drawn(desk, pool)
    again = dispute(desk, LEA, scored(desk, BEA), "too low")
    with pytest.raises(IntegrityError), desk.store.session(ME) as session:
        session.execute(update(Evaluation).where(Evaluation.id == again).values(evaluator=cheat))


def test_a_calibration_shows_nothing_before_all_are_final_and_then_how_far_they_agree(
    desk: Desk, pool: ReaderPool
) -> None:
    drawn(desk, pool)
    base = scored(desk, LEA)
    with pytest.raises(FourEyesError):
        start_calibration(desk, ME, base, ["lea", "kim"])
    with pytest.raises(IllegalTransitionError):
        start_calibration(desk, ME, base, ["kim", "kim"])
    calibration = start_calibration(desk, ME, base, ["kim", "bea"])
    mine = scored(desk, BEA, greeting=Answer(answer="no"))
    assert load_calibration(desk, ME, calibration).pairs == []
    with pytest.raises(NotFoundError):
        load_evaluation(desk, KIM, mine)
    scored(desk, KIM)
    found = load_calibration(desk, ME, calibration)
    ((one, other, how),) = found.pairs
    assert found.is_final and (one, other) == ("bea", "kim")
    assert (how.items, how.raw) == (9, 8 / 9) and how.ac1 is not None
    assert load_evaluation(desk, KIM, mine).evaluation.id == mine
    assert [each.id for each in list_calibrations(desk, ME)] == [calibration]
    assert results_of(desk, ME).agents[0].passed.total == 1  # calibrations do not count


def test_results_are_counted_by_agent_team_form_and_item_with_exact_intervals(desk: Desk, pool: ReaderPool) -> None:
    drawn(desk, pool)
    scored(desk, BEA, correct=WRONG)
    for _ in range(3):
        scored(desk, BEA)
    found = results_of(desk, ME)
    (team,) = found.teams
    assert (team.name, team.passed.count, team.passed.total, team.mean) == ("Blue", 3, 4, 0.75)
    assert (round(team.passed.lower, 4), round(team.passed.upper, 4)) == (0.1941, 0.9937)  # Clopper and Pearson
    correct = next(each for each in found.items if each.item == "correct")
    assert (correct.full.count, correct.full.total) == (3, 4)
    assert results_of(desk, ME, "1999-01").agents == []
    assert results_of(desk, Scope("carl", frozenset({"umbra"}))).agents == []
