"""Plots in the reader's language: nothing that is written in English where it is drawn is without its German word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tasks
from tasks.model_plots import plots_of, svg_of
from tasks.plot_words import GERMAN
from tests.workbench.learned import CARD

WRITTEN = re.compile(r'(?:label=|xlabel=|ylabel=)"([^"{]+)"')


@pytest.mark.parametrize("module", ["model_plots", "people_plots", "training_plots", "report/plots", "audit/curves"])
def test_every_label_that_is_drawn_has_its_german_word(module: str) -> None:
    source = (Path(tasks.__file__).parent / f"{module}.py").read_text(encoding="utf-8")
    labels = WRITTEN.findall(source)
    assert labels and [each for each in labels if each not in GERMAN] == []


def test_a_plot_speaks_german_with_a_decimal_comma() -> None:
    drawn = svg_of(plots_of(CARD)["reliability"], "de").decode()
    assert "angegebene Wahrscheinlichkeit" in drawn and ">0,2<" in drawn
    assert "probability given" not in drawn and ">0.2<" not in drawn


def test_the_same_plot_in_english() -> None:
    drawn = svg_of(plots_of(CARD)["reliability"], "en").decode()
    assert "probability given" in drawn and ">0.2<" in drawn
