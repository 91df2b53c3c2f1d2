"""`python -m tests.offline.one_pass`: what the flows do, once, in one process and without Prefect; prints what became of it."""

from __future__ import annotations

from flows.environment import prepare_environment
from reading.pool import ReaderPool
from schemas.settings import load_settings
from tasks.audit_shipments import audit_shipment, unaudited_shipments
from tasks.chunks import Chunks
from tasks.deliver import deliver
from tasks.desk import open_desk
from tasks.receive import sweep_inboxes
from tasks.register import register_receipts
from tasks.work import work_on


def main() -> None:
    """From the inbox to an audited shipment."""
    settings = load_settings()
    prepare_environment(settings)
    desk = open_desk(settings)
    with ReaderPool(1) as pool:
        received = len(sweep_inboxes(desk))
        while register_receipts(desk, pool, "once"):
            pass
        chunks = Chunks(desk, "once")
        while leases := chunks.take():
            work_on(desk, pool, leases)
    shipped = len(deliver(desk, "once"))
    audited = sum(len(audit_shipment(desk, shipment)) for shipment in unaudited_shipments(desk))
    desk.close()
    print(f"received {received}, shipped {shipped}, audited {audited}")


if __name__ == "__main__":
    main()
