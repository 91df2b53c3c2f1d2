"""What every table shares: python types decide column types; tenants; leases."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from store.columns import Money, UtcInstant


class Base(DeclarativeBase):
    """Base of all tables; python types decide column types in one place."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        dt.datetime: UtcInstant(),
        Decimal: Money(),
        str: String(),
        dict[str, Any]: JSON(),
        list[Any]: JSON(),
    }


class Tenant:
    """A row that belongs to one client; `store.session` filters on it."""

    client_id: Mapped[str] = mapped_column(ForeignKey("clients.id"), index=True)


class Leased:
    """A row that is worked on under a lease: owner, expiry, and an epoch that every later write must match."""

    lease_owner: Mapped[str | None]
    lease_expires_at: Mapped[dt.datetime | None]
    lease_epoch: Mapped[int] = mapped_column(default=0)
