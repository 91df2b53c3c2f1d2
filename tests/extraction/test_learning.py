"""The story of corrections: documents are corrected, a model is learned, it is kept as files and reads the next document."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.extract import extract
from extraction.learning.confusable import Lexicon, edits
from extraction.learning.explain import explain
from extraction.learning.learn import learn
from extraction.learning.memory import recognise, remember
from extraction.learning.model import Judged, Model, word_counts
from extraction.learning.scorer import MANY_ROWS, train
from schemas.document_type import document_types
from schemas.learning import Example, RememberedField, RememberedSupplier
from schemas.normalisation import same_value
from schemas.reading import Box, Reading, Reread, SecondLook
from schemas.values import Extraction
from tests.extraction.paper import HEIGHT, LEADING
from tests.extraction.till import SHOPS, blank, receipt, street

RECEIPT = document_types()["receipt"]
NAME = "Moonrise Bakery"
READERS = ("ppocr6", "tesseract5")


def extracted(
    reading: Reading,
    models: Mapping[str, Model] | None = None,
    suppliers: Sequence[RememberedSupplier] = (),
    looks: Mapping[str, SecondLook] | None = None,
) -> Extraction:
    return extract(
        reading,
        types=("receipt",),
        languages=("en",),
        country="GB",
        master=None,
        models=models,
        suppliers=suppliers,
        looks=looks,
    )


def share_right(examples: Sequence[Example], **known: object) -> float:
    right = []
    for each in examples:
        found = extracted(each.reading, **known)  # type: ignore[arg-type]
        for name, text in each.fields.items():
            value = found.get(name)
            right.append(value is not None and same_value(value.text, text, RECEIPT.fields[name].type))
    return sum(right) / len(right)


@pytest.fixture(scope="module")
def model() -> Model:
    return learn(street(4), RECEIPT, languages=("en",), country="GB")


def test_what_was_learned_reads_new_receipts_better_than_the_rules(model: Model) -> None:
    later = street(1, first=50)
    assert share_right(later) < 0.8
    assert share_right(later, models={"receipt": model}) > 0.9


def test_a_model_comes_back_from_its_files_as_it_was(model: Model) -> None:
    again = Model.load(model.files())
    reading = receipt(NAME, 77).reading
    assert again.files() == model.files()
    assert extracted(reading, {"receipt": again}) == extracted(reading, {"receipt": model})
    assert all(name.endswith((".json", ".txt")) for name in model.files())


def test_learning_is_the_same_each_time() -> None:
    first, second = (learn(street(2, shops=4), RECEIPT, languages=("en",), country="GB").files() for _ in range(2))
    assert {n: b for n, b in first.items() if n != "card.json"} == {n: b for n, b in second.items() if n != "card.json"}


def test_words_are_kept_in_the_order_of_the_documents() -> None:
    """The order of a set differs from process to process, and with it a model's hash."""
    assert list(word_counts([list("hgfedcba") * 2])) == list("hgfedcba")


def test_the_card_tells_what_the_model_was_made_from(model: Model) -> None:
    card = model.card
    assert (card.documents, card.suppliers) == (32, len(SHOPS))
    assert set(card.fields) == {"supplier_name", "supplier_address", "receipt_date", "gross_total"}
    assert 0.8 < card.mean <= 1
    assert card.reliability and card.coverage
    assert sum(point.n for point in card.reliability) == len(model.judged)


def test_one_corrected_document_is_enough_for_the_next_of_its_supplier() -> None:
    """No model, no training: the first receipt was corrected, the second is read right."""
    supplier = remember([], receipt(NAME, 1), RECEIPT, country="GB")
    before, after = (extracted(receipt(NAME, 2).reading, suppliers=known) for known in ((), [supplier]))
    truth = receipt(NAME, 2).fields
    guessed = before.get("supplier_name")
    assert guessed is None or guessed.text != NAME
    for name, text in truth.items():
        value = after.get(name)
        assert value is not None and same_value(value.text, text, RECEIPT.fields[name].type), name
    name_value = after.get("supplier_name")
    assert name_value is not None and "memory:1" in name_value.evidence


def test_a_misread_name_becomes_the_one_that_memory_knows() -> None:
    supplier = remember([], receipt(NAME, 1), RECEIPT, country="GB")
    value = extracted(receipt(NAME, 3, misread="M0onrise Bakety").reading, suppliers=[supplier]).get("supplier_name")
    assert value is not None and value.text == NAME
    assert value.raw == "M0onrise Bakety"


def test_a_supplier_is_recognised_by_its_letterhead_and_nobody_else_is() -> None:
    known = [remember([], receipt(shop, 1), RECEIPT, country="GB") for shop in list(SHOPS)[:6]]
    found = recognise(receipt("Penny Lane Stationers", 9).reading, known)
    assert found is not None and found.name == "Penny Lane Stationers"
    assert recognise(receipt("Tall Ships Chandlery Ltd", 9).reading, known) is None
    assert recognise(blank(), known) is None


def test_memory_grows_with_each_document_and_keeps_what_ops_locked() -> None:
    first = remember([], receipt(NAME, 1), RECEIPT, country="GB")
    second = remember([first], receipt(NAME, 2), RECEIPT, country="GB")
    assert (first.documents, second.documents) == (1, 2)
    assert second.fields["supplier_name"].values == {NAME: 2}
    locked = RememberedField(values={"Moonrise Bakery Ltd": 9}, locked=True)
    edited = second.model_copy(update={"fields": {**second.fields, "supplier_name": locked}})
    assert remember([edited], receipt(NAME, 3), RECEIPT, country="GB").fields["supplier_name"] == locked


def test_a_value_is_explained_by_its_rivals_and_what_decided(model: Model) -> None:
    told = explain(
        receipt(NAME, 5).reading,
        "gross_total",
        types=("receipt",),
        languages=("en",),
        country="GB",
        master=None,
        models={"receipt": model},
    )
    assert told is not None
    assert told.extractor == model.card.name
    assert told.candidates[0].candidate.text == told.chosen
    assert len(told.candidates) > 1 and told.candidates[0].reasons and told.doubts


def test_an_address_does_not_begin_with_the_number_of_a_company() -> None:
    """A few corrected receipts that print their numbers are enough for another company with another number."""
    shops = list(SHOPS)[:7]
    taught = [numbered(receipt(shop, 1)) if at % 2 else receipt(shop, 1) for at, shop in enumerate(shops)]
    model = learn(taught, RECEIPT, languages=("en",), country="GB")
    later = numbered(receipt("Tall Ships Chandlery Ltd", 3), "(989625-A)")
    value = extracted(later.reading, {"receipt": model}).get("supplier_address")
    assert value is not None and value.text == later.fields["supplier_address"]


def numbered(example: Example, number: str = "(1120908-M)") -> Example:
    """The company's registration number stands on a line of its own above the street."""
    page = example.reading.pages[0]
    street = example.fields["supplier_address"].split()[0]
    at = next(word for word in page.words if word.text == street)
    upper = [word for word in page.words if word.line < at.line]
    lower = [word._replace(line=word.line + 1, box=_moved(word.box)) for word in page.words if word.line >= at.line]
    words = [*upper, at._replace(text=number), *lower]
    reading = example.reading.model_copy(update={"pages": [page.model_copy(update={"words": words})]})
    return example.model_copy(update={"reading": reading})


def _moved(box: Box) -> Box:
    """A line lower."""
    return box._replace(y0=box.y0 + LEADING / HEIGHT, y1=box.y1 + LEADING / HEIGHT)


def test_a_field_that_documents_do_not_have_stays_absent() -> None:
    """People left the net total empty on every receipt: none is invented where none is."""
    examples = [each.model_copy(update={"fields": {**each.fields, "net_total": ""}}) for each in street(3, shops=4)]
    model = learn(examples, RECEIPT, languages=("en",), country="GB")
    assert all(extracted(each.reading, {"receipt": model}).get("net_total") is None for each in street(1, first=60))


def test_values_that_were_always_right_are_sure_and_the_surer_the_more_there_were() -> None:
    few, many = (learn(street(each), RECEIPT, languages=("en",), country="GB") for each in (1, 4))
    assert few.card.mean <= many.card.mean == 1
    assert min(each.probability for each in many.judged) > 0.95


def test_too_few_documents_still_give_a_model() -> None:
    model = learn(street(1, shops=2), RECEIPT, languages=("en",), country="GB")
    assert extracted(receipt(NAME, 1).reading, {"receipt": model}).document_type == "receipt"
    assert extracted(blank(), {"receipt": model}).values == []


@pytest.mark.parametrize("rare", [True, False])
def test_many_rows_are_learned_even_where_hardly_one_is_unlike_the_others(rare: bool) -> None:
    rows = np.random.default_rng(7).normal(size=(MANY_ROWS, 3)).astype(np.float32)
    right = np.full(len(rows), not rare)
    right[1] = rare
    found = train(rows, right, 50, ("a", "b", "c")).scores(rows)
    assert np.isfinite(found).all() and (found[2:] > 0).mean() == (0 if rare else 1)


def test_second_looks_that_read_something_else_make_a_value_doubtful_once_they_have_taught() -> None:
    """Every third total was misread, and reading it again said so: the next model believes second looks."""
    taught = [misread(each) if number % 3 == 0 else looked_at(each) for number, each in enumerate(street(5))]
    model = learn(taught, RECEIPT, languages=("en",), country="GB")
    later = receipt(NAME, 70)

    def sure(look: Example) -> float:
        value = extracted(later.reading, {"receipt": model}, looks=look.looks).get("gross_total")
        assert value is not None and value.text == later.fields["gross_total"]
        return value.probability

    assert sure(looked_at(later)) > sure(looked_at(later, says="99.99")) + 0.3
    elsewhere = looked_at(later, says="99.99", at=Box(0.8, 0.9, 0.9, 0.95))
    assert sure(elsewhere) == sure(later)


def looked_at(example: Example, says: str = "", at: Box | None = None) -> Example:
    """The printed total was read again by both readers; by default they say the same."""
    printed = example.fields["gross_total"]
    box = at or next(word.box for word in example.reading.pages[0].words if word.text == printed)
    rereads = [Reread(reader=name, variation="", text=says or printed, confidence=0.9) for name in READERS]
    return example.model_copy(update={"looks": {"gross_total": SecondLook(page=1, box=box, rereads=rereads)}})


def misread(example: Example) -> Example:
    """The total that is printed is not the one that a person saw; the second look saw it too."""
    fields = {**example.fields, "gross_total": "99.99"}
    return looked_at(example, says="99.99").model_copy(update={"fields": fields})


def test_a_date_of_a_year_that_no_right_date_had_is_doubted_once_such_dates_were_wrong() -> None:
    """The reader takes 2025 for another year now and then; each time a person puts it right."""
    years = itertools.cycle((2005, 2028, 2035, 2020))
    taught = [dated(each, next(years)) if number % 3 == 0 else each for number, each in enumerate(street(5))]
    model = learn(taught, RECEIPT, languages=("en",), country="GB")
    later = receipt(NAME, 70)

    def sure(example: Example) -> float:
        value = extracted(example.reading, {"receipt": model}).get("receipt_date")
        assert value is not None
        return value.probability

    assert sure(later) > sure(dated(later, 2023)) + 0.3
    # a year begins, and nobody has put its dates right yet
    assert sure(dated(later, 2026)) > sure(dated(later, 2027)) + 0.3


@pytest.mark.parametrize("said", ["03/02/16 or so", "n/a", "²", "-", "99999-01-01"])
def test_a_date_that_a_person_wrote_and_that_is_none_teaches_no_year(said: str) -> None:
    examples = street(2, shops=4)
    examples[0] = examples[0].model_copy(update={"fields": {**examples[0].fields, "receipt_date": said}})
    assert "receipt_date" in learn(examples, RECEIPT, languages=("en",), country="GB").fields


def dated(example: Example, year: int) -> Example:
    """The printed date's year was read as another."""
    page = example.reading.pages[0]
    words = [word._replace(text=word.text.replace("/2025", f"/{year}")) for word in page.words]
    reading = example.reading.model_copy(update={"pages": [page.model_copy(update={"words": words})]})
    return example.model_copy(update={"reading": reading})


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.booleans()), max_size=60))
def test_a_threshold_is_a_probability_that_was_given_and_the_lower_the_more_may_be_wrong(
    values: list[tuple[float, bool, bool]],
) -> None:
    made = _with([Judged(str(i), "total", p, right, seen) for i, (p, right, seen) in enumerate(values)])
    strict, loose = made.threshold(0.02), made.threshold(0.1)
    assert {strict, loose} <= {None, *(p for p, _, _ in values)}
    assert strict is None or (loose is not None and loose <= strict)


@pytest.mark.parametrize("sharper", [1.0, 1.8, 0.6])
def test_a_threshold_keeps_its_error_whether_probabilities_are_too_bold_or_too_shy(sharper: float) -> None:
    """Values are right as often as `true` says; what is given for it is too bold, or too shy, by a known factor."""
    kept: dict[float, list[float]] = {0.01: [], 0.02: [], 0.05: []}
    for seed in range(3, 8):
        chance = random.Random(seed)
        true = [1 / (1 + math.exp(-chance.gauss(3.5, 1.8))) for _ in range(2000)]
        given = [each**sharper / (each**sharper + (1 - each) ** sharper) for each in true]
        made = _with([Judged("", "total", g, chance.random() < t, True) for g, t in zip(given, true, strict=True)])
        for error, found in kept.items():
            threshold = made.threshold(error)
            assert threshold is not None
            wrong = [1 - t for g, t in zip(given, true, strict=True) if g >= threshold]
            found.append(sum(wrong) / len(wrong))
    for error, found in kept.items():
        assert 0.85 * error < sum(found) / len(found) < 1.15 * error


def test_no_threshold_comes_from_few_values_though_none_was_wrong() -> None:
    few, many = (_with([Judged("", "total", 0.99, True, True)] * count) for count in (20, 500))
    assert few.threshold(0.01) is None
    assert many.threshold(0.01) == 0.99


@given(st.text("abcdefghij0123456789", max_size=12), st.text("abcdefghij0123456789", max_size=12))
def test_edits_are_none_for_equal_texts_and_never_fewer_than_those_of_the_eye(left: str, right: str) -> None:
    total, other = edits(left, right)
    assert (total == 0) == (left == right)
    assert 0 <= other <= total


@given(st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=10))
def test_a_word_is_repaired_only_to_one_that_was_right_often_and_looks_alike(word: str) -> None:
    lexicon = Lexicon({"station": 9, "bakery": 5, "harbour": 1})
    better = lexicon.repaired(word)
    assert better == word or (better in ("station", "bakery") and edits(word, better)[1] == 0)


def _with(judged: list[Judged]) -> Model:
    made = _EMPTY
    return Model(made.card, made.fields, made.relations, made.rightness, made.words, judged)


_EMPTY = learn(street(1, shops=2), RECEIPT, languages=("en",), country="GB")
