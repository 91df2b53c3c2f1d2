"""The rules, grouped by idea; importing this package fills the rule book."""

from validations.rules import dates, duplicates, formats, master_data, outliers, presence, signs, sums, taxes

__all__ = ["dates", "duplicates", "formats", "master_data", "outliers", "presence", "signs", "sums", "taxes"]
