"""How well does Cleardesk extract what it was taught?

    python -m benchmarks.extraction --type TYPE --train DIR [--limit N] --test DIR [--json FILE]     trained, other documents
    python -m benchmarks.extraction --type TYPE --train DIR [--limit N]                              trained, five folds
    python -m benchmarks.extraction --type TYPE --test DIR                                           cold start

A corpus is a folder with `labels.jsonl`. A value is right when all of it is right after normalisation; a labelled value that
was not found is wrong. Shares are 0 to 1. `seen` and `unseen` tell whether training knew the document's supplier; over folds,
`unseen` comes from folds that keep out whole suppliers. `coverage_at` uses thresholds frozen on training documents,
`read_cpu_s_per_page` what was measured when a page was put into the cache, `rss_ratio` the pages that this run read itself
(`rss_pages` of them through one reader).
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.corpus import Setting
from benchmarks.extraction_corpus import MEASURED, SEED, SETTINGS, Document, load, shuffled, with_suppliers
from benchmarks.extraction_figures import accuracy, auroc, coverage, groups, one_shot, word_recall
from benchmarks.extraction_runs import Bench, Outcome, Taught
from benchmarks.metered_reading import Cost


def main() -> None:
    """Measure, print, write JSON."""
    options = _options()
    report = measure(options)
    text = json.dumps(report, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures of one run."""
    setting = _setting(options)
    training, training_cost = _load(options.train, setting, options) if options.train else ([], Cost())
    test, test_cost = _load(options.test, setting, options) if options.test else ([], Cost())
    documents = with_suppliers([*training, *test], options.type)
    training, test = documents[: len(training)], documents[len(training) :]
    bench = Bench(options.type, setting)
    report = {"type": options.type, "profile": options.profile, "seed": SEED}
    if test:
        report |= _trained_and_tested(bench, shuffled(training)[: options.limit], test)
    else:
        report |= _over_folds(bench, training, options.limit)
    if options.one_shot:
        report |= one_shot(bench.one_shot(training))
    report["train_s"] = round(max(bench.train_s, default=0.0), 2)
    return report | {"word_recall": word_recall(test or training)} | (training_cost + test_cost).figures()


def _trained_and_tested(bench: Bench, training: Sequence[Document], test: Sequence[Document]) -> dict[str, Any]:
    taught = bench.teach(training) if training else Taught()
    outcomes = bench.outcomes(test, taught)
    report = {"trained_on": len(training), **_figures(outcomes), "suppliers": {}}
    if training:
        report["suppliers"] = {
            "seen": accuracy([each for each in outcomes if each.seen]),
            "unseen": accuracy([each for each in outcomes if not each.seen]),
        }
    return report


def _over_folds(bench: Bench, documents: Sequence[Document], limit: int | None) -> dict[str, Any]:
    """Figures of documents dealt out at random; `unseen` of suppliers dealt out whole."""
    plain = [each for fold in bench.folds(documents, limit, by_supplier=False) for each in fold]
    unseen = [each for fold in bench.folds(documents, limit, by_supplier=True) for each in fold]
    return {
        "trained_on": min(limit or len(documents), len(documents) * 4 // 5),
        **_figures(plain),
        "suppliers": {
            "seen": accuracy([each for each in plain if each.seen]),
            "unseen": accuracy(unseen) | {"coverage_at": coverage(unseen), "auroc": auroc(unseen)},
        },
    }


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        **accuracy(outcomes),
        "unreadable": [each.document.truth.key for each in outcomes if each.document.reading is None],
        "groups": groups(outcomes),
        "coverage_at": coverage(outcomes),
        "auroc": auroc(outcomes),
        "extract_ms_per_document": round(sum(each.ms for each in outcomes) / max(len(outcomes), 1), 1),
    }


def _load(corpus: Path, setting: Setting, options: argparse.Namespace) -> tuple[list[Document], Cost]:
    return load(
        corpus,
        options.type,
        options.fields or list(MEASURED[options.type]),
        setting,
        profile=options.profile,
        cache=options.cache,
        readers=options.readers,
    )


def _setting(options: argparse.Namespace) -> Setting:
    default = SETTINGS[options.type]
    languages = tuple(options.languages or default.languages)
    return Setting((options.type,), languages, options.country or default.country)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--type", required=True, choices=sorted(MEASURED), help="the document type of the corpus")
    parser.add_argument("--train", type=Path, help="folder with labels.jsonl to learn from")
    parser.add_argument("--limit", type=int, help="learn from so many documents only, the first of a fixed shuffle")
    parser.add_argument(
        "--test", type=Path, help="folder with labels.jsonl to measure on; without it: five folds of --train"
    )
    parser.add_argument(
        "--profile", default="accurate", choices=["accurate", "fast", "double"], help="how pages are read"
    )
    parser.add_argument("--fields", type=lambda text: text.split(","), help="only these fields, parted by commas")
    parser.add_argument(
        "--one-shot", action="store_true", help="also: suppliers that training has not seen, after k documents"
    )
    parser.add_argument("--languages", nargs="+", help="of the documents; a default for each type")
    parser.add_argument("--country", help="ISO 3166 code of the client; a default for each type")
    parser.add_argument("--readers", type=int, default=os.cpu_count() or 1, help="how many read at once")
    parser.add_argument("--cache", type=Path, default=Path(".cache/readings"), help="where readings are kept")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    if not options.train and not options.test:
        parser.error("give --train, --test or both")
    if options.train and options.test and options.train.resolve() == options.test.resolve():
        parser.error("--train and --test are one folder: leave out --test to measure over folds")
    if options.one_shot and not options.train:
        parser.error("--one-shot needs --train")
    return options


if __name__ == "__main__":
    main()
