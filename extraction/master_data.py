"""The client's suppliers, and which of them a document comes from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from extraction.names import LEAST_LIKENESS, cleaned
from schemas.identifiers import compact

_KEYS = ("vat_id", "iban", "tax_number", "supplier_number")  # the surest first


@dataclass(frozen=True, slots=True)
class SupplierMatch:
    """A supplier of the master data; `score` 0 to 1, `how` the key that matched: vat_id, iban, tax_number, name ..."""

    supplier_number: str
    name: str
    score: float
    how: str


class MasterData:
    """Suppliers as rows of the client's `suppliers.csv`: supplier_number, name, vat_id, tax_number, iban, bic, country ..."""

    def __init__(self, rows: Iterable[Mapping[str, str]]) -> None:
        self.rows: list[dict[str, str]] = [dict(row) for row in rows]
        self._by_key: dict[str, dict[str, list[int]]] = {key: defaultdict(list) for key in _KEYS}
        for index, row in enumerate(self.rows):
            for key in _KEYS:
                for text in (row.get(key) or "").split(";"):  # a supplier can have several accounts
                    if compact(text):
                        self._by_key[key][compact(text)].append(index)
        self._names = [cleaned(row.get("name") or "") for row in self.rows]

    def row_of(self, match: SupplierMatch) -> dict[str, str]:
        """The matched supplier's row; empty where the number is unknown."""
        found = self._by_key["supplier_number"].get(compact(match.supplier_number))
        return self.rows[found[0]] if found else {}

    def match(self, printed: Mapping[str, Sequence[str]], names: Sequence[str]) -> SupplierMatch | None:
        """The supplier that the printed codes name; by likeness of a printed name where no code is known.

        Args:
            printed: `vat_id`, `iban`, `tax_number`, `supplier_number` -> what is printed of each.
            names: printed texts that may hold a company's name.
        """
        votes = {index: key for key in reversed(_KEYS) for index in self._found(key, printed.get(key, ()))}
        by_name = self._by_name(names)
        if votes:
            index = min(votes, key=lambda each: (_KEYS.index(votes[each]), each not in by_name))
            agree = len(votes) == 1 or index in by_name
            return self._as_match(index, 1.0 if agree else 0.8, votes[index])
        if not by_name:
            return None
        index, score = max(by_name.items(), key=lambda each: each[1])
        rivals = [each for each in by_name if by_name[each] > score - 3 and each != index]
        return self._as_match(index, score / 100 * (0.8 if rivals else 1.0), "name")

    def _found(self, key: str, printed: Sequence[str]) -> list[int]:
        return [index for text in printed for index in self._by_key[key].get(compact(text), ())]

    def _by_name(self, names: Sequence[str]) -> dict[int, float]:
        """Suppliers whose name is printed, with the likeness."""
        found: dict[int, float] = {}
        for text in {cleaned(name) for name in names if 4 <= len(cleaned(name)) <= 60}:
            for _, score, index in process.extract(
                text, self._names, scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS, limit=3
            ):
                found[index] = max(found.get(index, 0.0), float(score))
        return found

    def _as_match(self, index: int, score: float, how: str) -> SupplierMatch:
        row = self.rows[index]
        return SupplierMatch(row.get("supplier_number") or "", row.get("name") or "", round(score, 4), how)
