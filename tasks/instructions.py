"""Work instructions: leads write them, reviewers confirm changed ones before their next task; pictures are drawn anew."""

from __future__ import annotations

import io
from collections.abc import Mapping
from uuid import uuid4

from reading.pool import ReaderPool
from schemas.errors import NotFoundError, UnsupportedTypeError
from schemas.narrowing import type_in_process
from store.database import Scope
from store.definitions import Definition
from store.instructions import WHOLE, add_instruction, confirm, current_instructions, find_instruction, unread
from store.queue import Lease
from tasks.desk import Desk
from tasks.review import Person, load_task

PICTURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
WIDTH = 900  # pixels
SHELF = "instructions"  # in the blob store, apart from what clients sent


def fields_of(definition: Definition, language: str) -> dict[str, str]:
    """All fields that an instruction can be about: name -> title."""
    titles: dict[str, str] = {}
    for name in definition.process.document_types:
        kind = type_in_process(definition.process, name)
        if kind is None:
            continue
        for field, each in kind.fields.items():
            titles.setdefault(field, each.title.get(language, field))
        for table, rows in kind.tables.items():
            title = rows.title.get(language, table)
            for column, each in rows.columns.items():
                titles.setdefault(f"{table}.{column}", f"{title}: {each.title.get(language, column)}")
    return titles


def write(
    desk: Desk, scope: Scope, definition: Definition, field: str, text: Mapping[str, str], picture: bytes | None
) -> None:
    """Put an instruction for a field (or the whole process) in place of the one before.

    Raises:
        NotFoundError: the process has no such field. UnsupportedTypeError: the picture is neither PNG nor JPEG.
    """
    client_id, process = definition.process.client, definition.process.process
    if field != WHOLE and field not in fields_of(definition, "en"):
        raise NotFoundError(field)
    sha256 = None
    if picture:
        _media_type(picture)
        sha256 = desk.blobs.put(client_id, io.BytesIO(picture), shelf=SHELF).sha256
    with desk.store.session(scope) as session:
        add_instruction(session, client_id, process, field, text, sha256, by=scope.actor)


def confirm_all(desk: Desk, lease: Lease, person: Person) -> None:
    """The holder of a task has read what changed in how its process is keyed. Raises LeaseLostError."""
    document = load_task(desk, person, lease).document
    with desk.store.session(person.scope) as session:
        current = current_instructions(session, document.client_id, document.process)
        confirm(session, unread(session, current, person.name), person.name)


def picture(desk: Desk, pool: ReaderPool, scope: Scope, instruction_id: str) -> bytes:
    """An instruction's picture as JPEG, drawn anew: what was uploaded is never shown as it came.

    Raises:
        NotFoundError: no such instruction in scope, or it has no picture.
    """
    with desk.store.read(scope) as session:
        found = find_instruction(session, instruction_id)
    if found.picture_sha256 is None:
        raise NotFoundError(instruction_id)
    name = f"instructions/{found.picture_sha256}.jpg"
    drawn = desk.blobs.get_derived(found.client_id, name)
    if drawn is None:
        drawn = _draw(desk, pool, found.client_id, found.picture_sha256)
        desk.blobs.put_derived(found.client_id, name, drawn)
    return drawn


def _draw(desk: Desk, pool: ReaderPool, client_id: str, sha256: str) -> bytes:
    with desk.blobs.open(client_id, sha256, shelf=SHELF) as file:
        content = file.read()
    original, out = (desk.blobs.scratch / f"{uuid4().hex}{end}" for end in (".picture", ".jpg"))
    try:
        original.write_bytes(content)
        pool.render(original, media_type=_media_type(content), page=1, width_px=WIDTH, out=out)
        return out.read_bytes()
    finally:
        original.unlink(missing_ok=True)
        out.unlink(missing_ok=True)


def _media_type(content: bytes) -> str:
    for begin, media_type in PICTURES.items():
        if content.startswith(begin):
            return media_type
    raise UnsupportedTypeError("a picture is a PNG or a JPEG")
