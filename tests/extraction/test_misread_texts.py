"""The story of texts that were read wrongly: they are put right where that is safe, and they still teach."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.extract import extract
from extraction.learning.confusable import LEAST_PAIRS, MUCH_OFTENER, Lexicon, misread
from extraction.learning.learn import learn
from extraction.learning.memory import remember
from schemas.document_type import document_types
from tests.extraction.till import SHOPS, receipt

RECEIPT = document_types()["receipt"]


def lexicon(**counts: int) -> Lexicon:
    return Lexicon({name.replace("_", " "): count for name, count in counts.items()})


def test_a_word_is_put_right_by_the_neighbour_it_is_always_seen_with() -> None:
    known = lexicon(sdn_bhd=LEAST_PAIRS, kuala_lumpur=LEAST_PAIRS)
    assert known.beside("bakeries", "son", "bhd") == "sdn"
    assert known.beside("kuala", "lumpor", "malaysia") == "lumpur"


@pytest.mark.parametrize(
    ("before", "word", "after"),
    [
        ("jalan", "son", "street"),  # another neighbour
        ("jalan", "soon", "bhd"),  # not one letter for one
        ("jalan", "sat", "bhd"),  # two letters
        ("jalan", "sun", "bhd"),  # a word that is known itself
        ("jalan", "510", "bhd"),  # a number
        ("jalan", "abu", "samad"),  # a pair that was seen too seldom
    ],
)
def test_a_word_stays_where_its_neighbours_do_not_say_what_it_must_be(before: str, word: str, after: str) -> None:
    known = lexicon(sdn_bhd=9, sun=1, abd_samad=LEAST_PAIRS - 1)
    assert known.beside(before, word, after) == word


def test_a_known_word_gives_way_to_one_that_stands_there_much_oftener() -> None:
    """A shop was once called `Sin Seng`; between a name and `Bhd` it is a misread `Sdn` all the same."""
    known = lexicon(sin=1, seng=3, sin_seng=1, sdn=MUCH_OFTENER, sdn_bhd=MUCH_OFTENER)
    assert known.beside("healthcare", "sin", "bhd") == "sdn"
    assert known.beside("kedai", "sin", "seng") == "sin"
    assert lexicon(sin=2, sdn_bhd=MUCH_OFTENER).beside("healthcare", "sin", "bhd") == "sin"


@given(st.text("abcdefgh", min_size=1, max_size=20), st.lists(st.text("abcdefgh", min_size=1, max_size=20), max_size=5))
def test_what_a_text_was_misread_as_is_printed_and_like_it(text: str, printed: list[str]) -> None:
    found = misread(text, printed)
    assert found is None or (found in printed and abs(len(found) - len(text)) <= 2)
    assert text not in printed or found == text


def misprinted(shop: str) -> str:
    return shop[:2] + "z" + shop[3:]


def test_memory_knows_where_a_name_stands_that_was_misread() -> None:
    shop = "Moonrise Bakery"
    known = remember([], receipt(shop, 1, misread=misprinted(shop)), RECEIPT, country="GB")
    name = known.fields["supplier_name"]
    assert name.anchors and list(name.values) == [shop]


def test_documents_on_which_every_name_was_misread_teach_where_names_stand() -> None:
    examples = [receipt(shop, number, misread=misprinted(shop)) for shop in list(SHOPS)[1:] for number in range(2)]
    model = learn(examples, RECEIPT, languages=("en",), country="GB")
    stranger = receipt(next(iter(SHOPS)), 7)
    found = extract(
        stranger.reading, types=("receipt",), languages=("en",), country="GB", master=None, models={"receipt": model}
    ).get("supplier_name")
    assert found is not None and found.text == stranger.fields["supplier_name"]
