"""The letters of Europe are tried before all others, and the result is as if all had been tried."""

from __future__ import annotations

import numpy as np
import pytest

from reading.last_layer import LastLayer, take_apart

LETTERS = ["", "A", "b", "7", "干", "ホ", " "]  # none, four that are read, two of Asia, and the blank between words


def layer(strength: float) -> LastLayer:
    """Each feature stands for one letter; the letters of Asia also look a little like European ones."""
    weights = strength * np.eye(len(LETTERS), dtype=np.float32)
    weights[4, 1] = weights[5, 2] = 0.2 * strength
    return LastLayer(weights, np.zeros(len(LETTERS), dtype=np.float32), LETTERS)


def shown(text: list[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.array([np.eye(len(LETTERS))[LETTERS.index(letter)] for letter in text], dtype=np.float32)


@pytest.mark.parametrize("text", [["A", "", "b", " ", "7"], ["A", "干", ""], ["ホ"], ["干", "ホ", " ", "7"]])
def test_every_letter_is_found_european_or_not(text: list[str]) -> None:
    found = layer(8.0).columns(shown(text))

    assert [LETTERS[number] for number in found.classes] == text
    assert found.sure.min() > 0.9
    assert [round(float(blank)) for blank in found.blank] == [letter == " " for letter in text]


def test_an_unclear_european_letter_stays_one() -> None:
    found = layer(2.0).columns(shown(["A", "7"]))

    assert [LETTERS[number] for number in found.classes] == ["A", "7"]
    assert found.sure.max() < 0.7


def test_another_network_is_refused() -> None:
    with pytest.raises(ValueError):
        take_apart(bytes([7 << 3 | 2, 0]))  # a graph without anything
