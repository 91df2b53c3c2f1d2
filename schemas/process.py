"""A process: one kind of work agreed with a client. Defined in YAML, imported into the database, versioned by its sha256."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.values import Severity


def _share(value: object) -> object:
    """`99.5%` or `0.995` -> Decimal share."""
    text = str(value).strip()
    return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)


def _duration(value: object) -> object:
    """`30m`, `4h`, `2d` -> timedelta. For an SLA these are counted on the calendar's open hours; a day is one business day."""
    match = re.fullmatch(r"(\d+)\s*(m|h|d)", str(value).strip())
    if not match:
        raise ValueError("write a duration as 30m, 4h or 2d")
    amount = int(match[1])
    return {"m": dt.timedelta(minutes=amount), "h": dt.timedelta(hours=amount), "d": dt.timedelta(days=amount)}[
        match[2]
    ]


Share = Annotated[Decimal, BeforeValidator(_share), Field(ge=0, le=1)]
Duration = Annotated[dt.timedelta, BeforeValidator(_duration)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Intake(_Strict):
    """How documents arrive. A file is taken when it has not changed for `stable_for`."""

    folder: bool = True
    duplicates: Literal["suppress", "hold", "accept"] = "hold"
    stable_for: Duration = dt.timedelta(seconds=0)
    silent_after: Duration | None = None  # alert when nothing came for so long (open hours)


class FieldSetting(_Strict):
    """What this process changes about a document type's field."""

    required: bool | None = None
    critical: bool | None = None
    double_key: bool | None = None
    ignore: bool = False


class RuleSetting(BaseModel):
    """One rule of the rule book with its parameters; unknown ones are refused when the process is loaded.

    A setting replaces the default rule of the same name on the same fields; `enabled: false` takes it out.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    rule: str
    severity: Severity | None = None  # None: the rule's own
    enabled: bool = True

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class CalendarSetting(_Strict):
    """Business time: country and subdivision holidays, open hours, the client's closures and half days.

    `hours` is "HH:MM-HH:MM" in the client's time zone; `weekdays` 0 = Monday; `closures` are dates or `from/to` ranges;
    `half_days` close at `half_day_ends`.
    """

    country: str = "DE"
    subdivision: str | None = None
    hours: str = "08:00-18:00"
    weekdays: list[int] = [0, 1, 2, 3, 4]
    closures: list[dt.date] = []
    half_days: list[dt.date] = []
    half_day_ends: str = "12:00"

    @model_validator(mode="after")
    def _hours_are_in_order(self) -> CalendarSetting:
        opens, closes = (dt.time.fromisoformat(part) for part in self.hours.split("-"))
        if opens >= closes:
            raise ValueError("hours must open before they close")
        return self


class Sla(_Strict):
    """By when the data must be back. The clock starts at receipt and stands still while the client owes an answer."""

    turnaround: Duration = dt.timedelta(hours=8)
    calendar: CalendarSetting = CalendarSetting()
    warn_at: Share = Decimal("0.8")


class Accuracy(_Strict):
    """The promise: at least `target` of fields right, with `confidence`."""

    target: Share = Decimal("0.995")
    confidence: Share = Decimal("0.95")


class Review(_Strict):
    """Where exceptions go, and the provisional thresholds until a certificate says better."""

    queues: dict[str, str] = {"default": "review"}  # "default" or a document type -> queue
    accept_above: Share = Decimal("0.90")  # provisional: least probability of each critical or required field
    four_eyes_above: Decimal | None = None


class Target(_Strict):
    """One delivery target: the client's outbox folder, a format, and when.

    `when`: `at_once`, `batch` (when the batch is complete) or times of day such as `["12:00", "17:00"]` in the client's zone.
    `reader`: `human` defuses spreadsheet formulas, `machine` alters nothing.
    """

    to: Literal["folder"] = "folder"
    name: str = "outbox"
    format: Literal["csv", "jsonl", "xlsx"] = "csv"
    when: Literal["at_once", "batch"] | list[str] = "at_once"
    reader: Literal["human", "machine"] = "human"


class Process(_Strict):
    """One process definition, checked."""

    process: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    client: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str = ""
    document_types: list[str] = Field(min_length=1)
    languages: list[str] = ["de", "en"]
    intake: Intake = Intake()
    fields: dict[str, FieldSetting] = {}
    rules: list[RuleSetting] = []
    master_data: dict[str, str] = {}  # "supplier" -> CSV file beside the definition
    sla: Sla = Sla()
    accuracy: Accuracy = Accuracy()
    review: Review = Review()
    delivery: list[Target] = Field(default=[Target()], min_length=1)
    profile: Literal["fast"] = "fast"


class Client(_Strict):
    """Who we work for; the tenant."""

    client: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    name: str
    time_zone: str = "Europe/Berlin"
    language: str = "de"
    country: str = "DE"
