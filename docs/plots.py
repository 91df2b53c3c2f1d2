"""`python -m docs.plots [--type receipt --corpus DIR]`: draw what a corpus teaches, as docs/images/*.svg.

Trains on the corpus as `cleardesk learn` would, and draws the model card's curves: learning, reliability, coverage. Without a
corpus these are the digital ones of the sample documents, which are easy. Takes some minutes; readings are kept in `.cache`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.extraction_corpus import MEASURED, SETTINGS, load, with_suppliers
from extraction.learning.learn import learn
from schemas.document_type import document_types
from schemas.learning import ModelCard
from tasks.model_plots import plots_of, svg_of

DOCS = Path(__file__).parent
SAMPLES = DOCS.parent / "sample_data"


def main() -> None:
    """Train, draw, and say what the curves show."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--type", default="invoice", choices=sorted(MEASURED))
    parser.add_argument("--corpus", type=Path, help="folder with labels.jsonl; default: the sample documents")
    parser.add_argument("--cache", type=Path, default=Path(".cache/readings"))
    options = parser.parse_args()
    card = _card(options.type, options.corpus, options.cache)
    for name, draw in plots_of(card).items():
        (DOCS / "images" / f"{name}.svg").write_bytes(svg_of(draw, "en"))
    figures = f"mean {card.mean}, of suppliers never seen {card.mean_unseen}, AUROC {card.auroc}"
    sys.stdout.write(f"{card.documents} documents of {card.suppliers} suppliers: {figures}\n")


def _card(document_type: str, corpus: Path | None, cache: Path) -> ModelCard:
    setting = SETTINGS[document_type]
    fields = list(MEASURED[document_type])
    profile, kind = ("accurate", "") if corpus else ("fast", "digital")
    found, _ = load(
        corpus or SAMPLES, document_type, fields, setting, profile=profile, cache=cache, readers=1, kind=kind
    )
    examples = [each.example(document_type) for each in with_suppliers(found, document_type) if each.reading]
    definition = document_types()[document_type]
    return learn(examples, definition, languages=setting.languages, country=setting.country, curve=True).card


if __name__ == "__main__":
    main()
