"""The demo's quality work: claims of a client, courses of reviewers, scorecards of contacts with a dispute and a calibration."""

from __future__ import annotations

from typing import NamedTuple

from cleardesk.demo_day import INVOICES, ME, chance, extraction_of, seconds, swapped
from cleardesk.demo_truth import Truths
from schemas.document_type import FieldType
from schemas.lifecycle import DocumentState
from schemas.normalisation import same_value
from schemas.scorecard import Answer
from schemas.values import Address, ValueState
from store.claims import claims_seen
from store.courses import finished_documents
from store.database import Scope
from store.evaluations import FINAL, OPEN, work_list
from store.tables import Document
from tasks import evaluate, training
from tasks.claims import ClaimedValue, Verdict, decide_claim, raise_claims
from tasks.desk import Desk

LEA = Scope("lea", None)
VERA = Scope("vera", frozenset({INVOICES[0]}))
KIM = Scope("kim", frozenset({"kestrel"}))
EVALUATORS = (("mia", 11), ("noah", 11))  # and how many contacts each scores
WAS_WARM = "The agent was in a hurry but not unfriendly. Please listen to it again."


class Delivered(NamedTuple):
    """A delivered value, and what a label says that it is."""

    document: Document
    name: str
    text: str
    printed: str
    right: bool


def claim(desk: Desk, truths: Truths) -> None:
    """Vera says of three values that they are wrong: one is, one is not, and one is not decided yet."""
    known = _delivered(desk, truths)
    wrong = [(each, each.printed) for each in known if not each.right]
    right = [(each, swapped(each.text)) for each in known if each.right and each.name == "gross_total"]
    for value, text in (*wrong[:1], *right[:2]):
        raise_claims(
            desk, VERA, value.document.id, [ClaimedValue(Address(value.name), text)], "Our books say otherwise."
        )
    with desk.store.read(ME) as session:
        raised = {row.claimed: row.id for row, _ in claims_seen(session)}
    for verdict, some in ((Verdict.OUR_ERROR, wrong), (Verdict.NOT_WRONG, right)):
        for _, text in some[:1]:
            decide_claim(desk, LEA, raised[text], verdict, "Compared with the page.")


def _delivered(desk: Desk, truths: Truths) -> list[Delivered]:
    with desk.store.read(ME) as session:
        documents = finished_documents(session, *INVOICES, limit=60)
    found = []
    for document in documents:
        truth = truths.of(document)
        if truth is None or document.state != DocumentState.DELIVERED:
            continue
        for value in extraction_of(desk, document).values:
            label = truth.fields.get(value.name)
            if label and not value.table and value.state is ValueState.PRESENT:
                right = any(same_value(value.text, label, kind) for kind in FieldType)
                found.append(Delivered(document, value.name, value.text, label, right))
    return found


def learn(desk: Desk) -> None:
    """Ada passes a course, Ben passes it the second time, and Cem is in the middle of it."""
    title = "Supplier invoices for beginners"
    course = training.make_course(desk, LEA, *INVOICES, title=title, skill="invoices", pass_mark=0.9, size=4)
    for name, lessons, slips in (("ada", 4, 0.03), ("ben", 4, 0.3), ("ben", 4, 0.05), ("cem", 1, 0.05)):
        _take_course(desk, Scope(name, None), course, lessons, slips)


def _take_course(desk: Desk, scope: Scope, course: str, lessons: int, slips: float) -> None:
    training.start(desk, scope, course)
    for _ in range(lessons):
        lesson = training.lesson(desk, scope, course)
        if lesson is None:
            return
        truth = lesson.course.items[lesson.number - 1]["truth"]
        typed = {
            name: swapped(text) if chance(scope.actor, str(slips), lesson.document_id, name) < slips else text
            for name, text in truth.items()
        }
        took = seconds(scope.actor, str(slips), str(lesson.number))
        training.answer(desk, scope, course, lesson.number, typed, seconds=took)


def score(desk: Desk, truths: Truths) -> None:
    """Mia and Noah score contacts; Kim disputes two, of which one is scored anew; three people calibrate on one."""
    for name, most in EVALUATORS:
        _score(desk, truths, name, most)
    with desk.store.read(ME) as session:
        rows = [row for row, _ in work_list(session)]
    final = sorted((row for row in rows if row.state == FINAL), key=lambda row: (row.score or 0.0, row.id))
    for row in final[:2]:
        evaluate.dispute(desk, KIM, row.id, WAS_WARM)
        if row is final[0]:
            _score(desk, truths, "noah" if row.evaluator == "mia" else "mia", 1)
    waiting = next((row for row in rows if row.state == OPEN), None)
    if waiting is not None:
        evaluate.start_calibration(desk, LEA, waiting.id, ["lea", "mia", "noah"])
        for name in ("lea", "mia", "noah"):
            _score(desk, truths, name, 1)


def _score(desk: Desk, truths: Truths, name: str, most: int) -> None:
    scope = Scope(name, frozenset({"kestrel"}))
    for _ in range(most):
        found = evaluate.take_next(desk, scope)
        if found is None:
            return
        view = evaluate.load_evaluation(desk, scope, found)
        answers = {**truths.scorecard(view.document), **_opinion(name, view.document)}
        if evaluate.keep_answers(desk, scope, found, answers, final=True):
            return  # without a label nobody can say


def _opinion(name: str, document: Document) -> dict[str, Answer]:
    """Tone is a matter of taste: now and then somebody hears it otherwise."""
    return {"tone": Answer(answer="correct")} if chance(name, document.sha256) < 0.2 else {}
