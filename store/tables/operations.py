"""What ops do and must know: pauses, flow marks, alerts."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.tables.base import Base


class Pause(Base):
    """Ops stopped intake, work or delivery of one client, process or target, with a reason."""

    __tablename__ = "pauses"

    id: Mapped[str] = mapped_column(primary_key=True)
    what: Mapped[str]  # intake | work | delivery
    client_id: Mapped[str]
    process: Mapped[str | None]
    target: Mapped[str | None]
    reason: Mapped[str]
    by: Mapped[str]
    at: Mapped[dt.datetime]
    lifted_at: Mapped[dt.datetime | None]
    lifted_by: Mapped[str | None]


class FlowMark(Base):
    """When each flow last ran here and how it ended: what our own alerts look at, whatever Prefect knows."""

    __tablename__ = "flow_marks"

    flow: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    beat_at: Mapped[dt.datetime | None]
    error: Mapped[str | None]


class Alert(Base):
    """Something ops must know: raised once per cause, cleared when the cause is gone."""

    __tablename__ = "alerts"
    __table_args__ = (Index("alerts_cause", "cause"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    cause: Mapped[str]
    message: Mapped[str] = mapped_column(Text)
    remedy: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[dt.datetime]
    cleared_at: Mapped[dt.datetime | None]
