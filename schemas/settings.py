"""Deployment settings: where things are and how much they may cost. From the environment, prefix `CLEARDESK_`.

Built once in each entrance and passed down; what is agreed with a client stands in process definitions instead.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.errors import SettingsError

LOOPBACK = frozenset(("http", host) for host in ("localhost", "127.0.0.1", "::1"))


class Settings(BaseSettings):
    """One desk's deployment."""

    model_config = SettingsConfigDict(env_prefix="CLEARDESK_", extra="ignore", frozen=True)

    desk: Path = Field(Path("desk"), description="The folder that holds database, blobs, inboxes and outboxes.")
    database_url: str = Field("", description="PostgreSQL address; empty: SQLite in the desk folder.")
    blobs_url: str = Field("", description="fsspec address of the blob store; empty: `blobs/` in the desk folder.")
    sqlite_journal: Literal["auto", "wal", "rollback"] = Field(
        "auto", description="SQLite journal; auto avoids WAL on releases with the WAL-reset race."
    )
    readers: int = Field(0, ge=0, description="Reader processes per flow process; 0: one per core.")
    task_runner: Literal["threads", "dask"] = Field("threads", description="Prefect task runner of the process flow.")
    chunk_pages: int = Field(10, ge=1, description="Scanned documents or pages claimed per task run.")
    sweep_seconds: int = Field(600, ge=1, description="How long one scheduled run sweeps at most.")
    lease_seconds: float = Field(120.0, gt=0, description="How long a claim holds without a heartbeat.")
    max_attempts: int = Field(5, ge=1, description="Tries before a document goes to ops as failed.")
    retry_seconds: float = Field(10.0, ge=0, description="First delay before another try; it doubles each time.")
    inbox_stable_seconds: float = Field(5.0, ge=0, description="A file must not have changed for so long.")
    inbox_every: int = Field(30, ge=1, description="Seconds between two looks at the inboxes.")
    process_every: int = Field(30, ge=1, description="Seconds between two looks at an empty work queue.")
    deliver_every: int = Field(60, ge=1, description="Seconds between two looks at the outbox.")
    report_every: int = Field(900, ge=1, description="Seconds between scheduled report runs.")
    audit_every: int = Field(600, ge=1, description="Seconds between two looks at lots and certificates.")
    cost_per_hour: Decimal = Field(
        Decimal(0), ge=0, description="What an hour of a reviewer costs, for the ops report; 0: not told."
    )
    learn_every: int = Field(3600, ge=1, description="Seconds between two looks at whether there is enough to learn.")
    learn_after: int = Field(
        20, ge=1, description="A model learns again after so many newly corrected documents, else after a night."
    )
    learn_from: int = Field(10, ge=8, description="The least number of corrected documents that a model learns from.")
    review_lease_seconds: float = Field(
        900.0, gt=0, description="How long a reviewer holds a task without a sign of life."
    )
    review_run_tasks: int = Field(
        10, ge=1, description="Tasks of one client and supplier that a reviewer gets in a row at most; 1: no runs."
    )
    review_run_slack_seconds: float = Field(
        1800.0, ge=0, description="Runs are kept up only while the most pressing task has so long until it must begin."
    )
    workbench_host: str = Field("127.0.0.1", description="Where the workbench listens.")
    workbench_port: int = Field(8765, ge=0, le=65535, description="The workbench's port; 0: any free one.")
    prefect_port: int = Field(4207, ge=0, le=65535, description="Prefect's own UI and API; 0: any free one.")
    prefect_url: str = Field(
        "", description="Where people reach Prefect's UI, for links to flow runs; empty: no links."
    )
    session_idle_minutes: int = Field(30, ge=1, description="A workbench session ends after so long without a request.")
    session_hours: int = Field(12, ge=1, description="A workbench session ends after so long in any case.")
    secure_cookies: bool = Field(
        False, description="Set to true behind TLS: cookies get Secure and the __Host- prefix."
    )
    site_closures: str = Field("", description="Our own site's closed days: ISO dates with commas between them.")
    alert_file: str = Field("", description="File for alerts; empty: `alerts.jsonl` in the desk folder.")
    alert_webhook: str = Field("", description="Address that gets each alert as JSON; empty: none.")
    alert_mail_to: str = Field("", description="Mail address for alerts; empty: none.")
    alert_smtp: str = Field("", description="SMTP server for alert mail, host:port.")
    disk_free_share: float = Field(0.15, ge=0, le=1, description="Alert when less of the disk is free.")
    language_model_url: str = Field(
        "", description="OpenAI-compatible API, https (http on this machine only); empty: no language model is asked."
    )
    language_model: str = Field("", description="The model's name there; empty: no language model is asked.")
    language_model_key: SecretStr = Field(
        SecretStr(""), description="Its key. Read from the environment alone, and neither stored, logged nor shown."
    )
    language_model_seconds: float = Field(30.0, gt=0, description="An answer must be there after so long.")
    language_model_tokens: int = Field(4000, ge=1, description="No answer may be longer than so many tokens.")
    language_model_price_in: Decimal = Field(Decimal(0), ge=0, description="What 1,000 tokens of a question cost.")
    language_model_price_out: Decimal = Field(Decimal(0), ge=0, description="What 1,000 tokens of an answer cost.")
    language_model_failures: int = Field(5, ge=1, description="After so many failures in a row it is left alone.")
    language_model_rest: float = Field(300.0, gt=0, description="Seconds for which it is then left alone.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")

    @field_validator("language_model_url")
    @classmethod
    def _documents_do_not_travel_in_the_open(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and parts.scheme != "https" and (parts.scheme, parts.hostname) not in LOOPBACK:
            raise ValueError("use https; http only on this machine")
        return url

    @property
    def database(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{(self.desk / 'cleardesk.db').absolute()}"

    @property
    def lease(self) -> dt.timedelta:
        return dt.timedelta(seconds=self.lease_seconds)


def load_settings(**overrides: object) -> Settings:
    """Settings from environment and overrides. Raises SettingsError naming the variable and what is wrong with it."""
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = "CLEARDESK_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg']}") from error
