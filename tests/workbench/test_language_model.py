"""What a language model was asked, what came of it and what it cost stands in the document's story."""

from __future__ import annotations

from typing import Any

from schemas.roles import Role
from store.events import record
from tasks.ask_language_model import ASKED
from tasks.desk import Desk
from tests.given import ACTOR, process_of
from tests.workbench.scene import in_review, printed_invoice


def test_a_documents_story_says_what_the_language_model_was_asked_and_cost(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), *printed_invoice())
    said = {"model": "stub", "outcome": "timed_out", "tokens_in": 1200, "tokens_out": 300, "cost": "0.000360"}
    with desk.store.session(ACTOR) as session:
        record(session, "acme", ASKED, document_id, **said, seconds=2.5, tries=2)
    page = arrive("lea", Role.SUPERVISOR).get(f"/documents/{document_id}").text
    assert "Asked a language model: no answer in time" in page and "1,500 tokens, cost 0.000360, 2.5 s" in page
    own = arrive("cleo", Role.CLIENT_VIEWER, ("acme",)).get(f"/documents/{document_id}").text
    assert "no answer in time" in own and "0.000360" not in own and "stub" not in own
