"""What is unusual: an amount unlike the supplier's others, an amount just under an approval limit."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from decimal import Decimal

from pydantic import Field

from schemas.values import Severity
from validations.facts import Facts, FieldName
from validations.rule_book import Breach, Parameters, breach, rule

TOTAL = FieldName("total")
LEAST_SPREAD = math.log(1.1)  # amounts that are always the same (rent) may still move by some per cent


class AmountOutlier(Parameters):
    """`limit`: the greatest robust z-score; `history`: how many earlier amounts there must be."""

    field: FieldName = TOTAL
    limit: float = Field(default=3.5, gt=0)
    history: int = Field(default=6, ge=2)


@rule(AmountOutlier, severity=Severity.ERROR)
def amount_outlier(facts: Facts, parameters: AmountOutlier) -> Iterator[Breach]:
    """The amount is not far from what the supplier's earlier documents came to.

    The modified z-score of Iglewicz and Hoaglin (1993), 0.6745 (x - median) / MAD, on the logarithm of the amounts.
    """
    amount = facts.amount(parameters.field)
    earlier = [a for a in facts.history if a]
    if not amount or len(earlier) < parameters.history:
        return
    if abs(robust_z(amount, earlier)) > parameters.limit:
        usual = Decimal(statistics.median([abs(a) for a in earlier])).quantize(Decimal("0.01"))
        yield breach(
            [facts.address(parameters.field)],
            case="high" if abs(amount) > usual else "low",
            amount=amount,
            usual=usual,
            count=len(earlier),
        )


def robust_z(amount: Decimal, earlier: Sequence[Decimal]) -> float:
    """How many robust standard deviations an amount is from earlier ones' median, on a log scale. None may be 0."""
    logs = [math.log(abs(a)) for a in earlier]
    median = statistics.median(logs)
    spread = statistics.median([abs(x - median) for x in logs])
    return 0.6745 * (math.log(abs(amount)) - median) / max(spread, 0.6745 * LEAST_SPREAD)


class ApprovalLimit(Parameters):
    """`limit`: from which amount the client needs a further approval; `share`: how close under it is told (0 to 1)."""

    limit: Decimal = Field(gt=0)
    share: Decimal = Field(default=Decimal("0.95"), gt=0, lt=1)
    field: FieldName = TOTAL


@rule(ApprovalLimit, severity=Severity.WARNING)
def approval_limit(facts: Facts, parameters: ApprovalLimit) -> Iterator[Breach]:
    """The amount is not just under the client's approval limit."""
    amount = facts.amount(parameters.field)
    if amount is not None and parameters.limit * parameters.share <= amount < parameters.limit:
        yield breach([facts.address(parameters.field)], amount=amount, limit=parameters.limit)
