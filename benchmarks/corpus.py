"""A corpus on disk: its truth (`labels.jsonl`), its readings (cached), and what the clients' definitions say of it.

The form is that of the documentation: one line a document, `{"file": …, "fields": {…}}`, optionally `line_items`, `taxes`,
`kind`, `document_type`, `client`, `process`, `group`, `pages` (first and last, from 1) and `lines` (the human transcript);
`archive.zip!/member` names a file inside an archive.
"""

from __future__ import annotations

import csv
import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from extraction.extract import classify, pages_with_tables
from extraction.master_data import MasterData
from reading.pool import ReaderPool
from schemas.document_type import document_types
from schemas.reading import Reading


@dataclass(frozen=True)
class Labelled:
    """One document of a corpus and the truth about it; amounts and dates as printed."""

    file: str
    fields: dict[str, str]
    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    kind: str = "all"
    document_type: str = ""
    client: str = ""
    process: str = ""
    group: str = ""
    pages: tuple[int, int] | None = None
    lines: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The file, and the pages where it holds several documents."""
        return f"{self.file}#{self.pages[0]}-{self.pages[1]}" if self.pages else self.file


@dataclass(frozen=True)
class Setting:
    """How a document's process wants it read."""

    types: tuple[str, ...]
    languages: tuple[str, ...]
    country: str
    memory: MasterData | None = None
    recipients: tuple[str, ...] = ()


def labelled(corpus: Path, renamed: dict[str, str], limit: int | None = None) -> list[Labelled]:
    """The documents of a corpus in order; `renamed` maps its field names to ours."""
    lines = (corpus / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    return [_labelled(json.loads(line), renamed) for line in lines[:limit] if line.strip()]


def settings_of(corpus: Path, default: Setting) -> dict[tuple[str, str], Setting]:
    """Per (client, process) what the sample clients' definitions say; empty for a corpus without clients."""
    found: dict[tuple[str, str], Setting] = {}
    for path in sorted((corpus / "clients").glob("*/client.yaml")):
        client = yaml.safe_load(path.read_text(encoding="utf-8"))
        memory = _suppliers(path.with_name("suppliers.csv"))
        for other in sorted(path.parent.glob("*.yaml")):
            definition = yaml.safe_load(other.read_text(encoding="utf-8"))
            if "process" in definition:
                languages = tuple(definition.get("languages", default.languages))
                found[client["client"], definition["process"]] = Setting(
                    tuple(definition["document_types"]), languages, client["country"], memory, (client["name"],)
                )
    return found


class CachedReader:
    """Reads documents through a reader pool, each once: the cache is keyed by content and reader version."""

    def __init__(self, corpus: Path, pool: ReaderPool, cache: Path, profile: str) -> None:
        self.corpus, self.pool, self.cache, self.profile = corpus, pool, cache, profile
        self.used: list[str] = []  # cache keys of what was read
        cache.mkdir(parents=True, exist_ok=True)

    def read(self, document: Labelled, setting: Setting) -> Reading:
        """The document's words, and the tables of the pages that need them."""
        with self._path(document.file) as path:
            languages = sorted(setting.languages)
            name = self.pool.reader_name(self.profile, languages)
            key = hashlib.sha256(path.read_bytes() + name.encode()).hexdigest()
            cached = self.cache / f"{key}.json"
            self.used.append(key)
            if not cached.exists():
                cached.write_text(self.fresh(path, languages, key).model_dump_json(), encoding="utf-8")
            reading = self._own_pages(Reading.model_validate_json(cached.read_text(encoding="utf-8")), document)
            return self._with_tables(reading, path, setting, key)

    def fresh(self, path: Path, languages: list[str], key: str) -> Reading:
        """Read a file that is not in the cache, where it will be kept as `key`."""
        media_type = self.pool.inspect(path, path.name, transcripts=True).media_type
        return self.pool.read(path, media_type=media_type, profile=self.profile, languages=languages)

    @staticmethod
    def _own_pages(reading: Reading, document: Labelled) -> Reading:
        if document.pages is None:
            return reading
        first, last = document.pages
        return reading.model_copy(update={"pages": [page for page in reading.pages if first <= page.number <= last]})

    def _with_tables(self, reading: Reading, path: Path, setting: Setting, key: str) -> Reading:
        kind = document_types().get(classify(reading, setting.types, setting.languages).document_type)
        pages = pages_with_tables(reading, kind) if kind else []
        if not pages:
            return reading
        cached = self.cache / f"{key}.{'-'.join(map(str, pages))}.tables.json"
        if not cached.exists():
            found = reading.model_copy(update={"pages": [], "tables": self.pool.tables(path, pages)})
            cached.write_text(found.model_dump_json(), encoding="utf-8")
        tables = Reading.model_validate_json(cached.read_text(encoding="utf-8")).tables
        return reading.model_copy(update={"tables": tables})

    @contextmanager
    def _path(self, file: str) -> Iterator[Path]:
        """The file on disk; one inside an archive is unpacked, level by level."""
        outer, *members = file.split("!/")
        with tempfile.TemporaryDirectory() as folder:
            path = self.corpus / outer
            for depth, name in enumerate(members):
                into = Path(folder) / str(depth)
                into.mkdir()
                path = next(each.path for each in self.pool.unpack(path, into) if each.name == name)
            yield path


def _labelled(line: dict[str, Any], renamed: dict[str, str]) -> Labelled:
    return Labelled(
        file=line["file"],
        fields={renamed.get(name, name): str(text) for name, text in line["fields"].items() if str(text).strip()},
        tables={name: line[name] for name in ("line_items", "taxes") if name in line},
        kind=line.get("kind", "all"),
        document_type=line.get("document_type", ""),
        client=line.get("client", ""),
        process=line.get("process", ""),
        group=line.get("group", ""),
        pages=(line["pages"][0], line["pages"][-1]) if line.get("pages") else None,
        lines=tuple(line.get("lines", ())),
    )


def _suppliers(path: Path) -> MasterData | None:
    if not path.exists():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        return MasterData(csv.DictReader(file))
