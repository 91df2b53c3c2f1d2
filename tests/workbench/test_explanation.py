"""Programs ask why a value is what it is, with the eyes of whoever asks."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.roles import Role
from tasks.desk import Desk
from tests.given import process_of
from tests.workbench.scene import in_review, printed_invoice
from tests.workbench.test_review_work import submit, take_next, typed

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@ON_SQLITE
def test_a_value_is_explained_to_whoever_may_see_the_document(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk)
    document_id = in_review(desk, definition, *printed_invoice(misread={"gross_total": "191.00"}))
    path = f"/api/v1/documents/{document_id}/fields/gross_total/explanation"
    answer = arrive("lea", Role.SUPERVISOR).get(path, Accept="application/json")
    told = answer.json()
    assert answer.status_code == 200 and told["value"]["text"] == "191.00"
    assert [each["text"] for each in told["candidates"]] == ["191.00", "119.00"]
    assert any(finding["rule"] == "sum_equals" for finding in told["findings"])
    assert arrive("carl", Role.CLIENT_VIEWER, ("umbra",)).get(path, Accept="application/json").status_code == 404
    missing = f"/api/v1/documents/{document_id}/fields/colour/explanation"
    assert arrive("ada", Role.REVIEWER).get(missing, Accept="application/json").status_code == 404


@ON_SQLITE
def test_a_client_does_not_learn_who_changed_a_value(desk: Desk, arrive: Any) -> None:
    definition = process_of(desk)
    document_id = in_review(desk, definition, *printed_invoice(misread={"gross_total": "191.00"}))
    ada = arrive("ada", Role.REVIEWER)
    assert submit(ada, *take_next(ada), typed(gross_total="119.00")).json()["submitted"]
    path = f"/api/v1/documents/{document_id}/fields/gross_total/explanation"
    assert ada.get(path).json()["changes"][0]["by"] == "ada"
    assert arrive("carl", Role.CLIENT_VIEWER, ("acme",)).get(path).json()["changes"][0]["by"] == "Cleardesk"
