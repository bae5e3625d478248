"""The review of a plan as data; `text` and `report` format it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.plan_review import (
    artifacts,
    attributes,
    budget,
    costs,
    drifted_attributes,
    guards,
    policy_changes,
    provenance,
    table_rules,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.plan_review.artifacts import Artifact
    from tools.plan_review.attributes import Difference
    from tools.plan_review.budget import Budget
    from tools.plan_review.costs import Estimate
    from tools.plan_review.guards import Allowed
    from tools.plan_review.plan import Plan, ResourceChange
    from tools.plan_review.policy_changes import StatementChange
    from tools.plan_review.table_rules import RuleChange

LAYERS: Final = ("table", "stream", "delivery", "transform", "network", "bucket", "key", "root")
"""Layers in the order in which data passes them; others follow by name."""

SIGNS: Final = {"create": "+", "update": "~", "replace": "-/+", "delete": "-", "forget": "."}
_ORDER: Final = ("delete", "replace", "update", "forget", "create")


@dataclass(frozen=True)
class Gate:
    """The result of the policy gate: how many checks passed, and a line for each finding."""

    passed: int
    findings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """One resource that changes: the attributes that do, and the statements of its policies where it tells them."""

    address: str
    type: str
    action: str
    differences: tuple[Difference, ...] = ()
    statements: tuple[StatementChange, ...] = ()
    reason: str = ""
    """Why it is replaced; "" where it is not, or Terraform does not say."""

    @property
    def sign(self) -> str:
        """How Terraform marks the action."""
        return SIGNS[self.action]

    @property
    def details(self) -> tuple[str, ...]:
        """Why it is replaced, and what changes, a line each: attributes, or statements of a policy that tells them."""
        why = (self.reason,) if self.reason else ()
        others = tuple(each for each in self.differences if not policy_changes.is_policy(each.path))
        if not self.statements or len(others) == len(self.differences):
            return (*why, *(each.text() for each in self.differences))
        return (*why, *(each.text() for each in others), *(each.text for each in self.statements))


@dataclass(frozen=True)
class Layer:
    """What changes in one layer, the dangerous things first."""

    name: str
    items: tuple[Item, ...]

    @property
    def action(self) -> str:
        """The most dangerous action of its resources."""
        return self.items[0].action


@dataclass(frozen=True)
class Review:
    """One plan, reviewed.

    `gate` is None where the policy gate did not run, `rules` has what each table with rules does with its values, in a
    line, `rules_note` says where rules do not hold, and `left_out` are options that the last deploy had, without which
    the plan was made. `notes` are losses that refuse nothing, `moved` says what Terraform knows by another address than
    before, and `imported` what it did not know.
    """

    title: str
    layers: tuple[Layer, ...]
    drift: tuple[Item, ...]
    statements: tuple[StatementChange, ...]
    touched: tuple[str, ...]
    refusals: tuple[str, ...]
    estimate: Estimate
    gate: Gate | None
    code: tuple[Artifact, ...]
    rules: tuple[str, ...] = ()
    rules_note: str = ""
    rule_changes: tuple[RuleChange, ...] = ()
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    imported: tuple[str, ...] = ()
    over_budget: str = ""
    """Why it costs more than a month may; "" where it does not."""

    @property
    def items(self) -> tuple[Item, ...]:
        """All resources that change, in the layers' order."""
        return tuple(item for layer in self.layers for item in layer.items)

    @property
    def counts(self) -> str:
        """How many resources are created, changed and so on, in words."""
        counted = [(action, sum(item.action == action for item in self.items)) for action in reversed(_ORDER)]
        return ", ".join(f"{number} to {action}" for action, number in counted if number) or "no resource changes"

    @property
    def allowing_more(self) -> dict[str, list[StatementChange]]:
        """The statements by which somebody may do more than before, by the resource's address."""
        return _by_address(each for each in self.statements if each.allows_more)

    @property
    def allowing_less(self) -> dict[str, list[StatementChange]]:
        """The statements by which somebody may do less than before, by the resource's address."""
        return _by_address(each for each in self.statements if not each.allows_more)

    @property
    def showing_more(self) -> tuple[str, ...]:
        """The changes of rules after which readers of the lake see more than before."""
        return tuple(each.text for each in self.rule_changes if each.shows_more)

    @property
    def other_rule_changes(self) -> tuple[str, ...]:
        """The other changes of rules, and of the key of hashes."""
        return tuple(each.text for each in self.rule_changes if not each.shows_more)

    @property
    def is_refused(self) -> bool:
        """True when the plan must not be applied as it is."""
        return bool(self.refusals or self.over_budget or (self.gate and self.gate.findings))


def review(
    plan: Plan,
    title: str,
    *,
    allowed: Allowed = guards.NOTHING,
    gate: Gate | None = None,
    code: tuple[Artifact, ...] | None = None,
    left_out: tuple[str, ...] = (),
    money: Budget = budget.NONE,
) -> Review:
    """Returns the review of a plan.

    `allowed` names what may be lost, `left_out` are options that the last deploy had and this plan was made without.
    `code` tells more of the functions' packages than the plan does, where somebody looked at them. `money` says how
    tables are used, and what a month may cost.
    """
    changes = plan.changes()
    names = sorted({change.layer for change in changes}, key=_rank)
    tables = table_rules.find(plan)
    estimate = costs.estimate(plan, guards.risks(plan), money.usage)
    return Review(
        title=title,
        layers=tuple(Layer(name, items(change for change in changes if change.layer == name)) for name in names),
        drift=drifted(plan),
        statements=tuple(policy_changes.changes(plan)),
        touched=tuple(
            f"{change.address}: {change.action}"
            for change in changes
            if change.type in guards.DATA and change.action != "create"
        ),
        refusals=tuple(guards.refusals(plan, allowed)),
        estimate=estimate,
        gate=gate,
        code=artifacts.find(plan) if code is None else code,
        rules=tuple(f"{name}: {each.text()}" for name, each in sorted(tables.items())),
        rules_note=table_rules.ORIGINALS if any(each.rules for each in tables.values()) else "",
        rule_changes=table_rules.changes(plan),
        left_out=left_out,
        notes=tuple(guards.notes(plan)),
        moved=tuple(provenance.moved(plan)),
        imported=tuple(provenance.imported(plan)),
        over_budget=budget.refusal(estimate, money),
    )


def items(changes: Iterable[ResourceChange]) -> tuple[Item, ...]:
    """Returns the resources that change, the dangerous ones first."""
    found = (
        Item(
            change.address,
            change.type,
            change.action,
            tuple(each for each in attributes.differences(change) if not policy_changes.is_policy(each.path)),
            reason=provenance.replaced_because(change),
        )
        for change in changes
    )
    return tuple(sorted(found, key=_danger))


def drifted(plan: Plan) -> tuple[Item, ...]:
    """Returns the resources that somebody changed or deleted outside of Terraform, the dangerous ones first."""
    found = (
        Item(
            change.address,
            change.type,
            change.action,
            tuple(drifted_attributes.differences(plan, change)),
            tuple(policy_changes.of_resource(plan, change)),
        )
        for change in plan.drifted()
    )
    return tuple(sorted((item for item in found if item.differences or item.action == "delete"), key=_danger))


def _by_address(statements: Iterable[StatementChange]) -> dict[str, list[StatementChange]]:
    found: dict[str, list[StatementChange]] = {}
    for each in statements:
        found.setdefault(each.address, []).append(each)
    return found


def _danger(item: Item) -> tuple[int, str]:
    return (_ORDER.index(item.action), item.address)


def _rank(layer: str) -> tuple[int, str]:
    return (LAYERS.index(layer) if layer in LAYERS else len(LAYERS), layer)
