"""A report as its readers see it: titled tables of text, the same for the page, the PDF and the CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.document_type import document_types
from schemas.quality import ABSENT
from schemas.report import OpsPart, Rate, ReportData
from tasks.report.plots import Plot
from workbench.document_words import reason_words
from workbench.words import Words


@dataclass(frozen=True)
class Section:
    """One table: its title, a sentence on how to read it, column titles (`numeric`: which are numbers), and rows of text."""

    key: str
    title: str
    lead: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    numeric: Sequence[bool]


SHARES = {"share", "interval", "always", "characters", "promised", "bound", "coverage"}
COUNTS = {"n", "needed", "documents", "inspected", "wrong", "amount", "tasks", "seconds"}


def sections(data: ReportData, t: Words) -> list[Section]:
    """Everything that the report's audience may see, in order; tables without rows are left out, but for the first ones."""
    found = [
        _volume(data, t),
        _accuracy(data, t),
        _by_field(data, t),
        _decisions(data, t),
        _certificates(data, t),
        _lots(data, t),
        _adjustments(data, t),
        _exceptions(data, t),
        _changes(data, t),
        _open(data, t),
    ]
    if data.ops is not None:
        found += [_work(data.ops, t), _cost(data.ops, t)]
    return [section for section in found if section.rows]


def _section(t: Words, key: str, head: Sequence[str], rows: Sequence[Sequence[str]], **parameters: object) -> Section:
    titles = [t(f"report.{name}") if name else "" for name in head]
    numeric = [name in SHARES | COUNTS for name in head]
    return Section(key, t(f"report.{key}"), t(f"report.{key}.lead", **parameters), titles, rows, numeric)


def plot_title(plot: Plot, t: Words) -> str:
    """What a plot is called."""
    document_type, group = plot.about
    return t(f"report.plot.{plot.kind}", about=_field(document_type, group, t) if group else "")


def _volume(data: ReportData, t: Words) -> Section:
    rows = [
        (t("report.received"), t.number(data.received)),
        (t("report.delivered"), t.number(data.delivered)),
        (t("report.corrected"), t.number(data.corrected)),
        (t("report.rejected"), t.number(data.rejected)),
        (t("report.withdrawn"), t.number(data.withdrawn)),
        (t("report.open_count"), t.number(data.open_count)),
        (t("report.sla"), _sla(data, t)),
        (t("report.stp"), _share(data.stp, t)),
        (t("report.touch"), _share(data.touch, t)),
        (t("report.shipments"), f"{t.number(data.shipments_passed)} / {t.number(data.shipments_audited)}"),
    ]
    return _section(t, "volume", ("", ""), rows)


def _sla(data: ReportData, t: Words) -> str:
    counts = t("report.sla.counts", met=data.sla.met, missed=data.sla.missed, running=data.sla.running)
    return f"{_share(data.sla.share, t)} ({counts})"


def _accuracy(data: ReportData, t: Words) -> Section:
    rows = [
        (t("report.fields_right"), *_running(data.accuracy.fields, t)),
        (t("report.documents_right"), *_running(data.accuracy.documents, t)),
    ]
    version = data.accuracy.normalisation
    return _section(t, "accuracy", ("", "share", "interval", "always", "n"), rows, version=version)


def _by_field(data: ReportData, t: Words) -> Section:
    rows = [
        (_field(each.document_type, each.name, t), *_rate(each.values, t), _share(each.characters, t))
        for each in data.accuracy.by_field
    ]
    return _section(t, "by_field", ("field", "share", "interval", "n", "characters"), rows)


def _decisions(data: ReportData, t: Words) -> Section:
    rows = [(t(f"audit.decision.{each.kind}"), *_rate(each.right, t)) for each in data.decisions]
    return _section(t, "decisions", ("decision", "share", "interval", "n"), rows)


def _certificates(data: ReportData, t: Words) -> Section:
    rows = [
        (
            _field(each.document_type, each.group, t),
            t(f"certificate.{each.state}"),
            t.percent_hundredths(each.promised_error),
            t.percent_hundredths(each.bound) if each.bound is not None else "–",
            t.number(each.audits),
            _share(each.coverage, t),
            t.number(each.needed) if each.needed else "–",
        )
        for each in data.certificates
    ]
    return _section(t, "certificates", ("field", "state", "promised", "bound", "n", "coverage", "needed"), rows)


def _lots(data: ReportData, t: Words) -> Section:
    rows = []
    for lot in data.lots:
        inspected = sum(int(found["inspected"]) for found in lot.found.values())
        wrong = sum(int(found["wrong"]) for found in lot.found.values())
        rows.append(
            (f"#{lot.number}", t(f"lot.{lot.state}"), t.number(lot.documents), t.number(inspected), t.number(wrong))
        )
    return _section(t, "lots", ("lot", "state", "documents", "inspected", "wrong"), rows)


def _adjustments(data: ReportData, t: Words) -> Section:
    rows = [(each.document, each.field, t.when(each.decided_at)) for each in data.adjustments]
    return _section(t, "adjustments", ("document", "field", "decided"), rows)


def _exceptions(data: ReportData, t: Words) -> Section:
    rows = [(reason_words(t, None, code), t.number(count)) for code, count in data.exceptions.items()]
    return _section(t, "exceptions", ("reason", "documents"), rows)


def _changes(data: ReportData, t: Words) -> Section:
    rows = [(t.when(each.at), t.maybe(f"report.change.{each.what}", each.what), each.detail) for each in data.changes]
    return _section(t, "changes", ("when", "what", ""), rows)


def _open(data: ReportData, t: Words) -> Section:
    rows = [
        (
            each.file,
            t(f"state.{each.state}"),
            each.number,
            f"{t.amount(each.amount)} {each.currency}".strip() if each.amount is not None else "",
            t.when(each.received_at),
            t.when(each.due_at),
        )
        for each in data.open_documents
    ]
    return _section(t, "open", ("file", "state", "number", "amount", "came", "due"), rows)


def _work(ops: OpsPart, t: Words) -> Section:
    rows = [(each.person, t.number(each.tasks), t.number(round(each.seconds))) for each in ops.work]
    return _section(t, "work", ("person", "tasks", "seconds"), rows)


def _cost(ops: OpsPart, t: Words) -> Section:
    rows = [(t("report.machine_right"), " · ".join(_rate(ops.machine_accuracy, t)))]
    if ops.cost is not None:
        rows.append((t("report.cost_total"), t.amount(ops.cost)))
    if ops.cost_per_document is not None:
        rows.append((t("report.cost_document"), t.amount(ops.cost_per_document)))
    return _section(t, "cost", ("", ""), rows)


def _field(document_type: str, name: str, t: Words) -> str:
    """The field as people call it; all of them, or the whole document."""
    if name.endswith(ABSENT):
        return t("report.group.absent", field=_field(document_type, name.removesuffix(ABSENT), t))
    if name in ("*", "document"):
        return t("report.group.all" if name == "*" else "report.group.document")
    table, _, column = name.rpartition(".")
    kind = document_types().get(document_type)
    definition = kind.definition(column, table) if kind else None
    return definition.title.get(t.language, name) if definition else name


def _rate(rate: Rate, t: Words) -> tuple[str, str, str]:
    if not rate.total:
        return "–", "–", "0"
    interval = f"{t.percent_hundredths(rate.lower)} – {t.percent_hundredths(rate.upper)}"
    return t.percent_hundredths(rate.share), interval, t.number(rate.total)


def _running(rate: Rate, t: Words) -> tuple[str, str, str, str]:
    """With the interval that holds at every look beside the one of one look."""
    share, interval, n = _rate(rate, t)
    if rate.always_lower is None or rate.always_upper is None or not rate.total:
        return share, interval, "–", n
    always = f"{t.percent_hundredths(rate.always_lower)} – {t.percent_hundredths(rate.always_upper)}"
    return share, interval, always, n


def _share(share: float | None, t: Words) -> str:
    return "–" if share is None else t.percent_tenths(share)
