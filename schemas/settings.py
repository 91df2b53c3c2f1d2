"""Deployment settings: where things are and how much they may cost. From the environment, prefix `CLEARDESK_`.

Built once in each entrance and passed down; what is agreed with a client stands in process definitions instead.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas.errors import SettingsError
from schemas.roles import Role

LOOPBACK = frozenset(("http", host) for host in ("localhost", "127.0.0.1", "::1"))


class Settings(BaseSettings):
    """One desk's deployment."""

    model_config = SettingsConfigDict(env_prefix="CLEARDESK_", extra="ignore", frozen=True)

    desk: Path = Field(Path("desk"), description="The folder that holds database, blobs, inboxes and outboxes.")
    database_url: str = Field("", description="PostgreSQL address; empty: SQLite in the desk folder.")
    database_owner_url: SecretStr = Field(
        SecretStr(""),
        description="The same database as its tables' owner, for `init` and `migrate` alone; empty: CLEARDESK_DATABASE_URL.",
    )
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
    public_url: str = Field(
        "",
        description="Where people reach the workbench, such as https://desk.example.com; single sign-on leads back there.",
    )
    second_factor: Literal["nobody", "administrators", "everybody"] = Field(
        "administrators", description="Who must have a second factor beside a password; everybody else may."
    )
    breached_passwords: str = Field(
        "", description="File of breached passwords, lines of SHA-1 hash and count in the hashes' order; empty: none."
    )
    sso_issuer: str = Field(
        "", description="OpenID Connect issuer, as its own documents spell it; empty: passwords alone."
    )
    sso_client_id: str = Field("", description="What Cleardesk is called at the issuer.")
    sso_client_secret: SecretStr = Field(
        SecretStr(""),
        description="Its secret there. Read from the environment alone, and neither stored, logged nor shown.",
    )
    sso_name: str = Field("", description="The issuer's name on the sign-in page; empty: its host.")
    sso_scopes: str = Field(
        "openid profile email", description="What is asked for; some issuers give groups for one more."
    )
    sso_groups_claim: str = Field("groups", description="The claim that holds a person's groups.")
    sso_roles: dict[str, Role] = Field(
        {}, description="Group to role, as JSON; the first that a person has counts. Who has none is not let in."
    )
    sso_clients: dict[str, str] = Field(
        {},
        description="Group to client, as JSON, `*` for all; empty: staff see every client. Who has none is not let in.",
    )
    outbound_hosts: str = Field(
        "", description="Hosts that may be connected to beside those that other settings name, commas between them."
    )
    outbound_networks: str = Field(
        "",
        description="Private networks, such as 10.0.0.0/8, in which such hosts may stand; empty: public addresses only.",
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

    @field_validator("language_model_url", "sso_issuer")
    @classmethod
    def _nothing_travels_in_the_open(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and parts.scheme != "https" and (parts.scheme, parts.hostname) not in LOOPBACK:
            raise ValueError("use https; http only on this machine")
        return url

    @field_validator("outbound_networks")
    @classmethod
    def _networks_are_networks(cls, text: str) -> str:
        for network in text.split(","):
            if network.strip():
                ip_network(network.strip())
        return text

    @model_validator(mode="after")
    def _single_sign_on_is_whole(self) -> Settings:
        needed = ("sso_client_id", "sso_roles", "public_url")
        missing = [name for name in needed if self.sso_issuer and not getattr(self, name)]
        if missing:
            raise ValueError(f"single sign-on also needs {', '.join(f'CLEARDESK_{name.upper()}' for name in missing)}")
        return self

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
        name = "CLEARDESK_" + ("_".join(str(part) for part in first["loc"]).upper() or "SSO_ISSUER")
        raise SettingsError(f"{name}: {first['msg']}") from error
