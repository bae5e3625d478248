"""Estimates what a plan changes in the monthly bill: what is paid by the hour, and by usage where that is told."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tools.plan_review import usage_costs
from tools.sizing import amounts, model, prices
from tools.sizing.amounts import product
from tools.sizing.usage import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tools.plan_review.plan import Plan, ResourceChange
    from tools.plan_review.usage_costs import UsageCost
    from tools.sizing.amounts import Amount
    from tools.sizing.prices import Prices
    from tools.sizing.usage import Usage

BY_USE: Final = MappingProxyType(
    {
        "aws_athena_workgroup": "data that queries scan",
        "aws_dynamodb_table": "requests, storage, point-in-time recovery, and changes captured for Kinesis",
        "aws_glue_crawler": "processing units of its runs, ten minutes of each at least",
        "aws_kinesis_firehose_delivery_stream": "data ingested",
        "aws_kinesis_stream": "data put (and, on demand, read)",
        "aws_lambda_function": "requests and duration",
        "aws_sfn_state_machine": "state transitions",
        "aws_s3_bucket": "storage and requests",
        "aws_cloudwatch_log_group": "data ingested and stored",
        "aws_flow_log": "data ingested",
    }
)
"""What of a type of resource is paid by use, which a plan alone does not tell."""


@dataclass(frozen=True)
class Cost:
    """The fixed cost of one resource a month, in US dollars, before and after, and what a lower one risks."""

    address: str
    before: Amount
    after: Amount
    risk: str = ""


@dataclass(frozen=True)
class Estimate:
    """What a plan changes in the monthly bill; amounts are US dollars, and None where they are not known.

    Attributes:
        costs: the fixed costs that change.
        source: where the prices are from.
        by_use: types of resources that are paid by use besides.
        fixed_after: all fixed costs after the plan, those that it does not change too.
        usage: what usage costs a table, before and after, where it was told.
        wasted: a line for each table that could be had for less, and still take its peak.
    """

    costs: tuple[Cost, ...]
    source: str
    by_use: tuple[str, ...]
    fixed_after: Amount = Decimal(0)
    usage: tuple[UsageCost, ...] = ()
    wasted: tuple[str, ...] = ()

    @property
    def change(self) -> Amount:
        """The change of the fixed part of the monthly bill."""
        return amounts.total(_less(cost.after, cost.before) for cost in self.costs)

    @property
    def after(self) -> Amount:
        """The monthly bill after the plan: its fixed part, and what usage comes to as far as it is known."""
        return amounts.total((self.fixed_after, *(each.after for each in self.usage if each.after is not None)))

    @property
    def unknown(self) -> list[str]:
        """What usage costs besides, of which the amount is not known."""
        return [f"{each.table}: {each.name}" for each in self.usage if each.after is None]

    @property
    def summary(self) -> str:
        """The change of the monthly bill in one line, which says when it is bought with a risk."""
        risk = ", at the risks told beside the lower costs" if any(cost.risk for cost in self.costs) else ""
        return f"{'unknown' if self.change is None else f'{self.change:+.2f} USD'}{risk}"

    @property
    def note(self) -> str:
        """The source of the figures, and what they do not include."""
        rest = f"; paid by use besides: {', '.join(self.by_use)}" if self.by_use else ""
        return f"estimate, {self.source}{rest}"


def estimate(plan: Plan, risks: Mapping[str, str] = MappingProxyType({}), usage: Usage = UNKNOWN) -> Estimate:
    """Returns what the plan changes in the monthly bill; `risks` is address -> what is lost there."""
    priced = prices.of_region(plan.region or "an unknown Region")
    changes = plan.changes()
    costs = [_cost(change, priced, risks.get(change.address, "")) for change in changes]
    kinds = {change.type for change in changes if change.action in ("create", "delete", "replace")}
    return Estimate(
        tuple(cost for cost in costs if cost.before != cost.after or cost.before is None),
        priced.note,
        tuple(sorted(f"{kind} ({what})" for kind, what in BY_USE.items() if kind in kinds)),
        _fixed_after(plan.managed(), priced),
        usage_costs.find(plan, usage, priced),
        usage_costs.wasted(plan, usage, priced),
    )


def _fixed_after(changes: Iterable[ResourceChange], priced: Prices) -> Amount:
    return amounts.total(_monthly(change.type, change.change.after, priced) for change in changes)


def _less(after: Amount, before: Amount) -> Amount:
    return None if after is None or before is None else after - before


def _cost(change: ResourceChange, priced: Prices, risk: str) -> Cost:
    before, after = (_monthly(change.type, values, priced) for values in (change.change.before, change.change.after))
    falls = before is not None and after is not None and after < before
    return Cost(change.address, before, after, risk if falls else "")


def _monthly(kind: str, values: Mapping[str, Any] | None, priced: Prices) -> Amount:
    if values is None or kind not in _MONTHLY:
        return Decimal(0)
    found = _MONTHLY[kind](values, priced)
    return None if found is None else found.quantize(Decimal("0.01"))


def _stream(values: Mapping[str, Any], priced: Prices) -> Amount:
    return model.stream_hours(usage_costs.stream_settings(values), priced)


def _key(_: Mapping[str, Any], priced: Prices) -> Amount:
    return priced.of("kms_key_month")


def _metric_alarm(values: Mapping[str, Any], priced: Prices) -> Amount:
    # An alarm on an expression is paid for each metric in it, one on a query for each metric that it finds: one here.
    queries = values.get("metric_query") or []
    return product(priced.of("alarm_metric_month"), max(1, len([each for each in queries if each.get("metric")])))


def _composite_alarm(_: Mapping[str, Any], priced: Prices) -> Amount:
    return priced.of("composite_alarm_month")


def _dashboard(_: Mapping[str, Any], priced: Prices) -> Amount:
    return priced.of("dashboard_month")


_MONTHLY: Final = {
    "aws_cloudwatch_composite_alarm": _composite_alarm,
    "aws_cloudwatch_dashboard": _dashboard,
    "aws_cloudwatch_metric_alarm": _metric_alarm,
    "aws_kinesis_stream": _stream,
    "aws_kms_key": _key,
}
