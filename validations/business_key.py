"""Business keys: by which two documents are recognised as the same business, whatever their bytes.

A document has a key for each way in which its supplier can be told (master number, VAT number, bank account, name) and
for each of two stages: same supplier and number; same supplier, date and total. Two documents that share a key of the
first stage are almost surely the same, of the second stage probably. Keys are plain texts, stored as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from validations.facts import Facts, FieldName

_LEADING_WORDS = re.compile(r"^(?:RECHNUNGS?|GUTSCHRIFT|INVOICE|INV|CREDITNOTE|RG|RE|NUMMER|NR|NUMBER|NO)+(?=\d)")
_LOOK_ALIKES = str.maketrans("OILSB", "01158")
_LEGAL_FORMS = re.compile(r"\b(?:gmbh|mbh|ag|kg|ohg|gbr|ug|ek|se|co|ltd|limited|plc|llp|inc|bv|nv|sarl|sas|sa)\b")


class Stage(StrEnum):
    """By what two documents are the same business."""

    NUMBER = "number"
    DATE_AND_TOTAL = "date_and_total"


@dataclass(frozen=True)
class Identity:
    """How a supplier can be told; what is not known is empty."""

    number: str = ""
    vat_id: str = ""
    iban: str = ""
    name: str = ""

    def keys(self) -> list[str]:
        """One text for each known way."""
        found = {
            "supplier": normal_number(self.number),
            "vat": normal_number(self.vat_id),
            "iban": self.iban.replace(" ", "").upper(),
            "name": normal_name(self.name),
        }
        return [f"{way}:{text}" for way, text in found.items() if text]


def business_keys(facts: Facts) -> list[str]:
    """Every business key of a document, sorted; none where the supplier, or all that follows it, is unknown."""
    kind, identities = facts.document_type.name, _identity(facts).keys()
    number = facts.text(FieldName("number"))
    date, total = facts.day(FieldName("date")), facts.amount(FieldName("total"))
    ends = []
    if number and normal_number(number):
        ends.append(f"{Stage.NUMBER}:{normal_number(number)}")
    if date and total is not None:
        ends.append(f"{Stage.DATE_AND_TOTAL}:{date.isoformat()}:{normal_total(total)}")
    return sorted(f"{kind}|{identity}|{end}" for identity in identities for end in ends)


def shared_stage(ours: Iterable[str], theirs: Iterable[str]) -> Stage | None:
    """The first stage at which two documents share a key; None where they do not."""
    stages = {key.rpartition("|")[2].partition(":")[0] for key in set(ours) & set(theirs)}
    return next((stage for stage in Stage if stage in stages), None)


def normal_number(text: str) -> str:
    """A document number without case, blanks, punctuation, leading words and zeros; letters like digits are digits.

    `RE-000123`, `Rechnung 123` and `re 123` are all `123`.
    """
    plain = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKD", text).upper())
    body = _LEADING_WORDS.sub("", plain)
    return body.translate(_LOOK_ALIKES).lstrip("0")


def normal_name(text: str) -> str:
    """A company's name without case, accents, punctuation, blanks and legal form."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    letters = re.sub(r"[^\w\s]|_", "", "".join(c for c in folded if not unicodedata.combining(c)))
    return re.sub(r"\s+", "", _LEGAL_FORMS.sub(" ", letters)) or re.sub(r"\s+", "", letters)


def normal_total(total: Decimal) -> str:
    """The amount without sign, with two digits: a credit note may be printed with or without a minus."""
    return format(abs(total).quantize(Decimal("0.01")), "f")


def _identity(facts: Facts) -> Identity:
    """What master data and the document say of the supplier; the master goes first."""
    master = facts.supplier
    return Identity(
        number=master.number if master else "",
        vat_id=(master.vat_id if master else "") or facts.text(FieldName("supplier_vat_id")) or "",
        iban=facts.text(FieldName("iban")) or (master.ibans[0] if master and master.ibans else ""),
        name=(master.name if master else "") or facts.text(FieldName("supplier")) or "",
    )
