"""What Prefect and Great Expectations must find in the environment before they are imported: our folders, and no phone home."""

from __future__ import annotations

import os

from schemas.settings import Settings

KEEP_RUNS_SECONDS = 3 * 24 * 3600
ARENAS = {"MALLOC_ARENA_MAX": "2"}  # each new thread's own arena is memory that a long-lived process never gives back
HOUSEKEEPING_SECONDS = "30"
# the server's own rounds, which we do not rely on: every 5 to 20 seconds they cost twice what our flows cost it
HOUSEKEEPING = ("LATE_RUNS", "PAUSE_EXPIRATIONS", "FOREMAN", "REPOSSESSOR", "CANCELLATION_CLEANUP")


def prepare_environment(settings: Settings, *, api_url: str | None = None) -> None:
    """Set this process's environment for everything that it starts. Prefect's database is its own, and may be lost."""
    home = settings.desk.absolute() / "prefect"
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(
        {
            "CLEARDESK_DESK": str(settings.desk.absolute()),
            "PREFECT_HOME": str(home),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "GX_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
            "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
            "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(KEEP_RUNS_SECONDS),
            "PREFECT_LOGGING_EXTRA_LOGGERS": "tasks",
            "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
            "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
            "PREFECT_RUNNER_POLL_FREQUENCY": "3",
            "PREFECT_CLI_PROMPT": "false",
            "PREFECT_LOGGING_LEVEL": "WARNING" if settings.log_level == "WARNING" else "INFO",
            **{f"PREFECT_SERVER_SERVICES_{name}_LOOP_SECONDS": HOUSEKEEPING_SECONDS for name in HOUSEKEEPING},
            **ARENAS,
        }
    )
    if api_url:
        os.environ["PREFECT_API_URL"] = api_url


def flush_logs() -> None:
    """Send what Prefect still holds of this process's logs while its server is there to take it."""
    from prefect.logging.handlers import APILogHandler

    APILogHandler().flush()
