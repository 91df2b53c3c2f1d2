"""The faces of an invoice: each layout picks one head, one reference block, one table, one totals block and a foot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from sample_data.generator.blocks import closings, heads, items, references, totals
from sample_data.generator.business import Invoice
from sample_data.generator.pen import Pen
from sample_data.generator.sheet import Sheet

Block = Callable[[Sheet, float], float]


@dataclass(frozen=True)
class Layout:
    """One face. `family` and `size` name the type."""

    head: Callable[[Sheet], float]
    references: Block
    items: Block
    totals: Block
    closing: Block
    foot: Callable[[Sheet], None]
    family: str = "sans"
    size: float = 9.5


LAYOUTS: dict[str, Layout] = {
    "din_letter": Layout(
        heads.din_window,
        references.column_right,
        partial(items.table, columns=items.FULL),
        totals.sums,
        closings.terms,
        closings.foot_columns,
    ),
    "reference_line": Layout(
        heads.din_window,
        references.reference_line,
        partial(items.table, columns=items.QUANTITY_FIRST, look="plain", step=5.4),
        partial(totals.sums, leader="."),
        closings.terms,
        closings.foot_columns,
        family="liberation",
    ),
    "band": Layout(
        heads.band,
        references.boxes_row,
        partial(items.table, columns=items.WITH_TAX, look="zebra", step=6.6),
        partial(totals.sums, boxed=True),
        closings.terms_and_bank,
        closings.foot_tax,
        size=9,
    ),
    "english_letter": Layout(
        heads.letter_left,
        partial(references.column_right, top=50.0, x=118.0),
        partial(items.table, columns=items.FULL, look="ruled"),
        totals.sums,
        closings.terms_and_bank,
        closings.foot_tax,
        size=9,
    ),
    "boxed_parties": Layout(
        heads.two_boxes,
        references.boxes_row,
        partial(items.table, columns=items.WITH_TAX, look="ruled"),
        totals.per_rate,
        closings.terms,
        closings.foot_columns,
        family="dejavu",
        size=8.5,
    ),
    "sidebar": Layout(
        heads.sidebar,
        references.side_by_side,
        partial(items.table, columns=items.NARROW, left=62.0, step=7.0),
        totals.sums,
        partial(closings.terms, left=62.0),
        closings.foot_bare,
    ),
    "centred_serif": Layout(
        heads.centred,
        references.title_sentence,
        partial(items.table, columns=items.SHORT, look="plain"),
        partial(totals.sums, leader=" ."),
        closings.terms,
        closings.foot_line,
        family="serif",
        size=10.5,
    ),
    "typewriter": Layout(
        heads.plain_lines,
        references.dotted_labels,
        partial(items.table, columns=items.FULL, look="plain", step=5.0),
        totals.sums,
        closings.terms_and_bank,
        closings.foot_tax,
        family="mono",
        size=8.2,
    ),
    "minimal": Layout(
        heads.corner_grid,
        partial(references.stacked_right, top=40.0),
        partial(items.table, columns=items.SHORT, look="lines", step=8.0),
        totals.corner_total,
        closings.terms_and_bank,
        closings.foot_tax,
        family="liberation",
        size=9,
    ),
    "erp": Layout(
        heads.letter_left,
        references.boxes_row,
        partial(items.table, columns=items.ERP, look="ruled", step=5.2),
        totals.per_rate,
        closings.terms,
        closings.foot_columns,
        family="narrow",
        size=8.8,
    ),
    "stacked_right": Layout(
        heads.letter_left,
        references.stacked_right,
        partial(items.table, columns=items.SHORT, look="zebra"),
        totals.tax_sentence,
        closings.terms,
        closings.foot_columns,
        family="book",
        size=10,
    ),
    "totals_left": Layout(
        heads.band,
        references.two_columns,
        partial(items.table, columns=items.ERP, look="lines", step=5.6),
        partial(totals.sums, left=20.0, right=92.0),
        closings.terms,
        closings.foot_columns,
        family="narrow",
        size=9.5,
    ),
    "american": Layout(
        heads.corner_grid,
        references.grid_right,
        partial(items.table, columns=items.QUANTITY_FIRST, look="ruled", step=6.5),
        partial(totals.sums, boxed=True),
        closings.terms_and_bank,
        closings.foot_tax,
    ),
    "zebra_letter": Layout(
        heads.din_window,
        partial(references.column_right, top=58.0, x=130.0),
        partial(items.table, columns=items.WITH_TAX, look="zebra"),
        totals.per_rate,
        closings.terms,
        closings.foot_line,
        family="slab",
        size=8,
    ),
    "service_letter": Layout(
        heads.centred,
        references.two_columns,
        partial(items.table, columns=items.SHORT, look="lines", step=7.0),
        totals.tax_sentence,
        closings.terms_and_bank,
        closings.foot_tax,
        family="serif",
        size=10.5,
    ),
}


def draw(invoice: Invoice, layout: str, *, shift: float = 0.0) -> Pen:
    """Print an invoice; `shift` lowers the body by so many millimetres."""
    face = LAYOUTS[layout]
    sheet = Sheet(Pen(face.family, face.size), invoice, invoice.supplier.style, face.foot, shift)
    face.foot(sheet)
    y = face.head(sheet) + shift
    y = face.references(sheet, y)
    y = face.items(sheet, y)
    y = face.totals(sheet, y + 3)
    face.closing(sheet, y + 3)
    return sheet.pen
