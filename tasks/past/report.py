"""The report of a try: one JSON file for programs, and one self-contained page for people, its pictures inside."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ConfigDict

from schemas.document_type import DocumentType
from schemas.learning import Point
from tasks.past.figures import Figures, ReviewCost, Share, Untouched
from tasks.past.held_out import Split
from tasks.past.suspicions import Suspicion

JSON_NAME, HTML_NAME = "report.json", "report.html"
MOST_LISTED = 200  # rows of each list on the page; the JSON file has all
CHART_WIDTH, CHART_HEIGHT = 300, 190  # of the drawing area, in SVG units


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True)


class ColumnReport(_Plain):
    """One column of the export, and what it was taken for."""

    header: str
    field: str
    filled: int
    understood: int


class MatchReport(_Plain):
    """One booking and its document; its type is empty where it was too old to be learned from."""

    row: int
    file: str
    how: str
    certainty: float
    document_type: str


class LeftOver(_Plain):
    """A file that taught nothing, and why: a reason code, or that no booking was found."""

    file: str
    reason: str


class HoursReport(_Plain):
    """A person's hours per 1,000 documents: everything keyed by hand, and only what is doubtful."""

    target: float
    by_hand: float
    with_review: float


class TryReport(_Plain):
    """All that a try found out."""

    folder: str
    truth: str
    document_types: list[str]
    reader: str
    encoding: str
    delimiter: str
    columns: list[ColumnReport]
    unused_columns: list[str]
    files: int
    documents_read: int
    rows: int
    rows_joined: int
    matches: list[MatchReport]
    learned_from: int
    unmatched_rows: list[int]
    unmatched_files: list[LeftOver]
    split: Split
    suppliers: int
    figures: Figures
    cost: ReviewCost
    hours: list[HoursReport]
    suspicions: list[Suspicion]
    models: list[str]
    seconds: float

    @property
    def ways(self) -> dict[str, int]:
        """Way of matching -> documents."""
        return {
            way: count
            for way in ("file name", "number", "content")
            if (count := sum(each.how == way for each in self.matches))
        }


def hours_of(figures: Figures, cost: ReviewCost) -> list[HoursReport]:
    """Hours per 1,000 documents for each error that could be allowed."""
    if not figures.documents:
        return []
    scale = 1000 / figures.documents
    values = sum(field.learned.n for field in figures.fields)
    by_hand = cost.hours(round(scale * figures.documents), round(scale * values))
    return [
        HoursReport(
            target=each.target,
            by_hand=by_hand,
            with_review=cost.hours(round(scale * each.documents_opened), round(scale * each.doubtful_values)),
        )
        for each in figures.untouched
    ]


def write_report(report: TryReport, out: Path, types: Sequence[DocumentType]) -> None:
    """Write `report.json` and `report.html`; pictures are taken from `out` by the names that the suspicions have."""
    (out / JSON_NAME).write_text(report.model_dump_json(indent=2), encoding="utf-8")
    titles = {name: field.title.get("en", name) for kind in reversed(types) for name, field in kind.fields.items()}
    html = (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            titles=titles,
            pictures=_pictures(report, out),
            most=MOST_LISTED,
            main=_main(report.figures),
            coverage=_line(report.figures.coverage, widest=0.1),
            reliability=_line(report.figures.reliability, widest=1.0),
            width=CHART_WIDTH,
            height=CHART_HEIGHT,
        )
    )
    (out / HTML_NAME).write_text(html, encoding="utf-8")


def _main(figures: Figures) -> Untouched | None:
    """The line that the summary speaks of: at most 1 % of accepted values wrong, else the strictest that lets any through."""
    ranked = sorted(figures.untouched, key=lambda each: (not each.values.share, abs(each.target - 0.01)))
    return ranked[0] if ranked else None


def _pictures(report: TryReport, out: Path) -> Mapping[str, str]:
    """Crop -> data address."""
    names = {each.crop for each in report.suspicions[:MOST_LISTED] if each.crop}
    return {
        name: "data:image/jpeg;base64," + base64.b64encode((out / name).read_bytes()).decode("ascii") for name in names
    }


def _line(points: list[Point], *, widest: float) -> str:
    """SVG points of a curve: x from 0 to `widest`, y from 0 to 1 upwards."""
    inside = [point for point in points if point.x <= widest]
    return " ".join(f"{p.x / widest * CHART_WIDTH:.1f},{(1 - p.y) * CHART_HEIGHT:.1f}" for p in inside)


def _percent(share: float | None, digits: int = 1) -> str:
    return "–" if share is None else f"{100 * share:.{digits}f} %"


def _interval(share: Share) -> str:
    """`of 120, likely 93 to 98 %`: how far chance may have moved it."""
    if share.low is None or share.high is None:
        return ""
    return f"of {share.n}, likely {100 * share.low:.0f} to {100 * share.high:.0f} %"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"percent": _percent, "interval": _interval}
    return environment
