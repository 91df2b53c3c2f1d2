"""Client and process definitions: database rows are the truth, files are imported; every change is a new version."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from schemas.clock import now
from schemas.errors import DefinitionError
from schemas.ids import new_id
from schemas.process import Client, Process
from schemas.scorecard import form_text, parse_form
from schemas.yaml_file import load_yaml, parse_yaml
from store.events import canonical, record, start_chain
from store.tables import Client as ClientRow
from store.tables import ProcessDefinition


@dataclass(frozen=True)
class Definition:
    """One version of a process, ready to use: checked process, its client, and the master data rows that came with it."""

    id: str
    number: int
    process: Process
    client: Client
    master_data: dict[str, list[dict[str, str]]]
    forms: dict[str, str] = field(default_factory=dict)  # the process's own scorecards, as YAML


def import_client(session: Session, path: Path) -> Client:
    """Import or update a client from its YAML file. Raises DefinitionError."""
    client = load_yaml(path, Client)
    row = session.get(ClientRow, client.client)
    text = path.read_text(encoding="utf-8")
    if row is None:
        session.add(ClientRow(id=client.client, name=client.name, yaml=text, created_at=now()))
        session.flush()
        start_chain(session, client.client)
    elif row.yaml == text:
        return client
    else:
        row.name, row.yaml = client.name, text
    record(session, client.client, "client.defined", client.client, sha256=_sha256(text))
    return client


def import_process(session: Session, path: Path) -> Process:
    """Import a process definition and its master data; a new version only where something changed. Raises DefinitionError."""
    process = load_yaml(path, Process)
    if session.get(ClientRow, process.client) is None:
        raise DefinitionError(
            f"client {process.client} is not defined", file=str(path), mend="import client.yaml first"
        )
    text = path.read_text(encoding="utf-8")
    master_data = {name: _rows(path.parent / file) for name, file in process.master_data.items()}
    forms = _forms(path.parent, process)
    digest = _sha256(text + canonical(master_data) + canonical(forms))
    latest = _latest(session, process.client, process.process)
    if latest is not None and latest.sha256 == digest:
        return process
    row = ProcessDefinition(
        id=new_id("def"),
        client_id=process.client,
        process=process.process,
        number=(latest.number if latest else 0) + 1,
        sha256=digest,
        yaml=text,
        master_data=master_data,
        forms=forms,
        created_at=now(),
    )
    session.add(row)
    record(
        session, process.client, "process.defined", row.id, process=process.process, number=row.number, sha256=digest
    )
    return process


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))
    except OSError as error:
        raise DefinitionError("the master data file is not there", file=str(path)) from error


def _forms(folder: Path, process: Process) -> dict[str, str]:
    """The scorecards that lie beside the definition, checked; those that ship with Cleardesk are left out."""
    found = {}
    for name in {*process.contacts.forms.values()}:
        path = folder / "scorecards" / f"{name}.yaml"
        if path.exists():
            found[name] = path.read_text(encoding="utf-8")
            parse_form(found[name], file=str(path))
        else:
            form_text(name, {})
    return found


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _latest(session: Session, client_id: str, process: str) -> ProcessDefinition | None:
    newest = select(func.max(ProcessDefinition.number)).where(
        ProcessDefinition.client_id == client_id, ProcessDefinition.process == process
    )
    return session.scalars(
        select(ProcessDefinition).where(
            ProcessDefinition.client_id == client_id,
            ProcessDefinition.process == process,
            ProcessDefinition.number == newest.scalar_subquery(),
        )
    ).one_or_none()


def current_definitions(session: Session) -> list[Definition]:
    """The newest version of every process."""
    pairs = session.execute(select(ProcessDefinition.client_id, ProcessDefinition.process).distinct()).all()
    latest = (_latest(session, client_id, process) for client_id, process in sorted(map(tuple, pairs)))
    return [load_definition(session, row.id) for row in latest if row is not None]


def load_definition(session: Session, definition_id: str) -> Definition:
    """A definition by id; versions never change, so they are kept in memory once parsed."""
    if definition_id not in _parsed:
        row = session.get_one(ProcessDefinition, definition_id)
        client = session.get_one(ClientRow, row.client_id)
        _parsed[definition_id] = Definition(
            id=row.id,
            number=row.number,
            process=parse_yaml(row.yaml, Process, file=f"{row.client_id}/{row.process} v{row.number}"),
            client=parse_yaml(client.yaml, Client, file=f"{row.client_id}/client.yaml"),
            master_data=row.master_data,
            forms=row.forms,
        )
    return _parsed[definition_id]


_parsed: dict[str, Definition] = {}
