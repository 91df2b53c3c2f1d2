"""Define: import a client's folder of definitions; everything is checked before anything is written."""

from __future__ import annotations

from pathlib import Path

from schemas.document_type import document_types
from schemas.errors import DefinitionError
from schemas.process import Process
from schemas.yaml_file import line_in, load_yaml
from store.database import system
from store.definitions import current_definitions, import_client, import_process
from tasks.desk import RECEIPTS, Desk
from validations.definitions import check_rules

ACTOR = system("command:client")
CLIENT_FILE = "client.yaml"


def import_folder(desk: Desk, folder: Path) -> list[str]:
    """Import `client.yaml` and every process beside it, and make their folders. Returns `client/process` names.

    Raises:
        DefinitionError: something is wrong; nothing was imported.
    """
    if not (folder / CLIENT_FILE).is_file():
        raise DefinitionError("there is no client.yaml in this folder", file=str(folder), mend="add one")
    files = sorted(path for path in folder.glob("*.yaml") if path.name != CLIENT_FILE)
    for path in files:
        check_process(path)
    with desk.store.session(ACTOR) as session:
        import_client(session, folder / CLIENT_FILE)
        processes = [import_process(session, path) for path in files]
    for process in processes:
        desk.inbox(process.client, process.process).mkdir(parents=True, exist_ok=True)
        for target in process.delivery:
            desk.outbox(process.client, process.process, target.name).mkdir(parents=True, exist_ok=True)
    return [f"{process.client}/{process.process}" for process in processes]


def check_process(path: Path) -> Process:
    """Load one process definition and check what its model alone cannot. Raises DefinitionError."""
    process = load_yaml(path, Process)
    types = document_types()
    for name in process.document_types:
        if name not in types:
            known = ", ".join(types)
            raise DefinitionError(f"there is no document type `{name}`", file=str(path), mend=f"known are {known}")
    if process.process == RECEIPTS:
        raise DefinitionError("a process cannot be called `receipts`", file=str(path), mend="choose another name")
    names = [target.name for target in process.delivery]
    if len(names) != len(set(names)):
        raise DefinitionError("two delivery targets have one name", file=str(path), mend="name each target apart")
    text = path.read_text(encoding="utf-8")
    check_rules(process, types, file=str(path), text=text)
    _check_permission(process, file=str(path), text=text)
    return process


def _check_permission(process: Process, *, file: str, text: str) -> None:
    """Refuse fields for the language model that none of the types has: a misspelt one would never be asked for."""
    known: set[str] = set()
    for kind in (document_types()[name] for name in process.document_types):
        known |= {*kind.fields, *kind.tables}
        known |= {f"{name}.{column}" for name, table in kind.tables.items() for column in table.columns}
    for number, name in enumerate(process.language_model.fields):
        if name not in known:
            line = line_in(text, ["language_model", "fields", number])
            mend = "use a field, a table, or table.column"
            raise DefinitionError(f"language_model.fields: there is no field `{name}`", file=file, line=line, mend=mend)


def defined_processes(desk: Desk) -> list[dict[str, object]]:
    """The newest version of every process."""
    with desk.store.read(ACTOR) as session:
        return [
            {"client": d.process.client, "process": d.process.process, "version": d.number}
            for d in current_definitions(session)
        ]
