"""Bank details are for who works on a document, and for who says why; the bytes as they came are saved, never shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from sqlalchemy import select, update

from schemas.reading import Box
from schemas.roles import Role
from schemas.values import Extraction, Value
from store.tables import Document, Event, Note
from tasks.desk import Desk
from tasks.masking import masked
from tests.given import ACTOR, process_of
from tests.workbench.conftest import DrawnPages
from tests.workbench.scene import in_review, printed_invoice

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
IBAN = "DE89370400440532013000"
SPOT = Box(0.1, 0.8, 0.4, 0.82)
HTML = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


def run_on(answer: Response) -> str:
    """A page without its blanks: account numbers are written in groups."""
    return answer.text.replace(" ", "")


class Noted(DrawnPages):
    """Remembers what it was told to paint over."""

    hidden: tuple[Box, ...] = ()

    def render(self, path: Path, *, out: Path, **how: Any) -> None:
        self.hidden = tuple(how["hidden"])
        super().render(path, out=out)


@pytest.fixture
def pages() -> Noted:
    return Noted()


@pytest.fixture
def document_id(desk: Desk) -> str:
    content, extraction = printed_invoice()
    account = Value(name="iban", text=IBAN, raw=IBAN, page=1, box=SPOT, probability=0.9)
    return in_review(desk, process_of(desk), content, _with(extraction, account))


def _with(extraction: Extraction, value: Value) -> Extraction:
    return extraction.model_copy(update={"values": [*extraction.values, value]})


@ON_SQLITE
def test_bank_details_are_masked_in_text_and_picture_until_somebody_says_why(
    desk: Desk, document_id: str, arrive: Any, pages: Noted
) -> None:
    lea, otto = arrive("lea", Role.SUPERVISOR), arrive("otto", Role.OPS)
    page, picture = f"/documents/{document_id}", f"/documents/{document_id}/pages/1.jpg"
    why = f"/api/v1/documents/{document_id}/fields/iban/explanation"
    for person in (lea, otto):
        assert IBAN not in run_on(person.get(page)) and "••••3000" in run_on(person.get(page))
        assert person.get(why, Accept="application/json").status_code == 403
    assert lea.get(picture).status_code == 200 and pages.hidden == (SPOT,)

    assert otto.form(f"{page}/unmask", reason="the client called").status_code == 403
    assert lea.form(f"{page}/unmask", reason="").status_code == 422
    assert lea.form(f"{page}/unmask", reason="the client called").status_code == 303
    assert IBAN in run_on(lea.get(page)) and IBAN not in run_on(otto.get(page))
    pages.hidden = (SPOT,)
    assert lea.get(picture).status_code == 200 and pages.hidden == ()
    with desk.store.read(ACTOR) as session:
        event = session.scalars(select(Event).where(Event.kind == "values.unmasked")).one()
        assert (event.actor, event.subject) == ("lea", document_id)
        assert session.scalars(select(Note.text)).one() == "the client called"


@ON_SQLITE
def test_who_works_on_a_document_sees_all_of_it_and_only_then(document_id: str, arrive: Any, pages: Noted) -> None:
    ada = arrive("ada", Role.REVIEWER)
    assert IBAN not in run_on(ada.get(f"/documents/{document_id}"))
    address = ada.form("/review/next").headers["location"]
    assert IBAN in run_on(ada.get(address))
    assert ada.get(f"/documents/{document_id}/pages/1.jpg").status_code == 200 and pages.hidden == ()


@pytest.mark.parametrize(("text", "shown"), [(IBAN, "••••3000"), ("12345", "••••"), ("", "")])
def test_what_is_left_of_a_masked_text(text: str, shown: str) -> None:
    assert masked(text) == shown


@ON_SQLITE
def test_an_original_is_saved_never_shown_and_leaves_a_trace(desk: Desk, arrive: Any) -> None:
    document_id = in_review(desk, process_of(desk), HTML, printed_invoice()[1])
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).values(name='ä"\r\nX: 1.svg'))
    lea, ada = arrive("lea", Role.SUPERVISOR), arrive("ada", Role.REVIEWER)
    answer = lea.get(f"/documents/{document_id}/original")
    assert answer.content == HTML
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%A4%22%0D%0AX%3A%201.svg"
    assert answer.headers["content-security-policy"].endswith("; sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff" and answer.headers["cache-control"] == "no-store"
    assert ada.get(f"/documents/{document_id}/original").status_code == 403
    with desk.store.session(ACTOR) as session:
        session.execute(update(Document).values(state="quarantined"))
    assert lea.get(f"/documents/{document_id}/original").status_code == 404
    assert arrive("sid", Role.SECURITY_OFFICER).get(f"/documents/{document_id}/original").status_code == 200
    with desk.store.read(ACTOR) as session:
        fetched = session.scalars(select(Event.actor).where(Event.kind == "original.fetched")).all()
    assert fetched == ["lea", "sid"]
