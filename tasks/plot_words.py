"""What stands in plots, in the reader's language: labels are written in English where they are drawn, and put over at the end."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import ScalarFormatter

GERMAN = {
    "accepted, %": "angenommen, %",
    "all suppliers": "alle Lieferanten",
    "bound": "Schranke",
    "chance to pass": "Wahrscheinlichkeit der Annahme",
    "corrected documents": "korrigierte Belege",
    "critical": "kritisch",
    "errors among accepted values, %": "Fehler unter den angenommenen Werten, %",
    "fields right": "Anteil richtiger Felder",
    "held-out": "zurückgehalten",
    "held-out values": "zurückgehaltene Werte",
    "in force": "in Kraft",
    "limit": "Grenze",
    "lot": "Los",
    "mean": "Mittel",
    "other": "übrige",
    "pass mark, %": "Bestehensgrenze, %",
    "perfect": "vollkommen",
    "probability given": "angegebene Wahrscheinlichkeit",
    "promised": "zugesagt",
    "right, %": "richtig, %",
    "run": "Durchgang",
    "run of a course": "Durchgang eines Kurses",
    "seconds a document": "Sekunden je Beleg",
    "share that was right": "Anteil, der richtig war",
    "suppliers never seen": "neue Lieferanten",
    "week": "Woche",
    "week from": "Woche ab",
    "without a person, %": "ohne einen Menschen, %",
    "wrong in audits": "falsch in Prüfungen",
    "wrong values in the lot, %": "falsche Werte im Los, %",
    "wrong values, %": "falsche Werte, %",
    "wrong, %": "falsch, %",
}


class _DecimalComma(ScalarFormatter):
    def __call__(self, x: float, pos: int | None = None) -> str:
        return super().__call__(x, pos).replace(".", ",")


def put_over(axes: Axes, language: str) -> None:
    """Give a finished drawing the language's words and decimal mark. Names of people and models stay what they are."""
    if language != "de":
        return
    axes.set(xlabel=_german(axes.get_xlabel()), ylabel=_german(axes.get_ylabel()))
    for line in axes.lines:
        line.set_label(_german(str(line.get_label())))
    for axis in (axes.xaxis, axes.yaxis):
        if isinstance(axis.get_major_formatter(), ScalarFormatter):  # dates and names need no mark
            axis.set_major_formatter(_DecimalComma())


def _german(text: str) -> str:
    """A label may go on after a colon, as `critical: n = 125, c = 1` does."""
    word, colon, rest = text.partition(":")
    return GERMAN.get(word, word) + colon + rest
