"""Every reason tells its outcome, and the sender in two languages."""

from __future__ import annotations

from schemas.reasons import REASONS, Outcome, outcome_of, reason_text, reasons_markdown


def test_every_reason_speaks_both_languages() -> None:
    for code, reason in REASONS.items():
        assert code == reason.code
        assert set(reason.text) == {"en", "de"}
        assert all(text.endswith(".") for text in reason.text.values())
        assert f"`{code}`" in reasons_markdown()


def test_what_is_unknown_goes_to_a_person() -> None:
    assert outcome_of("NEVER_HEARD_OF") is Outcome.IN_REVIEW
    assert reason_text("NEVER_HEARD_OF", "de") == "NEVER_HEARD_OF"
    assert reason_text("EMPTY_FILE", "fr") == REASONS["EMPTY_FILE"].text["en"]
