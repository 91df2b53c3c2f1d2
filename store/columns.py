"""Column types that behave the same on SQLite and PostgreSQL: aware UTC instants, money, and boxes as JSON."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator, TypeEngine

MONEY_SCALE = Decimal(10000)


class UtcInstant(TypeDecorator[dt.datetime]):
    """An aware instant: TIMESTAMPTZ on PostgreSQL, sortable ISO text on SQLite, always UTC with microseconds."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(DateTime(timezone=True))
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time reached the store; times are aware UTC")
        value = value.astimezone(dt.UTC)
        return value if dialect.name == "postgresql" else value.isoformat(timespec="microseconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        instant = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
        return instant.astimezone(dt.UTC)


class Money(TypeDecorator[Decimal]):
    """An amount with four decimals, kept as an integer of ten-thousandths.

    SQLite has no decimals, and PostgreSQL finds a NUMERIC by no index once the table has policies (`store.row_security`): it
    does not know its comparisons as leakproof, but those of integers.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return None if value is None else int((value * MONEY_SCALE).to_integral_value())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / MONEY_SCALE
