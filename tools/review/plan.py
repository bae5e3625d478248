"""The part of a plan that reviews look at.

Shape: Terraform documentation, "JSON Output Format: Plan Representation".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping


class Change(msgspec.Struct, frozen=True):
    """What happens to one object: the actions in order, and its attributes before and after."""

    actions: tuple[str, ...]
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    after_unknown: dict[str, Any] | bool = False


class ResourceChange(msgspec.Struct, frozen=True):
    """One resource of a plan."""

    address: str
    type: str
    change: Change
    mode: str = "managed"
    action_reason: str = ""

    @property
    def action(self) -> str:
        """One of create, update, replace, delete, read, no-op, forget."""
        actions = set(self.change.actions)
        return "replace" if {"create", "delete"} <= actions else self.change.actions[0]

    @property
    def was_cut_short(self) -> bool:
        """True for an object whose creation failed or was interrupted, which Terraform makes anew."""
        return self.action_reason == "replace_because_tainted"

    @property
    def removes(self) -> bool:
        """True when the object that exists now will not exist afterwards."""
        return "delete" in self.change.actions

    def changed_attributes(self) -> list[str]:
        """Returns the names of top-level attributes that differ, sorted; those not yet known count as different."""
        before, after = self.change.before or {}, self.change.after or {}
        unknown = self.change.after_unknown if isinstance(self.change.after_unknown, dict) else {}
        differing = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        return sorted(differing | {name for name, value in unknown.items() if value})


class Plan(msgspec.Struct, frozen=True):
    """A plan: its resource changes, and the outputs before and after."""

    resource_changes: tuple[ResourceChange, ...] = ()
    prior_state: dict[str, Any] = {}
    planned_values: dict[str, Any] = {}
    variables: dict[str, Any] = {}

    def changes(self) -> list[ResourceChange]:
        """Returns what the plan would do to managed resources, in the plan's order."""
        return [
            change
            for change in self.resource_changes
            if change.mode == "managed" and change.action not in ("no-op", "read")
        ]

    def variable(self, name: str) -> Any:  # noqa: ANN401  # a variable of any type
        """Returns the value that input variable `name` has; None where there is none."""
        return self.variables.get(name, {}).get("value")

    @property
    def continues_first_deployment(self) -> bool:
        """True when no deployment has been completed yet: some output that there will be has no value so far."""
        return any(self.output_before(name) is None for name in self.planned_values.get("outputs", {}))

    def output_before(self, name: str) -> Any:  # noqa: ANN401  # an output of any type
        """Returns the value that output `name` has now; None where there is none."""
        return _output(self.prior_state.get("values", {}), name)

    def output_after(self, name: str) -> Any:  # noqa: ANN401  # an output of any type
        """Returns the value that output `name` will have; None where there is none or it is not yet known."""
        return _output(self.planned_values, name)


def parse(raw: Mapping[str, Any]) -> Plan:
    """Returns the plan that `terraform show -json` printed."""
    return msgspec.convert(raw, Plan)


def _output(values: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401  # as above
    return values.get("outputs", {}).get(name, {}).get("value")
