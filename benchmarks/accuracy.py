"""How right is extraction? `python -m benchmarks.accuracy --corpus DIR [--profile fast] [--cache DIR] [--json FILE]`.

A field is right when the whole value is right after normalisation; a document is right when no critical field is wrong.
Every labelled field counts, found or not. Shares are 0 to 1. `wrong_above` is the share of all extracted labelled fields
that are wrong although their probability reaches `--accept`; `coverage` is the share that reaches it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.corpus import CachedReader, Labelled, Setting, labelled, settings_of
from extraction.extract import extract
from reading.pool import ReaderPool
from schemas.document_type import FieldType, document_types
from schemas.errors import CleardeskError
from schemas.normalisation import same_value
from schemas.values import Extraction


@dataclass(frozen=True)
class Judged:
    """One labelled value and what extraction made of it; `table` is "" for a header field."""

    file: str
    kind: str
    table: str
    name: str
    truth: str
    found: str
    probability: float
    critical: bool

    @property
    def right(self) -> bool:
        return self.found != "" and same_value(self.truth, self.found, _type_of(self.name, self.table))


@dataclass
class Outcome:
    """Everything measured in one run."""

    values: list[Judged] = field(default_factory=list)
    types: list[tuple[Labelled, str]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    extract_ms: list[float] = field(default_factory=list)


def main() -> None:
    """Measure, print, write JSON."""
    options = _options()
    default = Setting(tuple(options.types), tuple(options.languages), options.country)
    renamed = dict(pair.split("=", 1) for pair in options.rename)
    documents = labelled(options.corpus, renamed, options.limit)
    outcome = measure(documents, settings_of(options.corpus, default), default, options)
    report = summary(outcome, options.accept)
    _print(report)
    if options.errors:
        _print_errors(outcome)
    if options.json:
        options.json.write_text(json.dumps(report, indent=2), encoding="utf-8")


def measure(
    documents: Sequence[Labelled],
    settings: dict[tuple[str, str], Setting],
    default: Setting,
    options: argparse.Namespace,
) -> Outcome:
    """Read and extract every document and compare it with its truth."""
    outcome = Outcome()
    with ReaderPool(size=1) as pool:
        reader = CachedReader(options.corpus, pool, options.cache, options.profile)
        for document in documents:
            setting = settings.get((document.client, document.process), default)
            try:
                reading = reader.read(document, setting)
            except CleardeskError:
                outcome.unreadable.append(document.file)
                continue
            started = time.process_time()
            extraction = extract(
                reading,
                types=setting.types,
                languages=setting.languages,
                country=setting.country,
                master=setting.memory,
                recipients=setting.recipients,
                tables=reading.tables,
            )
            outcome.extract_ms.append(1000 * (time.process_time() - started) / max(len(reading.pages), 1))
            outcome.types.append((document, extraction.document_type))
            outcome.values += judge(document, extraction)
    return outcome


def judge(document: Labelled, extraction: Extraction) -> list[Judged]:
    """Every labelled header field and table cell beside what was found."""
    definition = document_types().get(document.document_type or extraction.document_type)
    judged = []
    for name, truth in document.fields.items():
        value = extraction.get(name)
        critical = bool(definition and (known := definition.definition(name)) and known.critical)
        found, sure = (value.text, value.probability) if value else ("", 0.0)
        judged.append(Judged(document.file, document.kind, "", name, truth, found, sure, critical))
    for table, rows in document.tables.items():
        for truth_row, found_row in _aligned(table, rows, _rows_of(extraction, table)):
            for name, truth in truth_row.items():
                if str(truth).strip():
                    found, sure = found_row.get(name, ("", 0.0))
                    judged.append(Judged(document.file, document.kind, table, name, str(truth), found, sure, False))
    return judged


def summary(outcome: Outcome, accept: float) -> dict[str, Any]:
    """The figures of a run as JSON-ready data."""
    header = [each for each in outcome.values if not each.table]
    cells = [each for each in outcome.values if each.table]
    by_field = _shares(header, lambda each: each.name)
    typed = [(document, found) for document, found in outcome.types if document.document_type]
    critical = [each for each in header if each.critical]
    return {
        "documents": len(outcome.types),
        "unreadable": outcome.unreadable,
        "document_type": _share([document.document_type == found for document, found in typed]),
        "field_accuracy": _share([each.right for each in header]),
        "mean_over_fields": sum(by_field.values()) / len(by_field) if by_field else None,
        "by_field": by_field,
        "by_kind": _shares(header, lambda each: each.kind),
        "critical_by_kind": _shares(critical, lambda each: each.kind),
        "document_accuracy": _document_accuracy(header, critical),
        "line_item_cells": _shares(cells, lambda each: f"{each.table}.{each.name}"),
        "line_item_cells_by_kind": _shares(cells, lambda each: each.kind),
        "accept_above": accept,
        "coverage": _share([each.probability >= accept for each in header]),
        "wrong_above": _share([each.probability >= accept and not each.right for each in header]),
        "critical_coverage": _share([each.probability >= accept for each in critical]),
        "critical_wrong_above": sum(each.probability >= accept and not each.right for each in critical),
        "documents_above_by_kind": _documents_above(critical, accept),
        "extract_ms_per_page": round(sum(outcome.extract_ms) / max(len(outcome.extract_ms), 1), 2),
    }


def _document_accuracy(header: Sequence[Judged], critical: Sequence[Judged]) -> float | None:
    """Documents without a wrong critical field / documents; all fields count where none is critical."""
    documents: dict[str, bool] = {}
    for each in critical or header:
        documents[each.file] = documents.get(each.file, True) and each.right
    return _share(list(documents.values()))


def _documents_above(critical: Sequence[Judged], accept: float) -> dict[str, float]:
    """Per kind, the share of documents whose labelled critical fields all reach the threshold."""
    documents: dict[tuple[str, str], bool] = {}
    for each in critical:
        key = (each.kind, each.file)
        documents[key] = documents.get(key, True) and each.probability >= accept
    kinds = sorted({kind for kind, _ in documents})
    return {kind: _share([sure for (k, _), sure in documents.items() if k == kind]) or 0.0 for kind in kinds}


def _shares(values: Sequence[Judged], key: Any) -> dict[str, float]:
    groups: dict[str, list[bool]] = defaultdict(list)
    for each in values:
        groups[key(each)].append(each.right)
    return {name: sum(rights) / len(rights) for name, rights in sorted(groups.items())}


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def _type_of(name: str, table: str) -> FieldType:
    for definition in document_types().values():
        known = definition.definition(name, table)
        if known:
            return known.type
    return FieldType.TEXT


Row = dict[str, tuple[str, float]]


def _rows_of(extraction: Extraction, table: str) -> list[Row]:
    rows: dict[int, Row] = defaultdict(dict)
    for value in extraction.values:
        if value.table == table:
            rows[value.row][value.name] = (value.text, value.probability)
    return [rows[number] for number in sorted(rows)]


def _aligned(table: str, truth: Sequence[dict[str, str]], found: list[Row]) -> list[tuple[dict[str, str], Row]]:
    """Each true row with the found row that shares most cells; a found row serves once."""
    left = list(found)
    pairs = []
    for row in truth:
        best = max(left, key=lambda each: _shared(table, row, each), default={})
        if best and _shared(table, row, best):
            left.remove(best)
            pairs.append((row, best))
        else:
            pairs.append((row, {}))
    return pairs


def _shared(table: str, truth: dict[str, str], found: Row) -> int:
    return sum(
        1
        for name, text in truth.items()
        if name in found and same_value(str(text), found[name][0], _type_of(name, table))
    )


def _print(report: dict[str, Any]) -> None:
    for name, value in report.items():
        if isinstance(value, dict):
            print(f"{name}:")
            for key, share in value.items():
                print(f"  {key:32} {share:.3f}")
        else:
            print(f"{name:28} {value:.4f}" if isinstance(value, float) else f"{name:28} {value}")


def _print_errors(outcome: Outcome) -> None:
    """What went wrong, for whoever mends it: file, field, truth, found. Sample data only: this shows document text."""
    for document, found in outcome.types:
        if document.document_type and document.document_type != found:
            print(f"TYPE {document.file}: {document.document_type} read as {found}")
    for each in outcome.values:
        if not each.right:
            place = f"{each.table}.{each.name}" if each.table else each.name
            print(f"{each.kind:8} {each.file}  {place}: {each.truth!r} read as {each.found!r} ({each.probability:.2f})")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with labels.jsonl")
    parser.add_argument("--profile", default="fast")
    parser.add_argument("--cache", type=Path, default=Path(".cache/readings"), help="where readings are kept")
    parser.add_argument("--json", type=Path, help="write the figures here")
    parser.add_argument("--limit", type=int, help="only the first so many documents")
    parser.add_argument("--types", nargs="+", default=["invoice", "credit_note"])
    parser.add_argument("--languages", nargs="+", default=["de", "en"])
    parser.add_argument("--country", default="DE")
    parser.add_argument("--rename", nargs="*", default=[], metavar="THEIRS=OURS", help="field names of the corpus")
    parser.add_argument("--accept", type=float, default=0.9, help="probability from which a value counts as accepted")
    parser.add_argument("--errors", action="store_true", help="list every wrong value")
    return parser.parse_args()


if __name__ == "__main__":
    main()
