"""A process that reads twice: what was chosen on a photographed receipt is read once more, line by line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reading.pool import ReaderPool
from schemas.reading import Reread
from store.database import system
from store.definitions import load_definition
from tasks.desk import Desk
from tasks.read import read_document
from tasks.reread import joined, known_looks, reread_values
from tests.tasks.conftest import drop
from tests.tasks.test_intake import documents, take_in


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_chosen_values_of_a_photograph_are_read_again(desk: Desk, pool: ReaderPool) -> None:
    drop(desk, "lumen/expense-receipts/IMG_20261001_1207.jpg", to="lumen/expense-receipts")
    take_in(desk, pool)
    (document,) = documents(desk)
    with desk.store.read(system("test")) as session:
        definition = load_definition(session, document.definition_id)
    seen = read_document(desk, pool, document, definition)

    again = reread_values(desk, pool, document, definition, seen.reading, seen.extraction)

    total = seen.extraction.get("gross_total")
    assert total is not None and total.raw
    assert {"gross_total"} <= set(again) <= {value.name for value in seen.extraction.values if not value.table}
    assert len(again["gross_total"].rereads) == 5
    assert sum(total.raw.split()[-1] in each.text for each in again["gross_total"].rereads) >= 3

    reads_twice = replace(definition, process=definition.process.model_copy(update={"profile": "double"}))
    read_document(desk, pool, document, reads_twice)
    assert set(known_looks(desk, document)) >= {"gross_total"}  # kept to learn from


def test_the_lines_of_an_address_are_one_text_in_each_variation() -> None:
    def line(variation: str, text: str, confidence: float) -> Reread:
        return Reread(reader="ppocr6", variation=variation, text=text, confidence=confidence)

    first = [line("enlarged", "Hafenstr. 1", 0.9), line("softened", "Hafenstr. l", 0.6)]
    second = [line("enlarged", "20095 Hamburg", 0.8), line("softened", "20095 Hamburg", 0.99)]

    assert [(each.text, each.confidence) for each in joined([first, second])] == [
        ("Hafenstr. 1 20095 Hamburg", 0.8),
        ("Hafenstr. l 20095 Hamburg", 0.6),
    ]
