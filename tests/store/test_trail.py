"""The audit trail cannot be edited, shortened or written anew without the stand-alone verifier saying where."""

from __future__ import annotations

import ast
import hashlib
import json
import random
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cleardesk import verify_trail
from cleardesk.verify_trail import EVENT, HASHED, check, event_hash, main, verify_folder
from store.database import Store
from store.events import record
from tasks.desk import Desk
from tasks.trail import anchor, export_trail
from tests.given import ACTOR, desk_on, process_of

TRIALS = 150


def write_events(desk: Desk, client: str, count: int) -> None:
    for number in range(count):
        with desk.store.session(ACTOR) as session:
            record(session, client, "document.state", f"doc_{number:04d}", old="received", new="in_work", reason="ä=1")


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """Two clients' chains, anchored three times, the last time at their ends."""
    desk = desk_on(store, tmp_path, sqlite_journal="wal")
    for client in ("acme", "zebra"):
        process_of(desk, client=client)
    for _ in range(3):
        write_events(desk, "acme", 4)
        write_events(desk, "zebra", 3)
        anchor(desk)
    return desk


@pytest.fixture
def exported(desk: Desk, tmp_path: Path) -> Path:
    export_trail(desk, tmp_path / "trail.jsonl")
    return tmp_path / "trail.jsonl"


def test_an_untouched_trail_is_intact(desk: Desk, exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(exported), "--checkpoints", str(desk.checkpoints)]) == 0
    assert capsys.readouterr().out == "intact: 2 chains, 25 events, 0 faults\n"
    assert main([str(exported), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["not_anchored"] == ["acme", "zebra"]


def test_a_wrong_call_is_told_apart(tmp_path: Path) -> None:
    assert main([str(tmp_path / "nothing")]) == 2


def test_the_verifier_trusts_nobody() -> None:
    source = Path(verify_trail.__file__).read_text(encoding="utf-8")
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(source))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= set(sys.stdlib_module_names)
    assert len(source.splitlines()) < 300


def test_the_verifier_says_where(desk: Desk, exported: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = exported.read_text(encoding="utf-8").splitlines(keepends=True)
    exported.write_text("".join(lines[:4] + lines[5:]), encoding="utf-8")
    assert main([str(exported), "--checkpoints", str(desk.checkpoints)]) == 1
    assert "acme#6: 5 to 5 are missing before it" in capsys.readouterr().out


def test_an_unmoved_chain_is_not_anchored_again_and_a_torn_line_is_dropped(desk: Desk) -> None:
    assert anchor(desk) == []
    file = desk.checkpoints / "acme.jsonl"
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"client_id":"ac')
    write_events(desk, "acme", 1)
    assert anchor(desk) == [file]
    assert file.read_bytes().startswith(whole)
    assert len(file.read_bytes().splitlines()) == 4


# tampering with an exported trail

Lines = list[str]


def change_a_byte(lines: Lines, chance: random.Random) -> Lines:
    raw = bytearray("".join(lines).encode())
    place = chance.randrange(len(raw))
    raw[place] = (raw[place] + chance.randint(1, 255)) % 256
    return raw.decode(errors="surrogateescape").splitlines(keepends=True)


def remove_a_line(lines: Lines, chance: random.Random) -> Lines:
    place = chance.randrange(len(lines))
    return lines[:place] + lines[place + 1 :]


def insert_a_line(lines: Lines, chance: random.Random) -> Lines:
    place = chance.randrange(len(lines))
    forged = rehashed([*map(json.loads, lines[: place + 1])][-1], **{"subject": "doc_forged"})
    return [*lines[:place], json_line(forged), *lines[place:]]


def swap_two_events(lines: Lines, chance: random.Random) -> Lines:
    chain = [n for n, line in enumerate(lines) if '"client_id":"acme"' in line and '"seq"' in line]
    one, other = chance.sample(chain, 2)
    lines = list(lines)
    lines[one], lines[other] = lines[other], lines[one]
    return lines


def cut_the_tail(lines: Lines, chance: random.Random) -> Lines:
    """Events and head both, so that the rest is a perfect chain."""
    rows = [json.loads(line) for line in lines]
    events = [row for row in rows if "seq" in row]
    acme = [row for row in events if row["client_id"] == "acme"]
    kept = acme[: chance.randrange(len(acme))]
    return resealed(kept, [row for row in events if row["client_id"] != "acme"])


def fork(lines: Lines, chance: random.Random) -> Lines:
    """Write the chain anew from some event on: a perfect chain with another story."""
    events = [row for row in map(json.loads, lines) if "seq" in row]
    acme = [row for row in events if row["client_id"] == "acme"]
    place = chance.randrange(len(acme))
    told = acme[:place]
    for row in acme[place:]:
        before = told[-1]["hash"] if told else "0" * 64
        told.append(rehashed(row, prev_hash=before, actor="mallory"))
    return resealed(told, [row for row in events if row["client_id"] != "acme"])


def rehashed(row: dict[str, Any], **changes: Any) -> dict[str, Any]:
    forged = {**dict.fromkeys(EVENT, ""), **row, **changes}
    return {**forged, "hash": event_hash(forged)}


def json_line(row: dict[str, Any]) -> str:
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"


def resealed(acme: list[dict[str, Any]], others: list[dict[str, Any]]) -> Lines:
    heads = [
        {"client_id": chain[-1]["client_id"], "head_seq": chain[-1]["seq"], "head_hash": chain[-1]["hash"]}
        for chain in (acme, others)
        if chain
    ]
    return [json_line(row) for row in [*acme, *others, *heads]]


@pytest.mark.parametrize("tamper", [change_a_byte, remove_a_line, insert_a_line, swap_two_events, cut_the_tail, fork])
def test_any_tampering_with_an_export_is_found(
    desk: Desk, exported: Path, tamper: Callable[[Lines, random.Random], Lines]
) -> None:
    chance = random.Random(11)
    lines = exported.read_text(encoding="utf-8").splitlines(keepends=True)
    for trial in range(TRIALS):
        text = "".join(tamper(lines, chance))
        exported.write_bytes(text.encode(errors="surrogateescape"))
        assert verify_folder(exported, desk.checkpoints), f"{tamper.__name__}, trial {trial}"


def test_tampering_with_a_checkpoint_is_found(desk: Desk, exported: Path) -> None:
    chance = random.Random(3)
    file = desk.checkpoints / "acme.jsonl"
    raw = file.read_bytes()
    linked = raw[: raw[:-1].rfind(b"\n") + 1]  # the last line is linked by the next one only
    for _ in range(TRIALS):
        bad = bytearray(raw)
        place = chance.randrange(len(linked))
        bad[place] = (bad[place] + chance.randint(1, 255)) % 256
        file.write_bytes(bytes(bad))
        assert verify_folder(exported, desk.checkpoints)


# tampering with the database file


def test_any_tampering_with_the_database_is_found(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "cleardesk.db"
    path.write_bytes(sqlite_template.read_bytes())
    store = Store(f"sqlite:///{path}")
    desk = desk_on(store, tmp_path)
    process_of(desk)
    write_events(desk, "acme", 12)
    anchor(desk)
    assert check(path, desk.checkpoints)[0] == []
    store.close()
    desk.close()
    whole = path.read_bytes()
    chance = random.Random(29)
    acts = (edit_a_row, delete_a_row, insert_a_row, swap_two_rows, cut_rows_and_head)
    for trial in range(200):
        act = acts[trial % len(acts)]
        with sqlite3.connect(path) as connection:
            act(connection, chance)
        connection.close()
        assert verify_folder(path, desk.checkpoints), act.__name__
        path.write_bytes(whole)
    assert main([str(path), "--checkpoints", str(desk.checkpoints)]) == 0


def some_seq(connection: sqlite3.Connection, chance: random.Random) -> int:
    return chance.randint(1, connection.execute("SELECT max(seq) FROM events").fetchone()[0])


def edit_a_row(connection: sqlite3.Connection, chance: random.Random) -> None:
    column = chance.choice([c for c in EVENT if c != "seq"])
    seq = some_seq(connection, chance)
    (old,) = connection.execute(f"SELECT {column} FROM events WHERE seq = ?", (seq,)).fetchone()
    place = chance.randrange(len(old))
    new = old[:place] + chr((ord(old[place]) + chance.randint(1, 60)) % 0xD000 or 1) + old[place + 1 :]
    connection.execute(f"UPDATE events SET {column} = ? WHERE seq = ?", (new, seq))


def delete_a_row(connection: sqlite3.Connection, chance: random.Random) -> None:
    connection.execute("DELETE FROM events WHERE seq = ?", (some_seq(connection, chance),))


def insert_a_row(connection: sqlite3.Connection, chance: random.Random) -> None:
    """A well-formed event after the last, or a copy under another number."""
    last = connection.execute(f"SELECT {', '.join(EVENT)} FROM events ORDER BY seq DESC").fetchone()
    row = dict(zip(EVENT, last, strict=True))
    row = rehashed(row, seq=row["seq"] + chance.randint(1, 3), prev_hash=row["hash"])
    connection.execute(f"INSERT INTO events ({', '.join(EVENT)}) VALUES (?,?,?,?,?,?,?,?,?)", [row[c] for c in EVENT])


def swap_two_rows(connection: sqlite3.Connection, chance: random.Random) -> None:
    last = connection.execute("SELECT max(seq) FROM events").fetchone()[0]
    one, other = chance.sample(range(1, last + 1), 2)
    for old, new in ((one, -1), (other, one), (-1, other)):
        connection.execute("UPDATE events SET seq = ? WHERE seq = ?", (new, old))


def cut_rows_and_head(connection: sqlite3.Connection, chance: random.Random) -> None:
    seq = some_seq(connection, chance)
    connection.execute("DELETE FROM events WHERE seq >= ?", (seq,))
    connection.execute(
        "UPDATE chain_heads SET seq = ?, hash = coalesce((SELECT hash FROM events WHERE seq = ?), ?)",
        (seq - 1, seq - 1, "0" * 64),
    )


def test_a_damaged_database_file_is_not_called_intact(tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(b"SQLite format 3\x00" + hashlib.sha256(b"noise").digest() * 100)
    assert main([str(path)]) == 1


def test_the_hash_covers_every_column() -> None:
    assert set(EVENT) - set(HASHED) == {"prev_hash", "hash"}
