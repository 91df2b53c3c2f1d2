"""The settings page, from `schemas.settings`."""

from __future__ import annotations

import json
import types
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr

from docs.reference_pages.markdown import code, table
from schemas.settings import Settings

HEAD = """# Settings

What a deployment can set, made from `schemas/settings.py` by `make docs`. Each is an environment variable; what is agreed
with a client stands in its process definitions instead ([definitions.md](definitions.md)). A value that cannot work is
refused with `C302`, named, before anything runs.
"""


def settings_page() -> str:
    """Every variable with what it takes, its default and what it does."""
    prefix = Settings.model_config["env_prefix"]
    rows = [
        (
            code(f"{prefix}{name.upper()}"),
            taken(field.annotation),
            code(_default(field.default)),
            field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]
    return f"{HEAD}\n{table(('Variable', 'Takes', 'Default', 'What it does'), rows)}"


def _default(value: object) -> object:
    if isinstance(value, SecretStr):
        return ""
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else value


def taken(annotation: Any) -> str:
    """What may be written for a type, in words."""
    if get_origin(annotation) is Literal:
        return ", ".join(code(choice) for choice in get_args(annotation))
    if isinstance(annotation, types.UnionType):
        return " or ".join(taken(each) for each in get_args(annotation) if each is not type(None))
    if get_origin(annotation) is dict:
        return "JSON"
    names = {
        "Path": "a path",
        "str": "text",
        "SecretStr": "a secret",
        "int": "a whole number",
        "float": "a number",
        "Decimal": "a number",
        "bool": "true or false",
    }
    return names.get(getattr(annotation, "__name__", ""), str(annotation))
