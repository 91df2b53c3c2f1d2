"""Logs of every process of ours: JSON lines on standard error with time, level, name, message and ids; never document text."""

from __future__ import annotations

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

from schemas.settings import Settings


def start_logging(settings: Settings) -> None:
    """Log as the settings say: our own tasks from their level on, everybody else's warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    handler.addFilter(lambda line: line.name.startswith("tasks") or line.levelno >= logging.WARNING)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
