"""The rules, grouped by idea. Take `RULES` from here: importing the modules has filled it."""

from validations.rule_book import RULES
from validations.rules import (
    dates,
    duplicates,
    formats,
    language_model,
    master_data,
    outliers,
    presence,
    signs,
    sums,
    taxes,
)

__all__ = [
    "RULES",
    "dates",
    "duplicates",
    "formats",
    "language_model",
    "master_data",
    "outliers",
    "presence",
    "signs",
    "sums",
    "taxes",
]
