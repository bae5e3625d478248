"""A review as lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools.sizing.amounts import usd

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tools.plan_review.costs import Estimate
    from tools.plan_review.policy_changes import StatementChange
    from tools.plan_review.review import Item, Review

_MAX_ATTRIBUTES: Final = 12
"""How many attributes of one resource are listed."""

_DETAILED_ACTIONS: Final = ("update", "replace")
"""Actions whose changed attributes are listed; a resource that is created or deleted would list all of them."""


def lines(review: Review) -> list[str]:
    """Returns the review: what was left out, the verdict, resources by layer, what that means, and the counts last."""
    return [printable(line) for line in _lines(review)]


def refusal_lines(review: Review) -> list[str]:
    """Returns why the plan must not be applied as it is, a line each."""
    findings = review.gate.findings if review.gate else ()
    over = (review.over_budget,) if review.over_budget else ()
    return [printable(line) for line in (*review.refusals, *over, *(f"policy gate: {finding}" for finding in findings))]


def drift_lines(items: Iterable[Item]) -> list[str]:
    """Returns resources that differ from what Terraform last knew of them, each with its attributes below it."""
    return [printable(line) for item in items for line in _item(item)]


def printable(line: str) -> str:
    """Returns a line with control characters and line ends escaped: values in a plan may contain any of them.

    >>> printable("a\\x1b[31m")
    'a\\\\x1b[31m'
    """
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in line)


def _lines(review: Review) -> Iterator[str]:
    if review.left_out:
        yield f"left out since the last deploy: {', '.join(review.left_out)}"
    yield from _verdict(review)
    for layer in review.layers:
        yield layer.name
        for item in layer.items:
            yield from _item(item)
    yield from _section("changed outside of Terraform", [line for item in review.drift for line in _item(item)])
    yield from _section("who may do more", _statements(review.allowing_more))
    yield from _section("who may do less", _statements(review.allowing_less))
    yield from _section("what readers see more of", [f"  {each}" for each in review.showing_more])
    yield from _section("what else changes in rules", [f"  {each}" for each in review.other_rule_changes])
    note = [f"  ({review.rules_note})"] if review.rules_note else []
    yield from _section("rules of the tables", [*(f"  {each}" for each in review.rules), *note])
    yield from _section("code of the function", [f"  {each.text()}" for each in review.code])
    yield from _section("data that is touched", [f"  {each}" for each in review.touched])
    yield from _section("what to know first", [f"  {each}" for each in review.notes])
    yield from _section("moved", [f"  {each}" for each in review.moved])
    yield from _section("imported", [f"  {each}" for each in review.imported])
    yield from _costs(review.estimate)
    yield f"{review.counts}."


def _verdict(review: Review) -> Iterator[str]:
    """Yields what most readers want to know, before the many lines of a first deploy."""
    if review.is_refused:
        yield "refused, for the reasons at the end"
    elif review.layers:
        yield f"{review.counts}; nothing is refused"
    if review.gate:
        yield f"policy gate: {review.gate.passed} checks passed, {len(review.gate.findings)} findings"
    if review.estimate.costs:
        yield f"monthly cost: {review.estimate.summary}"


def _costs(estimate: Estimate) -> Iterator[str]:
    if estimate.costs:
        yield "what is paid by the month"
        for cost in estimate.costs:
            risk = f", at a risk: {cost.risk}" if cost.risk else ""
            yield f"  {usd(cost.before)} -> {usd(cost.after)}  {cost.address}{risk}"
        yield f"  ({estimate.note})"
    if estimate.usage:
        yield f"monthly cost of the usage that is told; after the plan {usd(estimate.after)} USD with the fixed part"
        for each in estimate.usage:
            yield f"  {usd(each.before)} -> {usd(each.after)}  {each.table}: {each.name}"
        if not estimate.costs:
            yield f"  ({estimate.note})"
    yield from _section("what could be had for less", [f"  {line}" for line in estimate.wasted])


def _item(item: Item) -> Iterator[str]:
    yield f"{item.sign:>5} {item.address}"
    if item.action in _DETAILED_ACTIONS:
        for detail in item.details[:_MAX_ATTRIBUTES]:
            yield f"          {detail}"
        if len(item.details) > _MAX_ATTRIBUTES:
            yield f"          and {len(item.details) - _MAX_ATTRIBUTES} more attributes"


def _statements(by_address: Mapping[str, Iterable[StatementChange]]) -> list[str]:
    return [
        line
        for address, changes in by_address.items()
        for line in (f"  {address}", *(f"      {change.text}" for change in changes))
    ]


def _section(title: str, body: list[str]) -> Iterator[str]:
    if body:
        yield title
        yield from body
