"""Work instructions: how a field of a process, or the whole of it, is keyed. The newest counts; who has read it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import NotFoundError
from schemas.ids import new_id
from store.events import record
from store.tables import Instruction, InstructionRead

WHOLE = ""  # the field of an instruction for the whole process


def add_instruction(
    session: Session, client_id: str, process: str, field: str, text: Mapping[str, str], picture: str | None, *, by: str
) -> Instruction:
    """Put an instruction in place of the one before; `text` by language (all empty: there is none any more)."""
    instruction = Instruction(
        id=new_id("ins"),
        client_id=client_id,
        process=process,
        field=field,
        text={language: each.strip() for language, each in text.items() if each.strip()},
        picture_sha256=picture,
        by=by,
        at=now(),
    )
    session.add(instruction)
    record(session, client_id, "instruction.written", instruction.id, process=process, field=field)
    return instruction


def current_instructions(session: Session, client_id: str, process: str) -> Sequence[Instruction]:
    """The newest instruction of each field, that of the whole process first; those that were emptied are left out."""
    newest = (
        select(func.max(Instruction.id))
        .where(Instruction.client_id == client_id, Instruction.process == process)
        .group_by(Instruction.field)
    )
    rows = session.scalars(select(Instruction).where(Instruction.id.in_(newest)).order_by(Instruction.field)).all()
    return [row for row in rows if row.text or row.picture_sha256]


def unread(session: Session, instructions: Iterable[Instruction], person: str) -> list[Instruction]:
    """Those that a person has not confirmed yet."""
    instructions = list(instructions)
    ids = [each.id for each in instructions]
    read = set(
        session.scalars(
            select(InstructionRead.instruction_id).where(
                InstructionRead.person == person, InstructionRead.instruction_id.in_(ids)
            )
        )
    )
    return [each for each in instructions if each.id not in read]


def confirm(session: Session, instructions: Iterable[Instruction], person: str) -> None:
    """Keep that a person has read them."""
    for each in instructions:
        session.merge(InstructionRead(instruction_id=each.id, person=person, client_id=each.client_id, at=now()))
        record(session, each.client_id, "instruction.read", each.id, person=person)


def find_instruction(session: Session, instruction_id: str) -> Instruction:
    """One instruction of the clients in scope. Raises NotFoundError."""
    found = session.scalars(select(Instruction).where(Instruction.id == instruction_id)).one_or_none()
    if found is None:
        raise NotFoundError(instruction_id)
    return found
