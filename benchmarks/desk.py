"""The whole desk on a corpus: is what it delivers as right as it promises, and what does that cost people?

    python -m benchmarks.desk --corpus DIR [--type receipt] [--target 0.92] [--confidence 0.9] [--days 6] [--documents N]
                              [--learn-days 2] [--reviewer-error 0.005] [--readings DIR] [--json FILE]

Files come in day by day through the real intake; they are read, extracted, routed, reviewed, audited and delivered by the real
functions; only the people are simulated, with a known rate of errors. On the first `--learn-days` days models are trained in the
evening; then they are left alone, so that audits can certify them. Without a certificate everything is looked at by a person.
`--readings` takes the words of scanned pages from Reading JSON files (named after the images) instead of reading them anew.

Figures: `promised` and `true_error` (share of wrong values among all delivered, against the corpus, with an exact 95 % interval),
`untouched_error` (the same of documents that no person touched), `document_error`, `stp`, `human_touches` and `human_seconds`
a document (modelled), `machine_seconds` a document, `certificates`, `audits`, `promise_holds` (the interval's lower end is not
above what was promised).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select, update

from benchmarks.bench_desk import CLIENT, CLIENT_YAML, PROCESS, drop, new_desk, take_in, work_off
from benchmarks.corpus import Labelled, labelled
from benchmarks.desk_people import Crew
from benchmarks.extraction_corpus import MEASURED, SETTINGS
from extraction.spans import MONTH_FIRST_COUNTRIES
from reading.pool import ReaderPool
from schemas.clock import now
from schemas.dates import DateOrder
from schemas.document_type import DocumentType, document_types
from schemas.normalisation import normalise, same_value
from schemas.payload import Payload
from schemas.quality import LotState, Stream
from schemas.reading import Reading
from store.database import system
from store.tables import Certificate, Delivery, Document, Lot, Sample
from tasks.audit.certifying import certify_all
from tasks.audit.lots import close_lots, decide_lots
from tasks.deliver import deliver
from tasks.desk import Desk
from tasks.learn import learn_due
from tasks.reconcile import reconcile
from validations.audit.bounds import Share, share

ME = system("benchmark")
SEED = 11


class KnownReadings(ReaderPool):
    """A reader pool that knows the words of some files already, by the hash of their bytes."""

    known: Mapping[str, Path]

    def read(self, path: Path, **how: Any) -> Reading:
        """The known reading, or a new one."""
        kept = self.known.get(hashlib.sha256(path.read_bytes()).hexdigest())
        return Reading.model_validate_json(kept.read_text("utf-8")) if kept else super().read(path, **how)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run, print, write JSON."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="cleardesk-bench-") as folder:
        report = run(options, Path(folder) / "desk")
    text = json.dumps(report, indent=2)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """All days, then the figures."""
    kind = document_types()[options.type]
    documents = labelled(options.corpus, MEASURED[options.type])
    chance = Random(SEED)
    chance.shuffle(documents)
    documents = documents[: options.documents]
    truth = _truth(documents, kind, options.type)
    crew = Crew(truth, kind, options.reviewer_error, chance)
    desk = new_desk(folder, client_yaml=_client(options.type), process_yaml=_process(options, kind), learn_after=1)
    started = time.process_time()
    try:
        with KnownReadings(size=options.readers) as pool:
            pool.known = _known(options, documents)
            for day, portion in enumerate(_portions(documents, options.days)):
                _work_a_day(desk, pool, crew, options.corpus, portion, learn=day < options.learn_days)
                print(f"day {day + 1}: {len(portion)} documents, {crew.reviews} reviews so far", flush=True)
        return _report(desk, crew, truth, kind, options) | {
            "machine_seconds": round((time.process_time() - started) / len(documents), 2),
            "readings": "taken from files" if options.readings else "read",
        }
    finally:
        desk.close()


def _work_a_day(
    desk: Desk, pool: ReaderPool, crew: Crew, corpus: Path, documents: Sequence[Labelled], *, learn: bool
) -> None:
    """Files in, exceptions off, blind keys, lots and certificates, deliveries; in the evening the models learn."""
    for portion in _portions(documents, 4):  # audits come in over the day, and certificates act at once
        drop(desk, [(Path(each.file).name, corpus / each.file) for each in portion])
        take_in(desk, pool)
        work_off(desk, pool)
        crew.review_all(desk)
        crew.key_all(desk)
        certify_all(desk)
        deliver(desk, "benchmark")
    _judge_lots(desk, crew)
    deliver(desk, "benchmark")
    if learn:
        list(learn_due(desk, pool, force=True))


def _judge_lots(desk: Desk, crew: Crew) -> None:
    """The day is over: close the lots, key their samples, judge them, and review what was refused."""
    with desk.store.session(ME) as session:
        session.execute(update(Lot).where(Lot.state == LotState.COLLECTING).values(closes_at=now()))
    while close_lots(desk):
        crew.key_all(desk)
        decide_lots(desk)
        crew.review_all(desk)
        crew.key_all(desk)
        decide_lots(desk)


def _report(
    desk: Desk, crew: Crew, truth: Mapping[str, Mapping[str, str]], kind: DocumentType, options: argparse.Namespace
) -> dict[str, Any]:
    with desk.store.read(ME) as session:
        documents = {d.id: d for d in session.scalars(select(Document))}
        payloads = session.scalars(select(Delivery.payload).where(Delivery.state == "sent").order_by(Delivery.version))
        newest = {payload.document: payload for payload in map(Payload.model_validate_json, payloads)}
        certificates = session.scalars(select(Certificate).order_by(Certificate.id)).all()
        samples = session.scalars(select(Sample)).all()
    judged = {id_: _judged(payload, truth[documents[id_].name], kind) for id_, payload in newest.items()}
    untouched = {id_: each for id_, each in judged.items() if not documents[id_].touched}
    values = [right for each in judged.values() for right in each]
    wrong = share(values.count(False), len(values))
    promised = round(1 - options.target, 6)
    by_itself = [right for each in untouched.values() for right in each]
    return {
        "documents": len(documents),
        "delivered": len(judged),
        "promised": promised,
        "confidence": options.confidence,
        "true_error": _shown(wrong),
        "untouched_error": _shown(share(by_itself.count(False), len(by_itself))) if by_itself else None,
        "document_error": _shown(share(sum(not all(each) for each in judged.values()), len(judged))),
        "promise_holds": wrong.lower <= promised,
        "stp": round(len(untouched) / max(len(judged), 1), 4),
        "human_touches": round((crew.reviews + crew.keys + crew.decisions) / len(documents), 3),
        "human_seconds": round(crew.seconds / len(documents), 1),
        "reviewer_error": options.reviewer_error,
        "mistakes_made": crew.mistakes,
        "audits": {"drawn": len(samples), "wrong": sum(sample.right is False for sample in samples)},
        "machine_values_audited": _by_probability(samples),
        "certificates": [_certificate(row) for row in certificates if row.threshold is not None],
        "ledger_residual": reconcile(desk).residual,
    }


def _judged(payload: Payload, truth: Mapping[str, str], kind: DocumentType) -> list[bool]:
    """Each labelled field: whether the whole delivered value is right."""
    return [same_value(text, payload.fields.get(name, ""), kind.fields[name].type) for name, text in truth.items()]


def _shown(found: Share) -> dict[str, float]:
    return {
        "share": round(found.count / max(found.total, 1), 4),
        "lower": round(found.lower, 4),
        "upper": round(found.upper, 4),
        "n": found.total,
    }


def _by_probability(samples: Sequence[Sample]) -> dict[str, list[int]]:
    """Of the machine's own values that were audited: how many had at least this probability, and how many of those were wrong."""
    drawn = [s for s in samples if s.stream in (Stream.CERTIFICATE, Stream.DOCUMENT) and s.right is not None]
    own = [s for s in drawn if s.value_state == "present"]  # how sure a value is that is not there is no probability
    found = {}
    for least in (0.0, 0.5, 0.8, 0.9, 0.95, 0.98):
        above = [s for s in own if s.probability >= least]
        found[str(least)] = [len(above), sum(not s.right for s in above)]
    return found


def _certificate(row: Certificate) -> dict[str, Any]:
    return {
        "group": row.group,
        "state": row.state,
        "threshold": row.threshold,
        "audits": row.audits,
        "wrong": row.wrong,
        "bound": row.bound,
        "coverage": row.coverage,
    }


def _truth(documents: Sequence[Labelled], kind: DocumentType, name: str) -> dict[str, dict[str, str]]:
    """By file name, the labels in canonical form; what cannot be parsed stays as it is."""
    order = DateOrder.MONTH_FIRST if SETTINGS[name].country in MONTH_FIRST_COUNTRIES else DateOrder.DAY_FIRST
    return {
        Path(each.file).name: {
            field: normalise(text, kind.fields[field].type, order=order) or text
            for field, text in each.fields.items()
            if field in set(MEASURED[name].values())
        }
        for each in documents
    }


def _client(name: str) -> str:
    return CLIENT_YAML.replace("country: DE", f"country: {SETTINGS[name].country}").replace(
        "language: de", "language: en"
    )


def _process(options: argparse.Namespace, kind: DocumentType) -> str:
    """The labelled fields, each needed and critical; audits on every document; nothing unseen without a certificate."""
    measured = set(MEASURED[options.type].values())
    fields = {
        name: {"required": True, "critical": True} if name in measured else {"ignore": True} for name in kind.fields
    }
    return json.dumps(  # YAML takes JSON
        {
            "process": PROCESS,
            "client": CLIENT,
            "document_types": [options.type],
            "languages": list(SETTINGS[options.type].languages),
            "intake": {"duplicates": "accept"},
            "fields": fields,
            "accuracy": {"target": str(options.target), "confidence": str(options.confidence)},
            "audit": {
                "rate": str(options.audit_rate),
                "document_rate": str(options.document_audit_rate),
                "plan": {
                    "prq": str(round((1 - options.target) / 4, 6)),
                    "crq": str(round((1 - options.target) * 3, 6)),
                },
                "lot": "rolling",
                "lot_size": options.lot_size,
                "gate": options.gate,
            },
            "review": {"accept_above": "1"},
            "delivery": [{"to": "folder", "name": "data", "format": "jsonl", "reader": "machine"}],
        }
    )


def _known(options: argparse.Namespace, documents: Sequence[Labelled]) -> dict[str, Path]:
    """By the hash of their bytes, the files whose readings are at hand."""
    if options.readings is None:
        return {}
    at_hand = {path.stem.removesuffix(Path(path.stem).suffix): path for path in options.readings.glob("*.json")}
    found = {}
    for each in documents:
        path = options.corpus / each.file
        kept = at_hand.get(path.stem)
        if kept is not None:
            found[hashlib.sha256(path.read_bytes()).hexdigest()] = kept
    return found


def _portions(documents: Sequence[Labelled], count: int) -> list[Sequence[Labelled]]:
    """Nearly equal parts, none empty."""
    cuts = [round(len(documents) * n / count) for n in range(count + 1)]
    return [documents[begin:end] for begin, end in pairwise(cuts) if end > begin]


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder with labels.jsonl; only read")
    parser.add_argument("--type", default="receipt", choices=sorted(MEASURED), help="the document type")
    parser.add_argument("--documents", type=int, help="so many at most")
    parser.add_argument("--days", type=int, default=6, help="over how many days they come in")
    parser.add_argument("--learn-days", type=int, default=2, help="on how many of them models learn in the evening")
    parser.add_argument("--target", type=float, default=0.92, help="the promised share of right values")
    parser.add_argument("--confidence", type=float, default=0.9, help="how sure the certificates must be")
    parser.add_argument("--audit-rate", type=float, default=0.0, help="documents with one random field keyed blind")
    parser.add_argument(
        "--document-audit-rate", type=float, default=1.0, help="documents with every critical field keyed blind"
    )
    parser.add_argument("--lot-size", type=int, default=25, help="documents in a lot")
    parser.add_argument("--gate", default="before_delivery", choices=["before_delivery", "after_delivery"])
    parser.add_argument("--reviewer-error", type=float, default=0.005, help="chance that a person gets a field wrong")
    parser.add_argument("--readers", type=int, default=2, help="reader processes")
    parser.add_argument("--readings", type=Path, help="folder of Reading JSON files named after the images")
    parser.add_argument("--json", type=Path, help="write the figures here")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
