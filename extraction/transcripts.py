"""What a transcript says about itself: the lines `name: value` under its title are facts, not guesses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from schemas.document_type import TRANSCRIPT, document_types
from schemas.normalisation import normalise
from schemas.reading import Reading, Word, union
from schemas.values import Value

TITLE = ("Contact", "transcript")
STATED = 0.99  # the file says so; whether it is true, an audit finds out


def stated_facts(reading: Reading) -> list[Value] | None:
    """The facts in the head of a transcript; None where the document does not begin as one."""
    lines = [list(words) for _, words in groupby(reading.pages[0].words, key=lambda word: word.line)]
    if not lines or tuple(word.text for word in lines[0]) != TITLE:
        return None
    fields, values = document_types()[TRANSCRIPT].fields, list[Value]()
    for words in lines[1:]:
        name = words[0].text.removesuffix(":")
        if name not in fields or name == words[0].text or any(value.name == name for value in values):
            break  # the turns begin
        values += _value(name, words[1:])
    return values


def _value(name: str, words: Sequence[Word]) -> list[Value]:
    raw = " ".join(word.text for word in words)
    text = normalise(raw, document_types()[TRANSCRIPT].fields[name].type)
    if not text:
        return []
    box = union([word.box for word in words])
    return [Value(name=name, text=text, raw=raw, page=1, box=box, probability=STATED, evidence=["label:head"])]
