"""A report as PDF, for whoever files it: the sections of the page, and the proof on every sheet."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    Image,
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from schemas.report import ReportData
from store.tables import Report
from tasks.report.plots import plots_of, png
from workbench.report_sections import Section, plot_title, sections
from workbench.words import Words

STYLES = getSampleStyleSheet()
HEADING, PLAIN = ParagraphStyle("heading", parent=STYLES["Heading2"]), ParagraphStyle("plain", parent=STYLES["Normal"])
TITLE = ParagraphStyle("title", parent=STYLES["Title"], alignment=0)
MARGIN = 16 * mm
INK, LINE = colors.HexColor("#1c2430"), colors.HexColor("#c9d0da")
PLOT = (86 * mm, 86 * mm * 3.2 / 4.4)
SIDE_BY_SIDE = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
GRID = TableStyle(
    [
        ("FONTSIZE", (0, 0), (-1, -1), 8),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
        ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
)


def report_pdf(report: Report, data: ReportData, t: Words) -> bytes:
    """The whole report. The same report and language give the same text."""
    title = f"{data.client} / {data.process} · {data.period}"
    story: list[Flowable] = [
        Paragraph(escape(title), TITLE),
        Paragraph(escape(t("report.written", when=t.when(report.written_at))), PLAIN),
    ]
    if report.supersedes:
        story.append(Paragraph(escape(t("report.supersedes", report=report.supersedes)), PLAIN))
    for section in sections(data, t):
        story += _table(section, HEADING, PLAIN)
    story += _plots(data, t)
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN,
        title=title,
        author="Cleardesk",
    )

    def proof(canvas: Canvas, page: SimpleDocTemplate) -> None:
        canvas.setFont("Helvetica", 6.5)
        canvas.setFillColor(INK)
        canvas.drawString(MARGIN, 9 * mm, f"SHA-256 {report.sha256} · {report.id} · {page.page}")

    document.build(story, onFirstPage=proof, onLaterPages=proof)
    return target.getvalue()


def _table(section: Section, heading: ParagraphStyle, normal: ParagraphStyle) -> Sequence[Flowable]:
    styles = [_small(normal, right=numeric) for numeric in section.numeric]
    cells: list[list[Any]] = [
        [Paragraph(escape(cell), style) for cell, style in zip(row, styles, strict=True)] for row in section.rows
    ]
    right = [("ALIGN", (at, 0), (at, -1), "RIGHT") for at, numeric in enumerate(section.numeric) if numeric]
    return [
        Spacer(1, 5 * mm),
        Paragraph(escape(section.title), heading),
        Paragraph(escape(section.lead), _small(normal)),
        Spacer(1, 1.5 * mm),
        Table([list(section.head), *cells], style=TableStyle(right, parent=GRID), repeatRows=1, hAlign="LEFT"),
    ]


def _plots(data: ReportData, t: Words) -> Sequence[Flowable]:
    """Two plots beside each other, each with its title; a pair is never torn apart."""
    cells = [
        [Paragraph(escape(plot_title(plot, t)), _small(PLAIN)), Image(io.BytesIO(png(plot, t.language)), *PLOT)]
        for plot in plots_of(data)
    ]
    rows = [cells[at : at + 2] for at in range(0, len(cells), 2)]
    if not rows:
        return []
    tables = [Table([row], style=SIDE_BY_SIDE, hAlign="LEFT") for row in rows]
    return [Spacer(1, 5 * mm), KeepTogether([Paragraph(escape(t("report.plots")), HEADING), tables[0]]), *tables[1:]]


def _small(style: ParagraphStyle, *, right: bool = False) -> ParagraphStyle:
    return ParagraphStyle("small", parent=style, fontSize=8, leading=10, alignment=TA_RIGHT if right else TA_LEFT)
