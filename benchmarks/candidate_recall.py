"""How often the right value is among the candidates: the ceiling of every chooser.

`python -m benchmarks.candidate_recall --corpus DIR --type receipt --readings DIR`

Counts a labelled value as found where `same_value` holds for a wide span or a derived amount of
the field's type. Names, addresses and texts have other candidates and are left out.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

from benchmarks.corpus import Labelled, labelled
from extraction.derived import derived_amounts
from extraction.page_layout import lay_out
from extraction.spans import Span, notation_of
from extraction.wide_spans import wide_spans
from schemas.document_type import DocumentType, FieldType, document_types
from schemas.normalisation import same_value
from schemas.reading import Reading

TYPED = frozenset(FieldType) - {FieldType.NAME, FieldType.ADDRESS, FieldType.TEXT}


@dataclass
class Recall:
    """What was measured over a corpus; `missed` names file, field and label."""

    asked: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    spans: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    milliseconds: list[float] = field(default_factory=list)
    missed: list[tuple[str, str, str]] = field(default_factory=list)

    def report(self) -> dict[str, object]:
        """Recall by field, spans a document by type (median), CPU milliseconds a page."""
        return {
            "fields": {name: {"recall": round(self.found[name] / n, 4), "n": n} for name, n in self.asked.items()},
            "spans": {kind: median(counts) for kind, counts in sorted(self.spans.items())},
            "ms_per_page": {"mean": round(mean(self.milliseconds), 2), "most": round(max(self.milliseconds), 2)},
        }


def main(arguments: list[str] | None = None) -> None:
    """Measure and print JSON; `--misses` lists what was not found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--type", required=True)
    parser.add_argument("--readings", type=Path, required=True, help="folder of <file name>.json")
    parser.add_argument("--rename", action="append", default=[], metavar="THEIRS=OURS")
    parser.add_argument("--country", default="")
    parser.add_argument("--language", default="en")
    parser.add_argument("--misses", action="store_true")
    args = parser.parse_args(arguments)
    definition = document_types()[args.type]
    recall = Recall()
    for document in labelled(args.corpus, dict(each.split("=", 1) for each in args.rename)):
        path = args.readings / f"{Path(document.file).name}.json"
        if path.exists():
            reading = Reading.model_validate_json(path.read_text(encoding="utf-8"))
            measure(recall, document, definition, candidates(recall, reading, args.country, args.language))
    print(json.dumps(recall.report(), indent=2))
    for file, name, label in recall.missed if args.misses else ():
        print(file, name, label, sep="\t")


def candidates(recall: Recall, reading: Reading, country: str, language: str) -> list[Span]:
    """All wide spans and derived amounts of a document; the CPU time of each page is noted."""
    pages = [lay_out(page) for page in reading.pages]
    notation = notation_of(pages, country, language)
    found: list[Span] = []
    for page in pages:
        begun = time.process_time()
        spans = wide_spans(page, notation)
        found += [*spans, *derived_amounts(spans)]
        recall.milliseconds.append((time.process_time() - begun) * 1000)
    return found


def measure(recall: Recall, document: Labelled, definition: DocumentType, spans: list[Span]) -> None:
    """Look for each labelled value of a typed field among the spans of its type."""
    for each, count in Counter(span.kind for span in spans).items():
        recall.spans[each].append(count)
    for name, label in document.fields.items():
        if name not in definition.fields or definition.fields[name].type not in TYPED:
            continue
        kind = definition.fields[name].type
        recall.asked[name] += 1
        texts = {span.text for span in spans if span.kind is kind}
        if any(same_value(text, label, kind) for text in texts):
            recall.found[name] += 1
        else:
            recall.missed.append((document.file, name, label))


if __name__ == "__main__":
    main()
