"""A desk: one installation's database, blobs and folders, opened from its settings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from schemas.errors import ConfigurationError
from schemas.settings import Settings
from store.blobs import BlobStore
from store.database import Store
from store.migrate import check_schema, migrate, role_of

CLAIMED = ".claimed"
URGENT = "urgent"
RECEIPTS = "receipts"
SCRATCH = "scratch"


@dataclass(frozen=True)
class Desk:
    """What every step needs: where things are kept, and the settings in force."""

    settings: Settings
    store: Store
    blobs: BlobStore

    @property
    def folder(self) -> Path:
        return self.settings.desk

    @property
    def clients(self) -> Path:
        """Definitions as imported: `clients/<client>/*.yaml`."""
        return self.folder / "clients"

    def inbox(self, client_id: str, process: str) -> Path:
        """Where the client drops files."""
        return self.folder / "inbox" / client_id / process

    def receipts(self, client_id: str, process: str) -> Path:
        """Where the client finds receipts, beside the inbox."""
        return self.folder / "inbox" / client_id / RECEIPTS / process

    def taken(self, client_id: str, process: str) -> Path:
        """Where files rest once their receipt is committed."""
        return self.folder / "taken" / client_id / process

    def outbox(self, client_id: str, process: str, target: str) -> Path:
        """Where the client finds the data."""
        return self.folder / "outbox" / client_id / process / target

    @property
    def previews(self) -> Path:
        return self.folder / "previews"

    @property
    def alerts(self) -> Path:
        return Path(self.settings.alert_file) if self.settings.alert_file else self.folder / "alerts.jsonl"

    @property
    def checkpoints(self) -> Path:
        """Where heads of the audit trail are anchored outside the database."""
        return self.folder / "checkpoints"

    def close(self) -> None:
        self.store.close()


def require_desk(settings: Settings) -> None:
    """Raise ConfigurationError unless a desk was made in the folder that the settings name."""
    if not (settings.desk / SCRATCH).is_dir():
        raise ConfigurationError(f"there is no desk in {settings.desk}: make one with `cleardesk init`")


def bring_up_to_date(settings: Settings, store: Store) -> None:
    """Apply the migrations that the desk's database lacks: as its owner, where the settings name one.

    Raises:
        ConfigurationError: the role that does it may not.
    """
    owner_url = settings.database_owner_url.get_secret_value()
    if not owner_url:
        migrate(store)
        return
    owner = Store(owner_url)
    try:
        migrate(owner, role=role_of(store))
    finally:
        owner.close()


def open_desk(settings: Settings, *, create: bool = False) -> Desk:
    """Open a desk; on SQLite its schema is brought up to date by itself.

    Raises:
        ConfigurationError: there is no desk in that folder (and `create` was not asked for).
        MigrationNeededError: the PostgreSQL database is at another version.
    """
    if not create:
        require_desk(settings)
    settings.desk.mkdir(parents=True, exist_ok=True)
    store = Store(settings.database, sqlite_journal=settings.sqlite_journal)
    if store.is_sqlite or create:
        bring_up_to_date(settings, store)
    check_schema(store)
    blobs = BlobStore(settings.blobs_url or str((settings.desk / "blobs").absolute()), settings.desk / SCRATCH)
    return Desk(settings, store, blobs)
