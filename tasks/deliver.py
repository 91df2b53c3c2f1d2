"""Deliver: due entries become files in the client's outbox, each document in exactly one file, once, whatever crashes.

A shipment's steps: open (entries frozen in it), write (temp files, synced), commit names, rename (manifest last), finish. Each
is called under the lease; killed between or inside them, the next sweep goes on from what is committed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from schemas.errors import CleardeskError, DeliveryUnavailableError, LeaseLostError
from schemas.lifecycle import ShipmentState
from schemas.narrowing import type_in_process
from schemas.payload import Payload
from schemas.process import Process, Target
from store.blobs import fsync_folder
from store.database import system
from store.definitions import Definition, load_definition
from store.events import chain_heads
from store.outbox import release_held
from store.queue import Lease
from store.shipments import (
    Group,
    ShippedFile,
    any_departure,
    claim_shipments,
    commit_names,
    due_groups,
    finish_shipment,
    give_back_shipment,
    leased_shipment,
    note_stale_worker,
    open_shipment,
    shipment_payloads,
    superseded_payloads,
)
from store.tables import ChainHead, Shipment
from tasks.acknowledge import acknowledge
from tasks.desk import Desk
from tasks.formats.manifest import SUFFIX as MANIFEST
from tasks.formats.manifest import manifest
from tasks.formats.rendered import Rendered, render

log = logging.getLogger(__name__)

ACTOR = system("flow:deliver")
DOCUMENTS_PER_SHIPMENT = 500
LONGEST_DELAY = dt.timedelta(hours=1)


def departures_waiting(desk: Desk) -> bool:
    """Whether anything is due, begun, or held back until its batch is complete."""
    with desk.store.read(ACTOR) as session:
        return any_departure(session)


def deliver(desk: Desk, owner: str) -> list[str]:
    """One sweep: finish what was begun, let complete batches go, ship what is due. Returns the ids of shipments that left."""
    with desk.store.session(ACTOR) as session:
        unfinished = claim_shipments(session, owner, lease=desk.settings.lease)
        release_held(session)
    sent = [lease.id for lease in unfinished if send(desk, lease)]
    with desk.store.read(ACTOR) as session:
        groups = due_groups(session)
    for group in groups:
        sent += _ship_all(desk, group, owner)
    return sent


def _ship_all(desk: Desk, group: Group, owner: str) -> list[str]:
    """Shipment after shipment until nothing of the group is due, or one cannot leave."""
    sent: list[str] = []
    while lease := open_next(desk, group, owner):
        if not send(desk, lease):
            break
        sent.append(lease.id)
    return sent


def open_next(desk: Desk, group: Group, owner: str) -> Lease | None:
    """Open the group's next shipment; None where nothing is due."""
    with desk.store.session(ACTOR) as session:
        return open_shipment(session, group, owner, lease=desk.settings.lease, limit=DOCUMENTS_PER_SHIPMENT)


def send(desk: Desk, lease: Lease) -> bool:
    """Go on from where the shipment stands until it has left. False: it did not leave now; another sweep will see to it."""
    try:
        if _state(desk, lease) is ShipmentState.ASSEMBLING:
            commit_files(desk, lease, write_files(desk, lease))
        rename_files(desk, lease)
        acknowledge(desk, *finish(desk, lease))
    except LeaseLostError:
        log.warning("lease lost", extra={"shipment": lease.id, "epoch": lease.epoch})
        with desk.store.session(ACTOR) as session:
            note_stale_worker(session, lease)
        return False
    except DeliveryUnavailableError as error:
        log.warning("not delivered", extra={"shipment": lease.id, "code": error.code})
        _give_back(desk, lease, error)
        return False
    return True


def _state(desk: Desk, lease: Lease) -> ShipmentState:
    with desk.store.read(ACTOR) as session:
        return ShipmentState(leased_shipment(session, lease).state)


def write_files(desk: Desk, lease: Lease) -> list[ShippedFile]:
    """Write data files and manifest under temp names that carry the lease's epoch: a stale worker writes beside, not over.

    Raises:
        LeaseLostError: another worker has the shipment.
        DeliveryUnavailableError: the folder takes no files, or holds a file of that name.
    """
    with desk.store.read(ACTOR) as session:
        shipment = leased_shipment(session, lease)
        definition = load_definition(session, shipment.definition_id)
        payloads = shipment_payloads(session, shipment.id)
        before = superseded_payloads(session, shipment.id)
        head = next(head for head in chain_heads(session) if head.client_id == shipment.client_id)
    folder = _folder(desk, shipment)
    try:
        with _target_may_fail():
            folder.mkdir(parents=True, exist_ok=True)
            files = _write_data(folder, shipment, definition, payloads, before, lease.epoch)
            files.append(_write_manifest(folder, shipment, definition, payloads, files, head, lease.epoch))
            fsync_folder(folder)
    except DeliveryUnavailableError:
        _clear_temps(folder, shipment, str(lease.epoch))
        raise
    return files


def _folder(desk: Desk, shipment: Shipment) -> Path:
    return desk.outbox(shipment.client_id, shipment.process, shipment.target)


def _stem(shipment: Shipment) -> str:
    return f"{shipment.process}-{shipment.number:06d}"


def _write_data(
    folder: Path,
    shipment: Shipment,
    definition: Definition,
    payloads: list[Payload],
    before: dict[str, Payload],
    epoch: int,
) -> list[ShippedFile]:
    types = [kind for name in definition.process.document_types if (kind := type_in_process(definition.process, name))]
    rendered = render(payloads, types, _target(definition.process, shipment.target), before)
    return [_write(folder, _stem(shipment), one, epoch) for one in rendered]


def _target(process: Process, name: str) -> Target:
    return next(target for target in process.delivery if target.name == name)


def _write_manifest(
    folder: Path,
    shipment: Shipment,
    definition: Definition,
    payloads: list[Payload],
    files: list[ShippedFile],
    head: ChainHead,
    epoch: int,
) -> ShippedFile:
    content = manifest(shipment, definition.number, payloads, files, head)
    return _write(folder, _stem(shipment), Rendered(MANIFEST, content, len(payloads)), epoch)


def _write(folder: Path, stem: str, rendered: Rendered, epoch: int) -> ShippedFile:
    name = stem + rendered.suffix
    _refuse_overwriting(folder / name)
    temp = folder / f".{name}.{epoch}.tmp"
    with temp.open("wb") as stream:
        stream.write(rendered.content)
        stream.flush()
        os.fsync(stream.fileno())
    digest = hashlib.sha256(rendered.content).hexdigest()
    return ShippedFile(name, temp.name, digest, len(rendered.content), rendered.rows)


def _refuse_overwriting(path: Path) -> None:
    if path.exists():
        raise DeliveryUnavailableError(f"{path.name} is in the outbox already; it is never overwritten")


def commit_files(desk: Desk, lease: Lease, files: list[ShippedFile]) -> None:
    """Commit the temp names. Where the lease is lost, our own temp files are taken away again. Raises LeaseLostError."""
    try:
        with desk.store.session(ACTOR) as session:
            commit_names(session, lease, files)
    except LeaseLostError:
        with desk.store.read(ACTOR) as session:
            shipment = session.get_one(Shipment, lease.id)
        _clear_temps(_folder(desk, shipment), shipment, str(lease.epoch))
        raise


def rename_files(desk: Desk, lease: Lease) -> None:
    """Make the files visible, the manifest last. A temp file that is gone was renamed by whoever had the lease before.

    Raises:
        LeaseLostError: another worker has the shipment. DeliveryUnavailableError: the folder is not there.
    """
    with desk.store.read(ACTOR) as session:
        shipment = leased_shipment(session, lease)
    folder = _folder(desk, shipment)
    files = [ShippedFile(**file) for file in shipment.files]
    with _target_may_fail():
        for file in files[:-1]:
            _rename(folder / file.temp, folder / file.name)
        fsync_folder(folder)
        _rename(folder / files[-1].temp, folder / files[-1].name)
        fsync_folder(folder)
    _clear_temps(folder, shipment, "*")  # of workers that died while writing


def _rename(temp: Path, final: Path) -> None:
    if final.exists() and temp.exists():
        _refuse_overwriting(final)
    try:
        temp.rename(final)
    except FileNotFoundError:
        if not temp.parent.is_dir():
            raise


def _clear_temps(folder: Path, shipment: Shipment, epoch: str) -> None:
    """Take away temp files of an epoch (or of all, `*`) that nobody will rename any more."""
    with suppress(OSError):
        for leftover in folder.glob(f".{_stem(shipment)}[.-]*.{epoch}.tmp"):
            leftover.unlink(missing_ok=True)


def finish(desk: Desk, lease: Lease) -> list[str]:
    """Enter into the books that the shipment has left. Returns the receipts whose documents are delivered now.

    Raises:
        LeaseLostError: another worker has the shipment.
    """
    with desk.store.session(ACTOR) as session:
        return finish_shipment(session, lease)


def _give_back(desk: Desk, lease: Lease, error: CleardeskError) -> None:
    with desk.store.read(ACTOR) as session:
        attempts = session.get_one(Shipment, lease.id).attempts
    delay = min(dt.timedelta(seconds=desk.settings.retry_seconds) * 2 ** min(attempts - 1, 20), LONGEST_DELAY)
    try:
        with desk.store.session(ACTOR) as session:
            give_back_shipment(session, lease, error.code, delay=delay)
    except CleardeskError as lost:
        log.warning("not given back; the lease will expire", extra={"shipment": lease.id, "code": lost.code})


@contextmanager
def _target_may_fail() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DeliveryUnavailableError(f"the outbox took no files: {error.strerror}") from error
