"""`try`: a folder of past documents and the export of what was booked, measured before anything is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleardesk.opening import DeskOption, JsonOption, opened, settings_of, write_json

if TYPE_CHECKING:
    from tasks.past.report import TryReport
    from tasks.past.setting import Setting
    from tasks.try_out import Tell


def add_to(app: typer.Typer) -> None:
    app.command("try")(try_)


def try_(
    folder: Annotated[Path, typer.Argument(help="The folder of past documents: PDF and images, at any depth.")],
    truth: Annotated[Path, typer.Option(help="The export of what was booked: a CSV file, one row a document.")],
    out: Annotated[Path, typer.Option(help="Where report, models and supplier memory go.")] = Path("try"),
    process: Annotated[
        str | None, typer.Option(help="A process of the desk: its document types, languages and suppliers are used.")
    ] = None,
    client: Annotated[str | None, typer.Option(help="Whose process it is, where several clients have one.")] = None,
    types: Annotated[
        list[str] | None,
        typer.Option("--type", help="Without --process: the document type; the first is the booked one."),
    ] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--language", help="Without --process: a language of the documents.")
    ] = None,
    country: Annotated[str, typer.Option(help="Without --process: the client's country (ISO 3166-1).")] = "DE",
    profile: Annotated[str | None, typer.Option(help="Which reader reads pages, as in a process definition.")] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns", help="field=header, where a column is not recognised by itself; `file` is the file name."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=10, help="Read so many files at most, spread over the folder.")
    ] = None,
    seconds_per_document: Annotated[float, typer.Option(help="A person's time to open a document.")] = 20.0,
    seconds_per_field: Annotated[float, typer.Option(help="A person's time for one doubtful value.")] = 6.0,
    readers: Annotated[int, typer.Option(min=0, help="Reader processes. [default: 0, one per core]")] = 0,
    desk: DeskOption = None,
    json: JsonOption = None,
) -> None:
    """Try it on your own past: learn from documents that were booked, and say honestly how well it went."""
    from reading.pool import ReaderPool
    from tasks.past.figures import ReviewCost
    from tasks.try_out import Order, try_out

    cost = ReviewCost(seconds_per_document=seconds_per_document, seconds_per_field=seconds_per_field)
    order = Order(folder, truth, out, _columns(columns or []), limit, cost)
    if process is not None:
        setting = _of_process(desk, client, process, profile)
    else:
        settings_of(desk)
        setting = _of_options(types or ["invoice"], languages or ["de", "en"], country, profile)
    with ReaderPool(readers or _cores()) as pool, _progress() as tell:
        report = try_out(order, setting, pool, tell)
    print(_summary(report, out))
    write_json(report.model_dump(mode="json"), json)


def _columns(pairs: list[str]) -> dict[str, str]:
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise typer.BadParameter(f"write --columns as field=header, not {wrong[0]!r}")
    parts = [pair.partition("=") for pair in pairs]
    return {name.strip(): header.strip() for name, _, header in parts}


def _of_process(desk: Path | None, client: str | None, process: str, profile: str | None) -> Setting:
    from tasks.past.setting import setting_of

    with opened(desk) as it:
        return setting_of(it, client, process, profile)


def _of_options(types: list[str], languages: list[str], country: str, profile: str | None) -> Setting:
    from schemas.document_type import document_types
    from schemas.process import Process
    from tasks.past.setting import Setting

    unknown = [name for name in types if name not in document_types()]
    if unknown:
        raise typer.BadParameter(f"there is no document type {unknown[0]}; there are {', '.join(document_types())}")
    usual = str(Process.model_fields["profile"].default)
    return Setting(tuple(document_types()[name] for name in types), tuple(languages), country, profile or usual)


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _progress() -> Iterator[Tell]:
    """A bar for each stage."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def tell(stage: str, steps: int) -> Callable[[], None]:
            row = bar.add_task(stage, total=steps)
            return lambda: bar.advance(row)

        yield tell


def _summary(report: TryReport, out: Path) -> str:
    from tasks.past.report import HTML_NAME

    figures = report.figures
    lines = [
        f"{'documents':22}{report.documents_read} read, {len(report.matches)} matched with {report.rows} rows "
        f"({', '.join(f'{count} by {way}' for way, count in report.ways.items())})",
        f"{'columns':22}" + ", ".join(f"{column.header} = {column.field}" for column in report.columns),
        f"{'held out':22}{figures.documents} documents, split by {report.split}",
        "",
        f"{'field':22}{'before':>10}{'after':>10}{'known':>10}{'new':>10}{'by folds':>10}   (supplier known, new)",
    ]
    for each in figures.fields:
        shares = (each.cold.share, each.learned.share, each.seen.share, each.unseen.share, each.unseen_in_folds)
        lines.append(f"{each.field:22}" + "".join(f"{_percent(share):>10}" for share in shares))
    means = (figures.mean_cold, figures.mean, figures.mean_seen, figures.mean_unseen, figures.mean_unseen_in_folds)
    lines += [f"{'mean':22}" + "".join(f"{_percent(share):>10}" for share in means), ""]
    lines += [
        f"{'at most ' + _percent(line.target) + ' wrong':22}{_percent(line.documents.share)} of documents untouched, "
        f"{_percent(line.values.share)} of values accepted, {_percent(line.values_wrong.share)} of them wrong"
        for line in figures.untouched
    ]
    lines += ["", f"{'suspected bookings':22}{len(report.suspicions)}", f"{'report':22}{out / HTML_NAME}"]
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
