"""What kind of document it is, learned from what people finished: few examples change nothing, enough of them help."""

from __future__ import annotations

from extraction.classify import classify
from extraction.learning.types import LEAST_EXAMPLES, TypeModel, learn_types
from schemas.learning import Example
from schemas.reading import Reading
from tests.extraction.paper import Line, german_invoice, reading_of

TYPES, LANGUAGES = ["invoice", "credit_note"], ["de"]
GOODS = ["Zange", "Hammer", "Bohrer", "Leim", "Lack", "Draht", "Kabel", "Rohr", "Ventil", "Pumpe", "Filter", "Dichtung"]


def bonus_statement(number: int) -> Reading:
    """A credit note that does not call itself one."""
    lines: list[Line] = [
        [(60, f"Lieferant Nummer {number} GmbH")],
        [(60, "Rechnungsnummer:"), (200, f"B-77{number}")],
        [(60, "Rechnungsdatum:"), (200, "03.11.2026")],
        [(60, "Jahresbonus auf Ihren Umsatz, wir erstatten Ihnen")],
        [(60, GOODS[number % len(GOODS)])],
        [(60, "Nettobetrag"), (300, "100,00")],
        [(60, "Erstattung"), (300, "119,00")],
    ]
    return reading_of(lines)


def invoice(number: int) -> Reading:
    lines = [*german_invoice(), [(60, GOODS[number % len(GOODS)])], [(60, f"Lieferant Nummer {number} KG")]]
    return reading_of(lines)


def finished(count: int) -> list[Example]:
    """So many of each, as people left them; every one of another supplier."""
    found = []
    for number in range(count):
        for name, reading in (("invoice", invoice(number)), ("credit_note", bonus_statement(number))):
            found.append(
                Example(
                    key=f"{name}{number}", document_type=name, reading=reading, fields={}, supplier=f"{name} {number}"
                )
            )
    return found


def test_enough_corrections_teach_what_the_rules_do_not_know() -> None:
    stranger = bonus_statement(99)
    assert classify(stranger, TYPES, LANGUAGES).document_type == "invoice"
    model = learn_types(finished(LEAST_EXAMPLES + 2))
    found = classify(stranger, TYPES, LANGUAGES, model)
    assert (found.document_type, found.reason) == ("credit_note", "learned")
    assert found.probability > 0.7
    assert classify(invoice(98), TYPES, LANGUAGES, model).document_type == "invoice"
    assert model.model_right > model.rules_right


def test_few_corrections_leave_the_rules_alone() -> None:
    model = learn_types(finished(LEAST_EXAMPLES - 1))
    assert not model.speaks
    assert classify(invoice(1), TYPES, LANGUAGES, model) == classify(invoice(1), TYPES, LANGUAGES)


def test_a_model_that_is_not_better_than_the_rules_is_silent() -> None:
    plain = [e for e in finished(30) if e.document_type == "invoice"]
    credits = [e.model_copy(update={"key": f"c{e.key}", "document_type": "credit_note"}) for e in plain]
    assert not learn_types([*plain, *credits]).speaks  # the same pages under both names


def test_a_kind_that_was_not_learned_stays_with_the_rules() -> None:
    model = learn_types(finished(LEAST_EXAMPLES))
    letter = reading_of([[(60, "Sehr geehrte Damen und Herren")], [(60, "wir wünschen frohe Festtage")]])
    assert classify(letter, TYPES, LANGUAGES, model) == classify(letter, TYPES, LANGUAGES)


def test_papers_that_are_none_of_the_types_are_learned_too() -> None:
    others = [
        Example(key=f"o{n}", document_type="other", reading=bonus_statement(n), fields={}, supplier=f"o{n}")
        for n in range(12)
    ]
    model = learn_types([*others, *(e for e in finished(12) if e.document_type == "invoice")])
    assert classify(bonus_statement(77), ["invoice"], LANGUAGES, model).document_type == "other"


def test_a_model_is_data_and_learning_is_repeatable() -> None:
    model = learn_types(finished(LEAST_EXAMPLES))
    assert learn_types(finished(LEAST_EXAMPLES)).files() == model.files()
    loaded = TypeModel.load(model.files())
    assert loaded == model
    assert classify(bonus_statement(5), TYPES, LANGUAGES, loaded).document_type == "credit_note"
    assert len(model.files()["types.json"]) < 100_000
