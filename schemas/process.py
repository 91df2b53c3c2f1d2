"""A process: one kind of work agreed with a client. Defined in YAML, kept in the database, versioned by its sha256."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.quality import Gate
from schemas.values import Severity


def _share(value: object) -> object:
    """`99.5%` or `0.995` -> Decimal share."""
    text = str(value).strip()
    return Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)


def _duration(value: object) -> object:
    """`30m`, `4h`, `2d` -> timedelta."""
    if isinstance(value, dt.timedelta):
        return value
    match = re.fullmatch(r"(\d+)\s*(m|h|d)", str(value).strip())
    if not match:
        raise ValueError("write a duration as 30m, 4h or 2d")
    unit = {"m": dt.timedelta(minutes=1), "h": dt.timedelta(hours=1), "d": dt.timedelta(days=1)}[match[2]]
    return int(match[1]) * unit


@dataclass(frozen=True)
class Turnaround:
    """How long the work may take: open time, or whole business days (`2d`; `48h` are 48 open hours)."""

    open_time: dt.timedelta = dt.timedelta()
    business_days: int = 0


def _turnaround(value: object) -> object:
    """`30m`, `4h`, `2d` -> Turnaround."""
    if isinstance(value, Turnaround | dict):
        return value
    days = re.fullmatch(r"(\d+)\s*d", str(value).strip())
    return Turnaround(business_days=int(days[1])) if days else Turnaround(open_time=_duration(value))  # type: ignore[arg-type]


def days_in(entry: object) -> list[dt.date]:
    """A date, or a range `2026-12-24/2026-12-31` with both ends included. Raises ValueError."""
    first, _, last = str(entry).strip().partition("/")
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)
    if start > end:
        raise ValueError("a range of days must not end before it begins")
    return [start + dt.timedelta(days=n) for n in range((end - start).days + 1)]


def _all_days(value: object) -> object:
    return [day for entry in value for day in days_in(entry)] if isinstance(value, list) else value


def _minutes(clock: str) -> int:
    """`08:30` -> minutes since midnight; `24:00` is the end of the day."""
    match = re.fullmatch(r"(\d{2}):(\d{2})", clock.strip())
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if not match or int(match[2]) > 59 or minutes > 24 * 60:
        raise ValueError("write a time of day as HH:MM, up to 24:00")
    return minutes


def _time_of_day(value: object) -> object:
    """`"12:00"` -> time. Without quotes YAML reads it as a number, which is refused."""
    if isinstance(value, dt.time):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError('write a time of day as "HH:MM", with the quotes')
    return dt.time.fromisoformat(value)


def _yaml_true(value: object) -> object:
    """YAML reads the word `true` as a truth value."""
    return "true" if value is True else value


Wanted = Annotated[Literal["printed", "true"], BeforeValidator(_yaml_true)]
Share = Annotated[Decimal, BeforeValidator(_share), Field(ge=0, le=1)]
Duration = Annotated[dt.timedelta, BeforeValidator(_duration)]
Days = Annotated[list[dt.date], BeforeValidator(_all_days)]
Weekday = Annotated[int, Field(ge=0, le=6)]
TimeOfDay = Annotated[dt.time, BeforeValidator(_time_of_day)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Split(_Strict):
    """How a file that holds several documents is taken apart: at separator sheets, and where a page looks like a first one."""

    separators: list[Annotated[str, Field(min_length=3)]] = Field(
        [], description="What the barcodes (or the few words) of separator sheets say."
    )
    first_pages: bool = Field(False, description="Also cut where a page looks like the first page of a document.")


class Intake(_Strict):
    """How documents arrive."""

    folder: bool = Field(True, description="Whether the process has a folder inbox.")
    duplicates: Literal["suppress", "hold", "accept"] = Field(
        "hold",
        description="What becomes of bytes that came before: set aside, held for a decision, or worked on again.",
    )
    stable_for: Duration = Field(
        dt.timedelta(seconds=0), description="A file is taken when it has not changed for so long."
    )
    split: Split | None = Field(None, description="For batch scans; without it each file is one document.")
    silent_after: Duration | None = Field(None, description="Alert when nothing came for so long, in open hours.")


class FieldSetting(_Strict):
    """What this process changes about a document type's field."""

    required: bool | None = Field(None, description="The document must have it.")
    critical: bool | None = Field(None, description="A wrong value makes the whole document wrong.")
    four_eyes: bool = Field(False, description="A person's change of it needs a second person's agreement.")
    double_key: bool = Field(
        False,
        description="Always keyed by people who see no value, until two independent keys agree: what was read from the page "
        "is a key; what a language model, supplier memory or master data say is none.",
    )
    ignore: bool = Field(False, description="The field is neither looked for nor delivered.")
    wanted: Wanted = Field(
        "true",
        description="What people enter: the true value, for which supplier memory may stand in where the print is worse; "
        "or always what is printed.",
    )


class RuleSetting(BaseModel):
    """One rule of the rule book with its parameters; unknown ones are refused when the process is loaded.

    A setting replaces the default rule of the same name on the same fields; `enabled: false` takes it out.
    """

    model_config = ConfigDict(extra="allow", frozen=True)

    rule: str = Field(description="The rule's name; its parameters stand beside it, see rules.md.")
    severity: Severity | None = Field(
        None, description="An error stops delivery, a warning is shown; none: the rule's own."
    )
    enabled: bool = Field(True, description="false takes a default rule out.")

    @property
    def parameters(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class CalendarSetting(_Strict):
    """Business time: country and subdivision holidays, open hours, the client's closures and half days."""

    country: str = Field("DE", description="Whose public holidays are closed days (ISO 3166-1).")
    subdivision: str | None = Field(
        None, description="State or region whose holidays count too (ISO 3166-2 without country)."
    )
    hours: str = Field("08:00-18:00", description='Open hours "HH:MM-HH:MM" in the client\'s time zone.')
    weekdays: list[Weekday] = Field([0, 1, 2, 3, 4], min_length=1, description="Open days; 0 is Monday.")
    closures: Days = Field([], description="More closed days: dates, or ranges 2026-12-24/2026-12-31.")
    half_days: Days = Field([], description="Days that close at half_day_ends.")
    half_day_ends: str = Field("12:00", description="When a half day closes.")

    @model_validator(mode="after")
    def _hours_are_in_order(self) -> CalendarSetting:
        if self.opens_at >= self.closes_at:
            raise ValueError("hours must open before they close")
        if self.half_days and self.opens_at >= self.half_day_closes_at:
            raise ValueError("half_day_ends must be after the hours open")
        return self

    @property
    def opens_at(self) -> int:
        """Minutes since midnight."""
        return _minutes(self.hours.partition("-")[0])

    @property
    def closes_at(self) -> int:
        """Minutes since midnight; 1440 is the end of the day."""
        return _minutes(self.hours.partition("-")[2])

    @property
    def half_day_closes_at(self) -> int:
        """Minutes since midnight."""
        return min(_minutes(self.half_day_ends), self.closes_at)


class Sla(_Strict):
    """By when the data must be back. The clock starts at receipt and stands still while the client owes an answer."""

    turnaround: Annotated[Turnaround, BeforeValidator(_turnaround)] = Field(
        Turnaround(open_time=dt.timedelta(hours=8)), description="30m or 4h of open time, or 2d whole business days."
    )
    calendar: CalendarSetting = Field(CalendarSetting(), description="When time counts.")
    warn_at: Share = Field(
        Decimal("0.8"), description="After this share of the time a document is pressing; noted, not acted on yet."
    )
    weight: Annotated[int, Field(ge=1, le=10)] = Field(
        1, description="What lateness costs here beside other processes, 1 to 10: more is reviewed earlier."
    )


class Accuracy(_Strict):
    """The promise: at least `target` of fields right, with `confidence`."""

    target: Share = Field(Decimal("0.995"), description="The share of fields that are right.")
    confidence: Share = Field(Decimal("0.95"), description="How sure the proof must be.")


class Plan(_Strict):
    """How many values of a lot are keyed again: a two-point plan, or with `aql` the tables of ISO 2859-1."""

    prq: Share = Field(Decimal("0.0025"), description="Share of wrong values at which a lot should pass.")
    crq: Share = Field(Decimal("0.01"), description="Share of wrong values at which a lot should not pass.")
    producer_risk: Share = Field(Decimal("0.05"), description="Chance that a lot of quality prq is refused.")
    consumer_risk: Share = Field(Decimal("0.10"), description="Chance that a lot of quality crq passes.")
    aql: Decimal | None = Field(None, gt=0, description="Acceptance quality limit in percent: ISO 2859-1 instead.")
    level: Literal["I", "II", "III", "S-1", "S-2", "S-3", "S-4"] = Field("II", description="Inspection level for aql.")

    @model_validator(mode="after")
    def _points_are_in_order(self) -> Plan:
        if self.prq >= self.crq:
            raise ValueError("prq must be below crq")
        return self


class AuditSetting(_Strict):
    """How delivered work is audited by blind keys: lots with their plans, and random values for certificates."""

    plan: Plan | None = Field(None, description="The plan for critical fields; without it there are no lots.")
    other_plan: Plan | None = Field(None, description="The plan for the other fields; without it they are not sampled.")
    lot: Literal["day", "rolling"] = Field("day", description="A lot a business day, or by size and time.")
    lot_size: int = Field(500, ge=1, description="Documents after which a lot closes.")
    lot_time: Duration = Field(dt.timedelta(hours=2), description="After so long a rolling lot closes.")
    gate: Gate = Field(Gate.AFTER_DELIVERY, description="Whether delivery waits for the lot's verdict.")
    rate: Share = Field(
        Decimal(0), description="Share of documents of which one random field is keyed blind, for certificates."
    )
    document_rate: Share = Field(
        Decimal(0), description="Share of documents of which every critical field is keyed blind, for the document's."
    )
    decisions_rate: Share = Field(
        Decimal(0),
        description="Share of rejections, document types and line counts that a second person decides blind.",
    )
    seed_rate: Share = Field(
        Decimal(0), description="Known answers put before reviewers, as a share of the tasks that they take."
    )
    check_people: bool = Field(
        False, description="true: of what a person finished a value is keyed blind, new people's always."
    )
    queue: str = Field("audit", description="The queue of blind keys and adjudications.")
    seconds_per_value: int = Field(8, ge=1, description="What keying one value takes, for a plan's cost.")


class ContactSetting(_Strict):
    """How contacts are judged: transcripts are drawn for each agent and month, and scored by forms."""

    forms: dict[str, str] = Field(
        {},
        description='The scorecard by channel ("default" for the others): `scorecards/NAME.yaml` beside the definition, or '
        "call, mail or chat as shipped. Channels that are not named are not drawn.",
    )
    per_agent: int = Field(5, ge=1, description="How many contacts of each agent are drawn a month.")


class Review(_Strict):
    """Where exceptions go, and the provisional thresholds until a certificate says better."""

    queues: dict[str, str] = Field(
        {"default": "review"}, description='Queue by document type; "default" for the others.'
    )
    skills: dict[str, str] = Field(
        {}, description="Skill that a reviewer needs, by document type; types that are not named need none."
    )
    accept_above: Share = Field(
        Decimal("0.90"), description="Provisional: the least probability of each critical or required field."
    )
    four_eyes_above: Decimal | None = Field(None, description="From this total on a second person must agree.")


class Learning(_Strict):
    """Whether corrections teach."""

    enabled: bool = Field(
        True, description="false: neither models nor supplier memory are made or used in this process."
    )


class LanguageModel(_Strict):
    """Whether the text of this process's documents may be sent to the language model that the desk is set up with."""

    allowed: bool = Field(False, description="true: the client has agreed; without it nothing is ever sent.")
    fields: list[str] = Field(
        [], description="What it is asked for: gross_total, line_items, line_items.unit; none: every field."
    )


class Target(_Strict):
    """One delivery target: the client's outbox folder, a format, and when."""

    to: Literal["folder"] = Field("folder", description="Where to: a folder of the client's outbox.")
    name: str = Field("outbox", pattern=r"^[a-z0-9][a-z0-9-]*$", description="The folder's name.")
    format: Literal["csv", "jsonl", "xlsx"] = Field("csv", description="The form of the data files.")
    when: Literal["at_once", "batch"] | Annotated[list[TimeOfDay], Field(min_length=1)] = Field(
        "at_once",
        description='At once, when the batch is complete, or at times of day in the client\'s zone: ["12:00", "17:00"].',
    )
    corrections: Literal["replace", "delta", "list"] = Field(
        "replace",
        description="What a corrected delivery holds: the whole record again, only what differs, or a list for a person.",
    )
    reader: Literal["human", "machine"] = Field(
        "human", description="For people spreadsheet formulas are defused; for machines nothing is altered."
    )


class Process(_Strict):
    """One process definition, checked."""

    process: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="The process's name, in folders and files.")
    client: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Whose process it is.")
    title: str = Field("", description="What people call it.")
    document_types: list[str] = Field(min_length=1, description="What is read: invoice, credit_note, receipt.")
    languages: list[str] = Field(["de", "en"], description="The languages of the documents, the likeliest first.")
    intake: Intake = Field(Intake(), description="How documents arrive.")
    fields: dict[str, FieldSetting] = Field({}, description="Changes to fields, by name: iban, line_items.unit.")
    rules: list[RuleSetting] = Field([], description="Rules beside the default ones.")
    master_data: dict[str, str] = Field({}, description="`supplier`: the CSV file beside the definition.")
    sla: Sla = Field(Sla(), description="By when the data must be back.")
    accuracy: Accuracy = Field(Accuracy(), description="The promised accuracy.")
    audit: AuditSetting = Field(AuditSetting(), description="How the promise is proven: lots and blind keys.")
    contacts: ContactSetting = Field(ContactSetting(), description="How agents' contacts are judged by scorecards.")
    review: Review = Field(Review(), description="Where exceptions go, and who may decide.")
    learning: Learning = Field(Learning(), description="Whether corrections teach.")
    language_model: LanguageModel = Field(LanguageModel(), description="Whether a language model may be asked.")
    delivery: list[Target] = Field([Target()], min_length=1, description="Where the data goes.")
    profile: Literal["fast", "accurate", "double"] = Field(
        "accurate",
        description="Which reader reads scanned pages: `fast` is Tesseract; `accurate` is PP-OCR, which reads far more words "
        "right and takes two to three times as long; `double` is PP-OCR with chosen values read again.",
    )

    @model_validator(mode="after")
    def _targets_have_names_of_their_own(self) -> Process:
        names = [target.name for target in self.delivery]
        if len(set(names)) != len(names):
            raise ValueError("each delivery target needs a name of its own")
        return self


class Client(_Strict):
    """Who we work for; the tenant."""

    client: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="The client's name, in folders and files.")
    name: str = Field(description="What the client is called on paper.")
    time_zone: str = Field("Europe/Berlin", description="The zone of its business day (IANA name).")
    language: str = Field("de", description="The language of receipts.")
    country: str = Field("DE", description="Where it is at home (ISO 3166-1).")
