"""Transcripts come in four forms, say the same, and harm nobody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading.inspection import inspect_file
from reading.limits import Limits
from reading.source import open_source
from reading.transcript_pages import TranscriptFile
from reading.transcripts import MEDIA_TYPES, form_of, parse_transcript
from schemas.errors import DocumentError

FACTS = {
    "agent": "Anna Weber",
    "team": "Blue",
    "customer": "J. Doe",
    "channel": "chat",
    "contact_date": "2026-11-03",
    "topic": "Late parcel",
}
TURNS = [("Agent", "Good morning, Anna Weber at Lumen."), ("Customer", "Where is my parcel? It is late.")]
AS_JSON = json.dumps({**FACTS, "turns": [{"speaker": who, "text": text} for who, text in TURNS]})
AS_CSV = (
    "speaker,text,"
    + ",".join(FACTS)
    + "\n"
    + "".join(f'{who},"{text}",' + ",".join(FACTS.values()) + "\n" for who, text in TURNS)
)
AS_TEXT = (
    "".join(f"{name}: {value}\n" for name, value in FACTS.items())
    + "\n"
    + "".join(f"[00:0{at}] {who}: {text}\n" for at, (who, text) in enumerate(TURNS))
)


@pytest.mark.parametrize(("form", "text"), [("json", AS_JSON), ("csv", AS_CSV), ("text", AS_TEXT)])
def test_every_form_says_the_same(form: str, text: str) -> None:
    assert form_of(text.encode(), mail=False) == form
    found = parse_transcript(text.encode(), MEDIA_TYPES[form])
    assert found.facts == FACTS and found.turns == TURNS


def test_a_mail_is_its_agents_words_line_by_line() -> None:
    mail = (
        b"From: Anna Weber <anna@lumen.example>\nTo: J. Doe <jd@mail.example>\nX-Team: Blue\n"
        b"Date: Tue, 03 Nov 2026 09:00:00 +0100\nSubject: Late parcel\n\nDear J. Doe,\n\nit comes tomorrow.\n"
    )
    found = parse_transcript(mail, MEDIA_TYPES["mail"])
    assert found.facts == {**FACTS, "channel": "mail"}
    assert found.turns == [("", "Dear J. Doe,"), ("", "it comes tomorrow.")]


def test_a_talk_without_a_head_has_turns_only() -> None:
    assert parse_transcript(b"Agent: Hello.\nCustomer: Hi.\n", MEDIA_TYPES["text"]).facts == {}


def test_words_stand_where_they_are_drawn_and_keep_their_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(AS_TEXT + "Agent: " + "word " * 2000)
    with open_source(path, MEDIA_TYPES["text"], Limits()) as source:
        assert isinstance(source, TranscriptFile) and source.pages > 1
        pages = [source.read(number) for number in range(1, source.pages + 1)]
        picture = source.gray(1)
    assert pages[-1].words[-1].line == len(FACTS) + 4
    for word in pages[0].words:
        x0, y0, x1, y1 = word.box
        ink = picture[int(y0 * len(picture)) : int(y1 * len(picture)) + 1, int(x0 * 1190) : int(x1 * 1190) + 2]
        assert word.text == "---" or ink.min() < 128, word


def test_text_is_a_transcript_only_where_transcripts_are_expected(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(AS_TEXT)
    assert inspect_file(path, "a.txt", Limits()).reason == "UNSUPPORTED_TYPE"
    taken = inspect_file(path, "a.txt", Limits(), transcripts=True)
    assert (taken.reason, taken.pages, taken.media_type) == (None, 1, MEDIA_TYPES["text"])


@given(st.binary(max_size=400), st.sampled_from(list(MEDIA_TYPES.values())))
def test_no_bytes_do_harm(content: bytes, media_type: str) -> None:
    try:
        assert parse_transcript(content, media_type).turns
    except DocumentError as error:
        assert error.reason


@pytest.mark.parametrize("text", ["[" * 100_000, '{"turns": 3}', '{"turns": [1]}', "{}", '{"turns": []}'])
def test_what_is_no_transcript_is_unreadable(text: str) -> None:
    with pytest.raises(DocumentError):
        parse_transcript(text.encode(), MEDIA_TYPES["json"])
