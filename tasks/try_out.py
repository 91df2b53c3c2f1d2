"""Try out: read a client's past, match it with what was booked, learn, measure on what was held out, and report.

    report = try_out(Order(folder, truth, out), setting, pool)

No desk is touched: readings, models, supplier memory and report lie in the order's `out` folder. `tasks.import_try` brings
what was learned into a desk.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from reading.pool import ReaderPool
from schemas.errors import ConfigurationError
from schemas.learning import Example, RememberedSupplier
from tasks.learned import Learned
from tasks.past.bookings import Bookings, read_bookings
from tasks.past.columns import file_key
from tasks.past.crops import draw_crops
from tasks.past.documents import HowToRead, PastDocument, Unread, files_in, read_past
from tasks.past.examples import examples_of, newest
from tasks.past.figures import Figures, ReviewCost, figures_of
from tasks.past.held_out import LEAST_TO_LEARN, Split, learn_from, lessons_of, plan_folds, predict
from tasks.past.matching import Match, Matching, match_bookings
from tasks.past.proof import proven
from tasks.past.report import ColumnReport, LeftOver, MatchReport, TryReport, hours_of, write_report
from tasks.past.setting import Setting
from tasks.past.suspicions import Suspicion, suspicions_of

READINGS, MODELS, SUPPLIERS = "readings", "models", "suppliers.json"
NO_ROW = "no booking"
MOST_EXAMPLES = 600  # the newest pairs: all that is known of them is in memory while it learns, some megabytes each
USUAL_COST = ReviewCost(seconds_per_document=20, seconds_per_field=6)
Tell = Callable[[str, int], Callable[[], None]]  # a stage's name and how many steps it has -> what to call after each

SUPPLIER_LIST = TypeAdapter(list[RememberedSupplier])


@dataclass(frozen=True)
class Order:
    """What to try: documents, bookings, and where the results go.

    `columns`: our field -> header of the export. `limit`: read so many files at most, evenly spread over the folder.
    """

    folder: Path
    truth: Path
    out: Path
    columns: dict[str, str] = field(default_factory=dict)
    limit: int | None = None
    cost: ReviewCost = USUAL_COST


@dataclass(frozen=True)
class Past:
    """What was found: the export, the documents, and which belongs to which."""

    files: int
    reader: str
    bookings: Bookings
    documents: list[PastDocument]
    unread: list[Unread]
    matching: Matching


@dataclass(frozen=True)
class Outcome:
    """What was learned and measured."""

    matches: list[Match]
    examples: list[Example]
    learned: Learned
    split: Split
    figures: Figures
    suspicions: list[Suspicion]


def _silent(stage: str, steps: int) -> Callable[[], None]:
    return lambda: None


def try_out(order: Order, setting: Setting, pool: ReaderPool, tell: Tell = _silent) -> TryReport:
    """Do it all, and write `report.html`, `report.json`, `suppliers.json` and `models/` into the order's folder.

    Raises:
        ConfigurationError: no documents, an export that cannot be understood, or too few pairs to learn from.
    """
    started = time.monotonic()
    order.out.mkdir(parents=True, exist_ok=True)
    past = read_and_match(order, setting, pool, tell)
    outcome = learn_and_measure(past, setting, tell)
    _keep(outcome.learned, order.out)
    named = {each.name: each for each in past.documents}
    drawn = draw_crops(outcome.suspicions, named, pool, order.out, tell("drawing", len(outcome.suspicions)))
    report = _report(order, setting, past, outcome, drawn, seconds=time.monotonic() - started)
    write_report(report, order.out, setting.types)
    return report


def read_and_match(order: Order, setting: Setting, pool: ReaderPool, tell: Tell = _silent) -> Past:
    """The first half: what is there, and which row belongs to which document. Raises as `try_out`."""
    files = _files(order)
    bookings = read_bookings(
        order.truth,
        setting.booked,
        chosen=order.columns,
        file_names={file_key(path.name) for path in files},
        country=setting.country,
    )
    how = HowToRead(setting.profile, sorted(setting.languages), order.out / READINGS)
    documents, unread = read_past(order.folder, files, pool, how, tell("reading", len(files)))
    matching = match_bookings(bookings.rows, documents, setting.booked, tell("matching", len(documents)))
    reader = pool.reader_name(how.profile, how.languages)
    return Past(len(files), reader, bookings, documents, unread, matching)


def learn_and_measure(past: Past, setting: Setting, tell: Tell = _silent) -> Outcome:
    """The second half: predict every document by a model that has not seen it, then learn from all. Raises as `try_out`."""
    matches = newest(past.matching.matches, setting, MOST_EXAMPLES)
    if len(matches) < LEAST_TO_LEARN:
        raise ConfigurationError(
            f"only {len(matches)} of {len(past.documents)} documents could be matched with the "
            f"{len(past.bookings.rows)} rows; at least {LEAST_TO_LEARN} are needed: name the columns with --columns"
        )
    examples = examples_of(matches, setting)
    lessons, plan = lessons_of(examples, setting), plan_folds(examples, setting)
    advance = tell("learning", len(examples) + len(plan.folds) + 1)
    predictions = predict(examples, lessons, plan, setting, advance)
    learned = learn_from(examples, lessons, setting)
    advance()
    return Outcome(
        matches=matches,
        examples=examples,
        learned=proven(learned, predictions, examples),
        split=plan.split,
        figures=figures_of(predictions, setting, learned),
        suspicions=suspicions_of(predictions, matches, setting, [each.document_type for each in examples]),
    )


def _files(order: Order) -> list[Path]:
    if not order.folder.is_dir():
        raise ConfigurationError(f"{order.folder} is not a folder")
    files = files_in(order.folder, without=[order.out, order.truth])
    if not files:
        raise ConfigurationError(f"there are no files in {order.folder}")
    if order.limit is None or len(files) <= order.limit:
        return files
    return [files[at * len(files) // order.limit] for at in range(order.limit)]


def _keep(learned: Learned, out: Path) -> None:
    (out / SUPPLIERS).write_bytes(SUPPLIER_LIST.dump_json(list(learned.suppliers), indent=2))
    for document_type, model in learned.models.items():
        folder = out / MODELS / document_type
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
        for name, content in model.files().items():
            (folder / name).write_bytes(content)


def _report(
    order: Order, setting: Setting, past: Past, outcome: Outcome, drawn: list[Suspicion], *, seconds: float
) -> TryReport:
    bookings, figures = past.bookings, outcome.figures
    return TryReport(
        folder=order.folder.resolve().name,
        truth=order.truth.name,
        document_types=list(setting.type_names),
        reader=past.reader,
        encoding=bookings.encoding,
        delimiter=bookings.delimiter,
        columns=[ColumnReport(**{k: getattr(c, k) for k in ColumnReport.model_fields}) for c in bookings.columns],
        unused_columns=bookings.unused,
        files=past.files,
        documents_read=len(past.documents),
        rows=len(bookings.rows),
        rows_joined=bookings.joined,
        matches=_matches(past.matching, outcome),
        learned_from=len(outcome.examples),
        unmatched_rows=[booking.row for booking in past.matching.bookings_left],
        unmatched_files=_left_over(past),
        split=outcome.split,
        suppliers=len(outcome.learned.suppliers),
        figures=figures,
        cost=order.cost,
        hours=hours_of(figures, order.cost),
        suspicions=drawn,
        models=sorted(model.card.name for model in outcome.learned.models.values()),
        seconds=round(seconds, 1),
    )


def _matches(matching: Matching, outcome: Outcome) -> list[MatchReport]:
    types = {example.key: example.document_type for example in outcome.examples}
    return [
        MatchReport(
            row=match.booking.row,
            file=match.document.name,
            how=match.how,
            certainty=match.certainty,
            document_type=types.get(match.document.name, ""),
        )
        for match in matching.matches
    ]


def _left_over(past: Past) -> list[LeftOver]:
    unmatched = [LeftOver(file=each.name, reason=NO_ROW) for each in past.matching.documents_left]
    return [*unmatched, *(LeftOver(file=each.name, reason=each.reason) for each in past.unread)]
