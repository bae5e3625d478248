"""The parts of a plan that the review reads.

Shape: Terraform documentation, "JSON Output Format: Plan Representation".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from tools.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMAT_MAJOR: Final = "1"
"""Major version of the plan format that Terraform writes since 1.1; minor ones only add to it."""

_MODULE: Final = re.compile(r'module\.([^.\["]+)(?:\[(?:"[^"]*"|\d+)\])?\.')
_REMEDY: Final = "make it with: terraform show -json PLANFILE > plan.json"

Action = Literal["no-op", "create", "read", "update", "delete", "forget"]
Marks = dict[str, Any] | list[Any] | bool
"""Which parts of a value are unknown, or sensitive: the value's own shape, with true at such a part."""


class Import(msgspec.Struct, frozen=True):
    """That an object which exists already comes under Terraform, and by which id it is found."""

    id: str = "(known after apply)"


class Change(msgspec.Struct, frozen=True):
    """What happens to one object: the actions in order, and its attributes before and after."""

    actions: Annotated[tuple[Action, ...], msgspec.Meta(min_length=1, max_length=2)]
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    after_unknown: Marks = False
    before_sensitive: Marks = False
    after_sensitive: Marks = False
    replace_paths: tuple[tuple[str | int, ...], ...] = ()
    """Attributes that cannot change in place, each as the steps to it."""
    importing: Import | None = None


class ResourceChange(msgspec.Struct, frozen=True):
    """One resource of a plan."""

    address: str
    type: str
    change: Change
    mode: str = "managed"
    action_reason: str = ""
    previous_address: str = ""

    @property
    def action(self) -> str:
        """One of create, update, replace, delete, read, no-op, forget."""
        actions = set(self.change.actions)
        return "replace" if {"create", "delete"} <= actions else self.change.actions[0]

    @property
    def layer(self) -> str:
        """The innermost module that it belongs to, by the name of its call; "root" outside of modules."""
        name, rest = "root", self.address
        while module := _MODULE.match(rest):
            name, rest = module[1], rest[module.end() :]
        return name

    @property
    def is_tainted(self) -> bool:
        """True for an object whose creation failed or was interrupted: Terraform creates it again."""
        return self.action_reason == "replace_because_tainted"

    @property
    def removes(self) -> bool:
        """True when the object that exists now will not exist afterwards."""
        return "delete" in self.change.actions

    @property
    def forgets(self) -> bool:
        """True when the object that exists now stays, and Terraform no longer knows it."""
        return "forget" in self.change.actions


class OutputChange(msgspec.Struct, frozen=True):
    """An output before and after; what is not yet known is left out of it."""

    before: Any = None
    after: Any = None


class Value(msgspec.Struct, frozen=True):
    """The value of a variable or an output; None also where it is not yet known."""

    value: Any = None


class Resource(msgspec.Struct, frozen=True):
    """One resource in a state: its type and its attributes."""

    type: str
    values: dict[str, Any] | None = None


class Module(msgspec.Struct, frozen=True):
    """A module in a state: its resources, and the modules that it calls."""

    resources: tuple[Resource, ...] = ()
    child_modules: tuple[Module, ...] = ()

    def all_resources(self) -> Iterator[Resource]:
        """Yields its resources and those of the modules below it."""
        yield from self.resources
        for child in self.child_modules:
            yield from child.all_resources()


class Values(msgspec.Struct, frozen=True):
    """The values in a state that the review reads."""

    outputs: dict[str, Value] = {}
    root_module: Module = Module()


class State(msgspec.Struct, frozen=True):
    """A state: in a plan, the one before it."""

    values: Values = Values()


class Expression(msgspec.Struct, frozen=True):
    """What the configuration sets an argument to: a constant, or what it refers to, the most specific names first."""

    references: tuple[str, ...] = ()
    constant_value: Any = None


class ConfiguredResource(msgspec.Struct, frozen=True):
    """One resource of the configuration, by its address in its module; blocks of arguments have no references here."""

    address: str
    expressions: dict[str, Expression | list[Any]] = {}


class ModuleCall(msgspec.Struct, frozen=True):
    """One call of a module in the configuration."""

    module: ConfiguredModule


class ConfiguredModule(msgspec.Struct, frozen=True):
    """One module of the configuration."""

    resources: tuple[ConfiguredResource, ...] = ()
    module_calls: dict[str, ModuleCall] = {}


class Provider(msgspec.Struct, frozen=True):
    """The configuration of a provider."""

    expressions: dict[str, Expression | list[Any]] = {}


class Configuration(msgspec.Struct, frozen=True):
    """The configuration that a plan was made of; providers stand under their name, and `name.alias`."""

    root_module: ConfiguredModule = ConfiguredModule()
    provider_config: dict[str, Provider] = {}


class Plan(msgspec.Struct, frozen=True):
    """A plan: its resource changes, what changed outside of Terraform, and the outputs before and after."""

    format_version: str = ""
    terraform_version: str = ""
    resource_changes: tuple[ResourceChange, ...] = ()
    resource_drift: tuple[ResourceChange, ...] = ()
    prior_state: State = State()
    planned_values: Values = Values()
    output_changes: dict[str, OutputChange] = {}
    variables: dict[str, Value] = {}
    configuration: Configuration = Configuration()
    errored: bool = False

    def changes(self) -> list[ResourceChange]:
        """Returns what the plan would do to managed resources, in the plan's order."""
        return [change for change in self.managed() if change.action not in ("no-op", "read")]

    def managed(self) -> list[ResourceChange]:
        """Returns the managed resources of the plan, those that it does not change too."""
        return [change for change in self.resource_changes if change.mode == "managed"]

    def drifted(self) -> list[ResourceChange]:
        """Returns how managed resources differ from what Terraform last knew of them."""
        return [change for change in self.resource_drift if change.mode == "managed" and change.action != "no-op"]

    def resources_before(self, kind: str) -> list[dict[str, Any]]:
        """Returns the attributes of each resource of one type in the state."""
        return [each.values or {} for each in self.prior_state.values.root_module.all_resources() if each.type == kind]

    def variable(self, name: str) -> Any:  # noqa: ANN401  # a variable of any type
        """Returns the value that input variable `name` has; None where there is none."""
        return self.variables.get(name, Value()).value

    @property
    def continues_first_deployment(self) -> bool:
        """True when no deployment has been completed yet: some planned output has no value yet."""
        return any(self.output_before(name) is None for name in self.planned_values.outputs)

    def output_before(self, name: str) -> Any:  # noqa: ANN401  # an output of any type
        """Returns the value that output `name` has now; None where there is none."""
        return self.prior_state.values.outputs.get(name, Value()).value

    def output_after(self, name: str) -> Any:  # noqa: ANN401  # an output of any type
        """Returns the value that output `name` will have; None where there is none or it is not yet known."""
        return self.planned_values.outputs.get(name, Value()).value

    def known_outputs(self) -> dict[str, dict[str, Any]]:
        """Returns the outputs whose values after the apply are known before it, as `terraform output -json` does."""
        found = {name: each.value for name, each in self.planned_values.outputs.items()}
        return {name: {"value": value} for name, value in found.items() if value is not None}

    @property
    def region(self) -> str | None:
        """The Region that the plan is for; None where it is not known."""
        setting = self.configuration.provider_config.get("aws", Provider()).expressions.get("region")
        constant = setting.constant_value if isinstance(setting, Expression) else None
        candidates = (self.output_after("region"), self.output_before("region"), self.variable("region"), constant)
        return next((region for region in candidates if isinstance(region, str)), None)


def parse(raw: Mapping[str, Any]) -> Plan:
    """Returns the plan that `terraform show -json` printed."""
    return msgspec.convert(raw, Plan)


_ABSENT: Final = msgspec.Raw()


class _Document(msgspec.Struct, frozen=True):
    """The members that distinguish a plan from other documents of Terraform, and its format version."""

    format_version: str
    terraform_version: str = "of unknown version"
    resource_changes: msgspec.Raw = _ABSENT
    planned_values: msgspec.Raw = _ABSENT
    values: msgspec.Raw = _ABSENT


def read(document: bytes, name: str) -> Plan:
    """Returns the plan in what `terraform show -json PLANFILE` printed; `name` is the document's, for messages.

    Raises:
        UsageError: the document is no plan, one of another format version, or one of a run that failed.
    """
    try:
        found = msgspec.json.decode(document, type=_Document)
    except msgspec.ValidationError:
        raise UsageError(f"{name} is JSON, but no plan of Terraform; {_REMEDY}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UsageError(f"{name} is not JSON; {_REMEDY}") from None
    if found.format_version.partition(".")[0] != FORMAT_MAJOR:
        raise UsageError(
            f"{name} has plan format {found.format_version} (Terraform {found.terraform_version}); "
            f"only format {FORMAT_MAJOR}.x is understood, which Terraform writes since 1.1"
        )
    if found.resource_changes is _ABSENT and found.planned_values is _ABSENT:
        what = "a state, not a plan" if found.values is not _ABSENT else "no plan of Terraform"
        raise UsageError(f"{name} is {what}; {_REMEDY}")
    try:
        plan = msgspec.json.decode(document, type=Plan)
    except msgspec.ValidationError as error:
        raise UsageError(f"{name} is no plan of Terraform ({error}); {_REMEDY}") from None
    if plan.errored:
        raise UsageError(f"{name} is the plan of a run that failed; correct the error that it reported, and plan again")
    return plan
