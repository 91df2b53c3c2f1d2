"""Ids: UUIDv7 as prefixed text, such as `doc_0197f2…`, so that they sort by the time they were made and say what they name."""

from __future__ import annotations

from typing import Literal

import uuid_utils

Prefix = Literal[
    "rcp",
    "doc",
    "tsk",
    "dlv",
    "shp",
    "bat",
    "evt",
    "usr",
    "ses",
    "cor",
    "def",
    "lot",
    "pau",
    "alr",
    "aud",
    "nte",
    "mdl",
    "sup",
    "qst",
    "ins",
    "tok",
    "flt",
    "smp",
    "key",
    "crt",
    "clm",
    "sco",
    "crs",
    "run",
    "rpt",
    "cal",
]


def new_id(prefix: Prefix) -> str:
    """A fresh id, 36 characters: prefix, underscore, 32 hex digits of a UUIDv7 (RFC 9562)."""
    return f"{prefix}_{uuid_utils.uuid7().hex}"
