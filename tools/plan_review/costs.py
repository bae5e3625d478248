"""Estimates how a plan changes the fixed part of the monthly bill, from a dated price table."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.plan_review.plan import Plan, ResourceChange

PRICES: Final[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "prices.yaml").read_text(encoding="utf-8"))
_DAY_HOURS: Final = 24


@dataclass(frozen=True)
class Cost:
    """The fixed cost of one resource a month, in US dollars, before and after, and what a lower one risks."""

    address: str
    before: Decimal
    after: Decimal
    risk: str = ""


@dataclass(frozen=True)
class Estimate:
    """The fixed costs that change, the Region of the prices, and the resource types that are paid by use."""

    costs: tuple[Cost, ...]
    region: str
    priced_as: str
    by_use: tuple[str, ...]

    @property
    def change(self) -> Decimal:
        """The change of the monthly bill in US dollars."""
        return sum((cost.after - cost.before for cost in self.costs), Decimal(0))

    @property
    def summary(self) -> str:
        """The change of the monthly bill in one line, which says when it is bought with a risk."""
        risk = ", at the risks told beside the lower costs" if any(cost.risk for cost in self.costs) else ""
        return f"{self.change:+.2f} USD{risk}"

    @property
    def note(self) -> str:
        """The source of the figures, and what they do not include."""
        source = f"prices of {self.priced_as}"
        if self.priced_as != self.region:
            source = f"no prices for {self.region} here, so those of {self.priced_as}"
        rest = f"; paid by use besides: {', '.join(self.by_use)}" if self.by_use else ""
        return f"estimate, {source}, as of {PRICES['as_of']}, {PRICES['hours_a_month']} hours a month{rest}"


def estimate(plan: Plan, risks: Mapping[str, str] = MappingProxyType({})) -> Estimate:
    """Returns what the plan changes in the fixed part of the monthly bill; `risks` is address -> what is lost there."""
    region = plan.region or "an unknown Region"
    priced_as = region if region in PRICES["regions"] else PRICES["fallback"]
    prices = PRICES["regions"][priced_as]
    changes = plan.changes()
    costs = [_cost(change, prices, risks.get(change.address, "")) for change in changes]
    kinds = {change.type for change in changes if change.action in ("create", "delete", "replace")}
    by_use = sorted(f"{kind} ({what})" for kind, what in PRICES["by_use"].items() if kind in kinds)
    return Estimate(tuple(cost for cost in costs if cost.before != cost.after), region, priced_as, tuple(by_use))


def _cost(change: ResourceChange, prices: Mapping[str, Any], risk: str) -> Cost:
    before, after = (_monthly(change.type, values, prices) for values in (change.change.before, change.change.after))
    return Cost(change.address, before, after, risk if after < before else "")


def _monthly(kind: str, values: Mapping[str, Any] | None, prices: Mapping[str, Any]) -> Decimal:
    return _MONTHLY[kind](values, prices) if values is not None and kind in _MONTHLY else Decimal(0)


def _stream(values: Mapping[str, Any], prices: Mapping[str, Any]) -> Decimal:
    details = values.get("stream_mode_details")
    if details == [{"stream_mode": "ON_DEMAND"}]:
        return _by_the_hour(prices["on_demand_stream_hour"])
    retention = _number(values.get("retention_period"))
    hour = Decimal(prices["shard_hour"])
    if retention > _DAY_HOURS:
        hour += Decimal(prices["extended_retention_shard_hour"])
    return _by_the_hour(hour * _number(values.get("shard_count")))


def _key(_: Mapping[str, Any], prices: Mapping[str, Any]) -> Decimal:
    return Decimal(prices["kms_key_month"])


def _metric_alarm(values: Mapping[str, Any], prices: Mapping[str, Any]) -> Decimal:
    # An alarm on an expression is paid for each metric in it, one on a query for each metric that it finds: one here.
    queries = values.get("metric_query") or []
    return Decimal(prices["alarm_metric_month"]) * max(1, len([each for each in queries if each.get("metric")]))


def _composite_alarm(_: Mapping[str, Any], prices: Mapping[str, Any]) -> Decimal:
    return Decimal(prices["composite_alarm_month"])


def _dashboard(_: Mapping[str, Any], prices: Mapping[str, Any]) -> Decimal:
    return Decimal(prices["dashboard_month"])


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _by_the_hour(price: str | Decimal) -> Decimal:
    return (Decimal(price) * int(PRICES["hours_a_month"])).quantize(Decimal("0.01"))


_MONTHLY: Final = {
    "aws_cloudwatch_composite_alarm": _composite_alarm,
    "aws_cloudwatch_dashboard": _dashboard,
    "aws_cloudwatch_metric_alarm": _metric_alarm,
    "aws_kinesis_stream": _stream,
    "aws_kms_key": _key,
}
