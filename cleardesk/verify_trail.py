#!/usr/bin/env python3
"""Verify an audit trail without trusting the program that wrote it: standard library only, nothing of Cleardesk is imported.

    python verify_trail.py desk/cleardesk.db --checkpoints desk/checkpoints
    python verify_trail.py trail.jsonl       --checkpoints copy-of-checkpoints

Reads a desk's SQLite file, or the JSON Lines that `cleardesk export` writes. Every chain (one per client, "" is the
desk's own) must begin at 1 and have no gap; each event must follow the hash of the one before, and hash to its own:

    hash = SHA-256(0x00 || prev_hash || canonical JSON of client_id, seq, at, actor, kind, subject, data)

A chain alone does not show that its tail was cut off, or that it was written anew. Checkpoints do: each line holds a chain's
head at some moment and the SHA-256 of the line before. Keep a copy of them where the desk's keepers cannot write.

Exit code 0: intact. 1: something was edited, removed, inserted or cut off; each place is named. 2: the call was wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

GENESIS = "0" * 64
HASHED = ("client_id", "seq", "at", "actor", "kind", "subject", "data")
EVENT = (*HASHED, "prev_hash", "hash")
HEAD = ("client_id", "head_seq", "head_hash")
CHECKPOINT = ("client_id", "seq", "hash", "at", "prev")

_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)

Row = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """Where the trail is not what was written: the chain ("" is the desk's own), the event, and what is wrong there."""

    chain: str
    seq: int | None
    what: str

    def __str__(self) -> str:
        place = self.chain or "desk"
        return f"{place}: {self.what}" if self.seq is None else f"{place}#{self.seq}: {self.what}"


@dataclass
class Chain:
    """One chain as far as it was read."""

    anchored: dict[int, str] = field(default_factory=dict)
    seq: int = 0
    hash: str = GENESIS
    faults: list[Fault] = field(default_factory=list)

    def follow(self, row: Row) -> None:
        """Take the next event; after a fault go on from what stands there, so that each place is named once."""
        chain, seq = row["client_id"], row["seq"]
        if type(seq) is not int:
            self.faults.append(Fault(chain, None, f"after {self.seq}: an event without a number"))
            return
        if seq != self.seq + 1:
            self.faults.append(Fault(chain, seq, _gap(self.seq, seq)))
        elif row["prev_hash"] != self.hash:
            self.faults.append(Fault(chain, seq, "does not follow the event before it"))
        if event_hash(row) != row["hash"]:
            self.faults.append(Fault(chain, seq, "was edited: it does not hash to its hash"))
        if self.anchored.pop(seq, row["hash"]) != row["hash"]:
            self.faults.append(Fault(chain, seq, "is not the event that was anchored: the chain was written anew"))
        self.seq, self.hash = seq, row["hash"]

    def end(self, chain: str, head: tuple[int, str] | None) -> None:
        """No more events: the head and every checkpoint must have been reached."""
        if head is None:
            self.faults.append(Fault(chain, None, "has no head"))
        elif head != (self.seq, self.hash):
            self.faults.append(Fault(chain, self.seq, f"the head says that the chain ends at {head[0]}"))
        if self.anchored:
            self.faults.append(
                Fault(chain, self.seq, f"is cut off: anchored up to {max(self.anchored)}, or not in order")
            )


def _gap(before: int, seq: int) -> str:
    return (
        f"{before + 1} to {seq - 1} are missing before it" if seq > before else f"comes again after {before}: inserted"
    )


def event_hash(row: Row) -> str:
    """The hash that an event must have."""
    text = str(row["prev_hash"]) + _encoder.encode({name: row[name] for name in HASHED})
    return hashlib.sha256(b"\x00" + text.encode(errors="surrogateescape")).hexdigest()


def verify(rows: Iterator[Row], checkpoints: dict[str, dict[int, str]]) -> tuple[list[Fault], dict[str, int]]:
    """Check events and heads as they come. Returns the faults, and the number that each chain ends with."""
    chains = {name: Chain(anchored=dict(points)) for name, points in checkpoints.items()}
    heads: dict[str, tuple[int, str]] = {}
    faults: list[Fault] = []
    for row in rows:
        if row.keys() == set(EVENT):
            chains.setdefault(row["client_id"], Chain()).follow(row)
        elif row.keys() == set(HEAD) and row["client_id"] not in heads:
            heads[row["client_id"]] = (row["head_seq"], row["head_hash"])
        else:
            faults.append(Fault(str(row.get("client_id", "")), None, f"line {row.get('line', '')} is no event"))
    for name in chains.keys() | heads.keys():
        chains.setdefault(name, Chain()).end(name, heads.get(name))
    for name in sorted(chains, key=str):
        faults += chains[name].faults
    return faults, {name: chain.seq for name, chain in chains.items()}


def rows_of(trail: Path) -> Iterator[Row]:
    """Events, each chain in order, then the heads. Raises sqlite3.DatabaseError where a database is damaged."""
    with trail.open("rb") as stream:
        is_database = stream.read(16) == b"SQLite format 3\x00"
    yield from _database_rows(trail) if is_database else _exported_rows(trail)


def _database_rows(trail: Path) -> Iterator[Row]:
    connection = sqlite3.connect(f"{trail.absolute().as_uri()}?mode=ro", uri=True)
    connection.text_factory = lambda raw: raw.decode(errors="surrogateescape")
    try:
        connection.execute("BEGIN")  # events and heads of one moment
        for row in connection.execute(f"SELECT {', '.join(EVENT)} FROM events ORDER BY client_id, seq"):  # noqa: S608
            yield dict(zip(EVENT, row, strict=True))
        for row in connection.execute("SELECT client_id, seq, hash FROM chain_heads"):
            yield dict(zip(HEAD, row, strict=True))
    finally:
        connection.close()


def _exported_rows(trail: Path) -> Iterator[Row]:
    with trail.open(encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
        for number, line in enumerate(stream, start=1):
            yield _parsed(line) or {"line": number}


def _parsed(line: str) -> Row | None:
    """An object of names to texts and whole numbers; None where the line is anything else."""
    try:
        row = json.loads(line)
    except ValueError:
        return None
    if not isinstance(row, dict) or not isinstance(row.get("client_id"), str):
        return None
    return row if line == _encoder.encode(row) + "\n" else None


def read_checkpoints(folder: Path) -> tuple[dict[str, dict[int, str]], list[Fault]]:
    """Chain -> number -> hash as anchored, and what is wrong with the checkpoints themselves."""
    points: dict[str, dict[int, str]] = {}
    faults: list[Fault] = []
    for file in sorted(folder.glob("*.jsonl")):
        previous = GENESIS
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="surrogateescape").splitlines(True), 1):
            row = _parsed(line)
            if row is None or row.keys() != set(CHECKPOINT) or row["prev"] != previous:
                faults.append(Fault(file.stem, None, f"checkpoint line {number} does not follow the one before it"))
            if row is not None and row.keys() == set(CHECKPOINT):
                known = points.setdefault(row["client_id"], {}).setdefault(row["seq"], row["hash"])
                if known != row["hash"]:
                    faults.append(
                        Fault(file.stem, row["seq"], "was anchored twice with different hashes: the chain forked")
                    )
            previous = line_hash(line)
    return points, faults


def line_hash(line: str) -> str:
    """What the next checkpoint says of this one."""
    return hashlib.sha256(line.rstrip("\n").encode(errors="surrogateescape")).hexdigest()


def check(trail: Path, checkpoints: Path | None) -> tuple[list[Fault], dict[str, int], list[str]]:
    """The faults, the length of each chain, and the chains that no checkpoint covers."""
    points, faults = read_checkpoints(checkpoints) if checkpoints else ({}, [])
    try:
        found, ends = verify(rows_of(trail), points)
    except sqlite3.DatabaseError as error:
        return [*faults, Fault("", None, f"the database cannot be read: {error}")], {}, []
    return faults + found, ends, sorted(name for name, end in ends.items() if end and name not in points)


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(
        description="Verify an audit trail: finds any edit, deletion, insertion or cut-off tail."
    )
    parser.add_argument("trail", type=Path, help="a desk's SQLite file, or an exported trail (JSON Lines)")
    parser.add_argument("--checkpoints", type=Path, help="the folder of anchored checkpoints, or a copy of it")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")
    given = parser.parse_args(arguments)
    if not given.trail.is_file() or (given.checkpoints and not given.checkpoints.is_dir()):
        print("there is no such trail or folder", file=sys.stderr)
        return 2
    faults, ends, loose = check(given.trail, given.checkpoints)
    if given.json:
        result = {"intact": not faults, "chains": ends, "not_anchored": loose, "faults": [asdict(f) for f in faults]}
        print(json.dumps(result, indent=2))
    else:
        _print(faults, ends, loose)
    return 1 if faults else 0


def verify_folder(trail: Path, checkpoints: Path | None) -> list[str]:
    """One line for each fault; none: the trail is intact."""
    return [str(fault) for fault in check(trail, checkpoints if checkpoints and checkpoints.is_dir() else None)[0]]


def _print(faults: list[Fault], ends: dict[str, int], loose: list[str]) -> None:
    for fault in faults:
        print(fault)
    for name in loose:
        print(f"{name or 'desk'}: no checkpoint; that its tail is whole cannot be shown")
    events = sum(ends.values())
    print(f"{'NOT INTACT' if faults else 'intact'}: {len(ends)} chains, {events} events, {len(faults)} faults")


if __name__ == "__main__":
    sys.exit(main())
