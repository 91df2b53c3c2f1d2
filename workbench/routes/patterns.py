"""Every component in every state on one page, to look at and to test against."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from schemas.lifecycle import DocumentState
from schemas.reading import Box
from schemas.values import Address, Value, ValueState
from workbench.access import Requires
from workbench.charts import Chart, Series, bar_chart
from workbench.pages import page
from workbench.permissions import Permission
from workbench.review_form import Cell, Choice, Remark
from workbench.visitor import Visitor

router = APIRouter(prefix="/patterns")
Everyone = Annotated[Visitor, Depends(Requires(Permission.OWN_ACCOUNT))]


@router.get("")
def show(request: Request, visitor: Everyone) -> Response:
    """The components, with made-up content."""
    return page(
        request, "patterns.html", cells=_cells(), states=[state.value for state in DocumentState], chart=_chart()
    )


def _chart() -> Chart:
    return bar_chart(
        ["Mon", "Tue", "Wed", "Thu", "Fri"],
        [Series("in", "came", (12, 18, 9, 22, 16)), Series("left", "left", (10, 15, 14, 17, 19))],
        Series("pace", "pace", (11, 16, 14, 18, 18)),
    )


def _cells() -> dict[str, Cell]:
    """A field in each of its states."""
    number = Value(name="invoice_number", text="RE-2026-0117", raw="RE-2026-0117", probability=0.98, page=1)
    return {
        "sure": _cell("sure", number),
        "doubtful": _cell("doubtful", number, doubtful=True),
        "error": _cell(
            "error", number, Remark("error", "Net 100.00 + VAT 19.00 is 119.00, but the invoice says 120.00.")
        ),
        "warning": _cell("warning", number, Remark("warning", "The due date is 90 days after the invoice date.")),
        "person": _cell("person", number.model_copy(update={"source": "person", "probability": 1.0})),
        "absent": _cell("absent", Value(name="order_number", state=ValueState.ABSENT)),
        "unreadable": _cell("unreadable", Value(name="order_number", state=ValueState.UNREADABLE)),
        "missing": _cell("missing", None, Remark("error", "Invoice number is missing.")),
    }


def _cell(key: str, value: Value | None, *remarks: Remark, doubtful: bool = False) -> Cell:
    return Cell(
        address=Address(key),
        title=key,
        type="identifier",
        text=value.text if value else "",
        value=value,
        doubtful=doubtful,
        required=key in ("error", "missing"),
        critical=key == "error",
        instruction="",
        remarks=list(remarks),
        choices=[Choice("RE-2026-0117", "RE-2026-0117", 1, Box(0.1, 0.1, 0.3, 0.12))],
    )
