"""Scorecards are counted exactly: what does not apply never counts, critical errors fail, weights are relative."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import DefinitionError
from schemas.scorecard import NOT_APPLICABLE, Answer, Form, Place, form_text, parse_form, sha256_of, shipped_forms
from validations.scorecards import missing, points_of, score

FORMS = {name: parse_form(text, file=name) for name, text in shipped_forms().items()}


@st.composite
def filled_in(draw: st.DrawFn) -> tuple[Form, dict[str, Answer]]:
    form = draw(st.sampled_from(list(FORMS.values())))
    return form, {item.id: Answer(answer=draw(st.sampled_from(item.answers))) for item in form.items}


@given(filled_in())
def test_a_score_is_a_share_and_a_critical_error_makes_it_nothing(card: tuple[Form, dict[str, Answer]]) -> None:
    form, answers = card
    found = score(form, answers)
    critical = [i for i in form.items if i.critical and points_of(i, answers[i.id].answer) == 0]
    assert set(found.failed) == {item.id for item in critical}
    assert found.total is None or 0 <= found.total <= 1
    if critical:
        assert found.total == 0


@given(filled_in())
def test_what_does_not_apply_never_counts(card: tuple[Form, dict[str, Answer]]) -> None:
    form, answers = card
    kept = [
        section.model_copy(update={"items": items})
        for section in form.sections
        if (items := [item for item in section.items if answers[item.id].answer != NOT_APPLICABLE])
    ]
    assert score(form, answers).total == score(form.model_copy(update={"sections": kept}), answers).total


@given(filled_in(), st.integers(1, 9))
def test_weights_are_relative(card: tuple[Form, dict[str, Answer]], times: int) -> None:
    form, answers = card
    heavier = [section.model_copy(update={"weight": section.weight * times}) for section in form.sections]
    assert score(form, answers) == score(form.model_copy(update={"sections": heavier}), answers)


@given(filled_in(), st.data())
def test_a_better_answer_never_lowers_the_score(card: tuple[Form, dict[str, Answer]], data: st.DataObject) -> None:
    form, answers = card
    item = data.draw(st.sampled_from(form.items))
    now = points_of(item, answers[item.id].answer)
    better = [each for each in item.answers if now is not None and (points_of(item, each) or 0) > now]
    for each in better:
        before, after = score(form, answers).total, score(form, {**answers, item.id: Answer(answer=each)}).total
        assert before is not None and after is not None and before <= after


def test_the_worked_example_of_the_manual() -> None:
    form = FORMS["call"]
    given_ = {"greeting": "yes", "purpose": "no", "identified": "yes", "card_data": "na", "correct": "yes"}
    given_ |= {"complete": "3", "refund": "na", "tone": "correct", "close": "yes"}
    found = score(form, {name: Answer(answer=answer) for name, answer in given_.items()})
    assert found.sections == {
        "opening": Fraction(1, 2),
        "security": 1,
        "solution": Fraction(4, 5),
        "manner": Fraction(17, 20),
    }
    assert found.total == Fraction(815, 1000)


def test_nothing_that_applies_is_no_score() -> None:
    form = FORMS["mail"]
    assert score(form, {item.id: Answer(answer=NOT_APPLICABLE) for item in form.items}).total is None


def test_a_fault_needs_its_place_in_the_transcript_and_every_item_an_answer() -> None:
    form = FORMS["mail"]
    answers = {item.id: Answer(answer=item.answers[0]) for item in form.items}
    answers["correct"] = Answer(answer="no")
    assert missing(form, answers) == ["correct"]
    answers["correct"] = Answer(answer="no", place=Place(line=3, start=2, end=9))
    assert missing(form, answers) == []
    assert "salutation" in missing(form, {})


def test_a_processs_own_form_comes_before_the_shipped_one_and_a_wrong_one_names_its_line() -> None:
    own = shipped_forms()["call"].replace("pass_mark: 0.8", "pass_mark: 0.9")
    assert parse_form(form_text("call", {"call": own}), file="call.yaml").pass_mark == 0.9
    assert sha256_of(own) != sha256_of(shipped_forms()["call"])
    with pytest.raises(DefinitionError, match=r"line 5|pass_mark"):
        parse_form(own.replace("pass_mark: 0.9", "pass_mark: 90"), file="call.yaml")
    with pytest.raises(DefinitionError, match="no scorecard"):
        form_text("fax", {})
