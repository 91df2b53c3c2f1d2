"""What a reader process can do: one function per operation. Runs in the child only; every answer is JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reading.archives import unpack_archive
from reading.cleanup import save_gray
from reading.engines import engine, ppocr, tesseract
from reading.frame import Frame
from reading.inspection import inspect_file
from reading.kinds import identify
from reading.limits import Limits
from reading.pages import Job, read_file, read_turned, reader_name
from reading.rehearsal import misbehave
from reading.rendering import render_page
from reading.scans import prepare_scan
from reading.source import open_source
from reading.worker import INPUT
from schemas.errors import UnreadableError
from schemas.reading import Box


@dataclass(frozen=True)
class Context:
    """Where a job works: the private folder, the limits, and `beat`, the sign of life to give after each page."""

    folder: Path
    limits: Limits
    beat: Callable[[], None]
    rehearsal: bool = False

    @property
    def input(self) -> Path:
        return self.folder / INPUT


def perform(operation: str, arguments: dict[str, Any], context: Context) -> bytes:
    """Run one operation by name. Raises what the operation raises."""
    return OPERATIONS[operation](context, **arguments)


def _name(context: Context, profile: str, languages: Sequence[str]) -> bytes:
    return _json(reader_name(profile, engine(profile, tuple(languages), context.folder, context.limits)))


def _inspect(context: Context, name: str, transcripts: bool) -> bytes:
    return inspect_file(context.input, name, context.limits, transcripts=transcripts).model_dump_json().encode()


def _read(context: Context, media_type: str, profile: str, languages: Sequence[str]) -> bytes:
    reader = engine(profile, tuple(languages), context.folder, context.limits)
    job = Job(reader, context.limits, context.beat)
    return read_file(context.input, media_type, profile, job).model_dump_json().encode()


def _read_turned(
    context: Context, media_type: str, page: int, rotation: int, profile: str, languages: Sequence[str]
) -> bytes:
    reader = engine(profile, tuple(languages), context.folder, context.limits)
    job = Job(reader, context.limits, context.beat)
    return read_turned(context.input, media_type, page, rotation, job).model_dump_json().encode()


def _reread(
    context: Context,
    media_type: str,
    page: int,
    boxes: Sequence[Sequence[float]],
    rotation: int,
    skew: float,
    outline: Sequence[tuple[float, float]] | None,
    languages: Sequence[str],
) -> bytes:
    from reading.rereads import reread_lines  # it needs both engines

    readers = (ppocr(), tesseract(tuple(languages), context.folder, context.limits))
    frame = Frame(rotation, skew, tuple(outline) if outline else None)
    with open_source(context.input, media_type, context.limits) as source:
        lines = reread_lines(source.gray(page), frame, [Box(*box) for box in boxes], readers)
    return _json([[each.model_dump() for each in line] for line in lines])


def _tables(context: Context, pages: Sequence[int]) -> bytes:
    from reading.tables import find_tables  # pdfplumber takes as long to load as all the rest, and few jobs need it

    return _json([table.model_dump() for table in find_tables(context.input, pages)])


def _unpack(context: Context) -> bytes:
    folder = context.folder / "members"
    folder.mkdir()
    members = unpack_archive(context.input, identify(context.input).media_type, folder, context.limits)
    return _json([member.model_dump(mode="json") for member in members])


def _render(
    context: Context,
    media_type: str,
    page: int,
    width_px: int,
    rotation: int,
    skew: float,
    outline: Sequence[tuple[float, float]] | None,
    crop: Sequence[float] | None,
    hidden: Sequence[Sequence[float]] = (),
) -> bytes:
    frame = Frame(rotation, skew, tuple(outline) if outline else None)
    out = context.folder / "page.jpg"
    out.write_bytes(render_page(context.input, media_type, page, width_px, frame, crop, context.limits, hidden))
    return _json(str(out))


def _prepare(context: Context, media_type: str, page: int, languages: Sequence[str]) -> bytes:
    with open_source(context.input, media_type, context.limits) as source:
        prepared = prepare_scan(source.gray(page))
    if prepared is None:
        raise UnreadableError("the page is blank", reason="BLANK")
    reader = tesseract(tuple(languages), context.folder, context.limits)
    out = context.folder / "prepared.pgm"
    save_gray(reader.suited(prepared.upright, context.limits.ocr_pixels), out)
    return _json({"image": str(out), "options": reader.options(prepared.layout)})


def _misbehave(context: Context, how: str) -> bytes:
    return _json(misbehave(how, enabled=context.rehearsal))


def _json(answer: object) -> bytes:
    return json.dumps(answer).encode()


OPERATIONS: dict[str, Callable[..., bytes]] = {
    "name": _name,
    "inspect": _inspect,
    "read": _read,
    "read_turned": _read_turned,
    "reread": _reread,
    "tables": _tables,
    "unpack": _unpack,
    "render": _render,
    "prepare": _prepare,
    "misbehave": _misbehave,
}
