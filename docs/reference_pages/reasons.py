"""The reason codes page, from `schemas.reasons`."""

from __future__ import annotations

from schemas.reasons import reasons_markdown

HEAD = """# Reason codes

Why a file or document does not simply go through, made from `schemas/reasons.py` by `make docs`. The code stands in the
receipt; the text beside it is what the sender reads, in the client's language (English here; German is kept with it).

`rejected`: it goes back to the sender. `quarantined`: a danger, kept apart, opened by few. `held`: it waits for a decision.
`in_review`: a person looks at it. `noted`: it goes through, and the fact is kept.
"""


def reasons_page() -> str:
    """Every code with its outcome and its English text."""
    return f"{HEAD}\n{reasons_markdown()}"
