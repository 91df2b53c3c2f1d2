"""Who we work for, and what was agreed."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.tables.base import Base, Tenant


class Client(Base):
    """Who we work for."""

    __tablename__ = "clients"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    yaml: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime]


class ProcessDefinition(Tenant, Base):
    """One version of a process definition, with the master data that came with it; never changed, only followed by another."""

    __tablename__ = "process_definitions"
    __table_args__ = (UniqueConstraint("client_id", "process", "number"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    process: Mapped[str]
    number: Mapped[int]
    sha256: Mapped[str]
    yaml: Mapped[str] = mapped_column(Text)
    master_data: Mapped[dict[str, Any]]  # name -> list of rows
    forms: Mapped[dict[str, Any]] = mapped_column(default=dict)  # scorecard -> its YAML
    created_at: Mapped[dt.datetime]
