"""The options by which the user says how tables are used and what a month may cost, and the refusal that follows."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tools.sizing import amounts, usage
from tools.sizing.usage import UNKNOWN, Usage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.plan_review.costs import Estimate

MOST: Final = "--max-monthly"


@dataclass(frozen=True)
class Budget:
    """How tables are used, and the most that a month may cost in US dollars; None is any amount."""

    usage: Usage = UNKNOWN
    most: Decimal | None = None


NONE: Final = Budget()


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --usage and --max-monthly; the command gets them as `money`."""

    @functools.wraps(command)
    def call(
        *,
        usage_file: Path | None,
        max_monthly: Decimal | None,
        **others: Any,  # noqa: ANN401  # the command's other options
    ) -> Any:  # noqa: ANN401  # the command's own result
        told = usage.read(usage_file) if usage_file else UNKNOWN
        return command(money=Budget(told, max_monthly), **others)

    file = click.option(
        "--usage",
        "usage_file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="How tables are used, in YAML: the review says what that costs.",
    )
    most = click.option(
        MOST, metavar="USD", callback=_amount, help="Refuse a plan after which a month costs more than this."
    )
    return file(most(call))


def refusal(estimate: Estimate, budget: Budget) -> str:
    """Returns why the plan costs too much; "" where it does not, or any amount may be spent."""
    if budget.most is None:
        return ""
    after = estimate.after
    if after is None:
        return f"{MOST} {budget.most}: what a month costs is not known ({estimate.source})"
    what = "the fixed part and the usage that is told" if estimate.usage else "the fixed part alone, without usage,"
    if after > budget.most:
        return f"{MOST} {budget.most}: after this plan {what} of a month come to {amounts.usd(after)} USD"
    return ""


def _amount(_context: click.Context, _option: click.Parameter, value: str | None) -> Decimal | None:
    if value is None:
        return None
    try:
        amount = Decimal(value)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise click.BadParameter(f"{value!r} is no amount of US dollars, such as 250")
    return amount
