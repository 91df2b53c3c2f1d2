"""Net, tax and gross decided together: labels propose, arithmetic disposes.

Every combination of the best candidates is scored by its labels, by whether net + tax = gross, and by whether the tax is
a rate that exists. Totals that do not add up stay as printed when their labels are clear: that is the reviewer's finding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product

from schemas.document_type import Roles
from schemas.values import Candidate

TOLERANCE = Decimal("0.02")
# Rates of value added tax in Europe, and of goods and services tax elsewhere.
RATES = tuple(
    Decimal(str(rate))
    for rate in (0, 2.1, 2.5, 2.6, 3.8, 4, 5, 5.5, 6, 7, 7.7, 8, 8.1, 9, 9.5, 10, 12, 13, 13.5, 14, 15, 16, 17)
) + tuple(Decimal(rate) for rate in (18, 19, 20, 21, 22, 23, 24, 25, 27))
ADDS_UP = (0.2, 0.4, 0.8, 1.2)  # the worth of net + tax = gross, by how many of the three a label reached
CONTRADICTION = -0.45  # less than what a clear label is worth: totals that are printed wrong are kept
PART_ABOVE_WHOLE = -1.0
NEAR = (0.0, 0.3, 0.6, 1.5)  # in score, by labels reached: combinations that are about as good as the best
LABELLED = 0.3  # a higher score means that a label reached the amount
_PER_FIELD = 7
_PER_UNLABELLED = 6


@dataclass(frozen=True, slots=True)
class Totals:
    """The chosen amounts; `adds_up` is None where a part is missing, `rate_known` whether tax / net is a usual rate."""

    gross: Candidate | None
    net: Candidate | None
    tax: Candidate | None
    adds_up: bool | None
    rate_known: bool
    score: float

    @property
    def amount(self) -> Decimal:
        """The gross amount; 0 where there is none."""
        return Decimal(self.gross.text) if self.gross else Decimal(0)

    @property
    def labelled(self) -> int:
        """How many of the three a label reached."""
        return sum(1 for each in (self.gross, self.net, self.tax) if each and each.score > LABELLED)


def decide_totals(candidates: Sequence[Candidate], roles: Roles) -> Totals:
    """The best combination of gross, net and tax; any of them may be absent.

    Of several that add up about as well, the one with the largest gross: the others are parts of it, such as one rate's.
    """
    gross = _options(candidates, roles.total)
    net = _options(candidates, roles.net)
    tax = _options(candidates, roles.tax)
    tax += list(_sums(tax))
    triples = product([*gross, None], [*net, None], [*tax, None])
    combined = [_judge(*triple) for triple in triples if _distinct(*triple)]
    best = max(combined, key=lambda each: each.score)
    if not best.adds_up:
        return best
    as_good = [each for each in combined if each.adds_up and each.labelled == best.labelled]
    limit = best.score - NEAR[best.labelled]
    return max((each for each in as_good if each.score >= limit), key=lambda each: abs(each.amount))


def is_usual_rate(net: Decimal, tax: Decimal) -> bool:
    """Whether the tax is a rate that some country has, rounding allowed."""
    slack = max(Decimal("0.03"), abs(net) * Decimal("0.0002"))
    return any(abs(net * rate / 100 - tax) <= slack for rate in RATES)


def _options(candidates: Sequence[Candidate], field: str | None) -> list[Candidate]:
    """The labelled candidates of a field, the best of each amount, and the largest of the unlabelled amounts."""
    best: dict[str, Candidate] = {}
    for each in candidates:
        if each.field == field and (each.text not in best or each.score > best[each.text].score):
            best[each.text] = each
    ranked = sorted(best.values(), key=lambda each: -each.score)
    labelled = [each for each in ranked if each.score > LABELLED][:_PER_FIELD]
    rest = sorted((each for each in ranked if each.score <= LABELLED), key=lambda each: -abs(Decimal(each.text)))
    return labelled + rest[:_PER_UNLABELLED]


def _sums(taxes: Sequence[Candidate]) -> Iterator[Candidate]:
    """Taxes of two or three rates added up, each on its own line: the total that a document may leave to its reader."""
    labelled = [each for each in taxes if each.score > 0.5][:5]
    for count in (2, 3):
        for parts in combinations(labelled, count):
            if len({round(part.box.y0, 3) for part in parts}) == count:
                total = sum((Decimal(part.text) for part in parts), Decimal(0))
                score = 0.8 * min(part.score for part in parts)
                raw = " + ".join(part.raw for part in parts)
                yield parts[0].model_copy(
                    update={"text": f"{total:f}", "raw": raw, "score": score, "evidence": ["derived:sum of rates"]}
                )


def _distinct(*chosen: Candidate | None) -> bool:
    """One span, one field."""
    present = [each for each in chosen if each]
    return len({(each.page, each.box) for each in present if not _is_derived(each)}) >= len(
        [each for each in present if not _is_derived(each)]
    )


def _is_derived(candidate: Candidate) -> bool:
    return any(each.startswith("derived:") for each in candidate.evidence)


def _judge(gross: Candidate | None, net: Candidate | None, tax: Candidate | None) -> Totals:
    score = sum(each.score for each in (gross, net, tax) if each)
    g, n, t = (Decimal(each.text) if each else None for each in (gross, net, tax))
    adds_up: bool | None = None
    rate_known = False
    if g is not None and n is not None and t is not None:
        adds_up = abs(n + t - g) <= TOLERANCE
        rate_known = is_usual_rate(n, t)
        labelled = sum(1 for each in (gross, net, tax) if each and each.score > LABELLED)
        score += ADDS_UP[labelled] + (0.15 if rate_known else 0.0) if adds_up else CONTRADICTION
    elif g is not None and t is not None:
        rate_known = is_usual_rate(g - t, t) and t != 0
        score += 0.3 if rate_known else -0.1
    elif g is not None and n is not None:
        score += 0.3 if n == g else 0.0
    if g is not None and any(part is not None and abs(part) > abs(g) + TOLERANCE for part in (n, t)):
        score += PART_ABOVE_WHOLE
    if not adds_up:  # without arithmetic an amount needs a label
        score -= sum(0.3 for each in (net, tax) if each and each.score <= LABELLED)
    elif not rate_known:
        score -= sum(0.5 for each in (gross, net, tax) if each and each.score <= LABELLED)
    if g is not None and g < 0 <= (n or Decimal(0)):
        score -= 0.5
    return Totals(gross, net, tax, adds_up, rate_known, score)
