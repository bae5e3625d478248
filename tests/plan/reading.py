"""Reads what a plan says: planned values, policies statement by statement, and where unknown values come from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tools.iam import documents
from tools.iam.documents import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tftest

    from tools.iam.documents import ByType, Statement


def resources(plan: tftest.TerraformPlanOutput) -> dict[str, dict[str, Any]]:
    """Returns address -> planned resource (`type`, `values`, ...), data sources left out."""
    return {
        address: resource
        for address, resource in _walk(plan.root_module)
        if not resource["address"].startswith("data.") and ".data." not in address
    }


def of_type(plan: tftest.TerraformPlanOutput, *kinds: str) -> dict[str, dict[str, Any]]:
    """Returns address -> values of the resources of some types; what is not known yet is UNKNOWN."""
    return {a: planned(plan, a) for a, resource in resources(plan).items() if resource["type"] in kinds}


def values(plan: tftest.TerraformPlanOutput, address: str) -> dict[str, Any]:
    """Returns the planned values of one resource."""
    found: dict[str, Any] = resources(plan)[address]["values"]
    return found


def planned(plan: tftest.TerraformPlanOutput, address: str) -> dict[str, Any]:
    """Returns the values of one resource or data source; what is not known yet is UNKNOWN."""
    change = plan.resource_changes[address]["change"]
    merged: dict[str, Any] = _merged(change["after"], change["after_unknown"])
    return merged


def data_source(plan: tftest.TerraformPlanOutput, address: str) -> dict[str, Any]:
    """Returns the values of a data source that was read for the plan."""
    found: dict[str, Any] = next(
        each["values"] for each in _prior(plan.prior_state["values"]["root_module"]) if each["address"] == address
    )
    return found


def outputs(plan: tftest.TerraformPlanOutput) -> dict[str, Any]:
    """Returns the outputs; what is not known yet is UNKNOWN."""
    return {name: _merged(c.get("after"), c["after_unknown"]) for name, c in plan.output_changes.items()}


def counts(plan: tftest.TerraformPlanOutput) -> dict[str, int]:
    """Returns resource type -> number of resources."""
    types = [resource["type"] for resource in resources(plan).values()]
    return {kind: types.count(kind) for kind in sorted(set(types))}


def statements(policy: str) -> dict[str, dict[str, Any]]:
    """Returns sid -> elements of a policy document: lists sorted, and a principal's only identifier without a list."""
    return {each.sid: _elements(each, is_written=True) for each in documents.read(policy)}


POLICIES: Final = {
    "aws_iam_role": "assume_role_policy",
    "aws_iam_role_policy": "policy",
    "aws_kms_key": "policy",
    "aws_s3_bucket_policy": "policy",
    "aws_sns_topic_policy": "policy",
}
"""Type -> its attribute that is a policy."""


def policies(plan: tftest.TerraformPlanOutput) -> dict[str, dict[str, dict[str, Any]]]:
    """Returns address of a resource with a policy -> its statements, the unknown parts of which are UNKNOWN."""
    return {a: policy(plan, a) for a, resource in resources(plan).items() if resource["type"] in POLICIES}


def policy(plan: tftest.TerraformPlanOutput, address: str) -> dict[str, dict[str, Any]]:
    """Returns the statements of a resource's policy, from the document that it is made of where it is not known yet."""
    attribute = POLICIES[resources(plan)[address]["type"]]
    text = planned(plan, address)[attribute]
    if text != UNKNOWN:
        return statements(text)
    place = Place.of(address)
    (document,) = [r for r in place.references(plan, attribute) if r.startswith("data.aws_iam_policy_document.")]
    change = plan.resource_changes[place.prefix + document.removesuffix(".json")]["change"]
    found = documents.read_blocks(change["after"]["statement"], change["after_unknown"].get("statement"))
    return {each.sid: _elements(each, is_written=False) for each in found}


@dataclass(frozen=True)
class Place:
    """Where a resource is written in the configuration."""

    modules: tuple[str, ...]
    prefix: str
    """Of its address: the modules with their keys, and a dot."""
    local: str
    """Its address in its module, without a key."""

    @classmethod
    def of(cls, address: str) -> Place:
        matched = re.fullmatch(
            r'((?:module\.[\w-]+(?:\[(?:"[^"]*"|\d+)\])?\.)*)((?:data\.)?[\w-]+\.[\w-]+)(?:\[.*\])?', address
        )
        assert matched, address
        prefix, local = matched.groups()
        return cls(tuple(re.findall(r"module\.([\w-]+)", prefix)), prefix, local)

    def references(self, plan: tftest.TerraformPlanOutput, *path: str | int) -> list[str]:
        """Returns what the expression of an attribute refers to; a path leads into nested blocks.

        Nothing where the configuration says nothing, because AWS decides.
        """
        written = {r["address"]: r for r in _module(plan, self.modules)["resources"]}[self.local]["expressions"]
        for step in path:
            known = step in written if isinstance(written, dict) else isinstance(step, int) and step < len(written)
            if not known:
                return []
            written = written[step]
        return _most_specific(written.get("references", []))

    def origins(self, plan: tftest.TerraformPlanOutput, *path: str | int) -> set[str]:
        """Returns the resources and variables that a value comes from, through inputs and outputs of modules.

        A variable of a module that its caller does not set is nowhere, nor is one of the environment that is null;
        what Terraform does not tell (locals) stays as it is written.
        """
        found = {o for r in self.references(plan, *path) for o in _follow(plan, self.modules, r)}
        return {o for o in found if not (o.startswith("var.") and _is_null(plan, o.split(".")[1]))}


def leaves(value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yields the steps to each value that holds no other, and the value."""
    nested = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not nested or not value:
        yield steps, value
        return
    for step, each in nested:
        yield from leaves(each, (*steps, step))


def _follow(plan: tftest.TerraformPlanOutput, modules: tuple[str, ...], reference: str) -> Iterator[str]:
    kind, *rest = reference.split(".")
    if kind == "var" and modules:
        call = _module(plan, modules[:-1])["module_calls"][modules[-1]]["expressions"].get(rest[0], {})
        for further in _most_specific(call.get("references", [])):
            yield from _follow(plan, modules[:-1], further)
    elif kind == "module" and len(rest) > 1:
        inner = (*modules, rest[0].partition("[")[0])
        output = _module(plan, inner)["outputs"][rest[1]]
        for further in _most_specific(output["expression"].get("references", [])):
            yield from _follow(plan, inner, further)
    elif kind in ("var", "local", "module", "each"):
        yield reference
    else:
        yield "".join(f"module.{name}." for name in modules) + f"{kind}.{rest[0]}"


def _is_null(plan: tftest.TerraformPlanOutput, variable: str) -> bool:
    return plan["variables"].get(variable, {}).get("value") is None


def _module(plan: tftest.TerraformPlanOutput, modules: tuple[str, ...]) -> dict[str, Any]:
    module: dict[str, Any] = plan.configuration["root_module"]
    for name in modules:
        module = module["module_calls"][name]["module"]
    return module


def _most_specific(references: list[str]) -> list[str]:
    # Terraform names a reference and all that it is part of: "module.key.arn" and "module.key".
    return [r for r in references if not any(o != r and o.startswith((f"{r}.", f"{r}[")) for o in references)]


def _merged(known: Any, unknown: Any) -> Any:
    if unknown is True:
        return UNKNOWN
    if isinstance(known, dict):
        flags = unknown if isinstance(unknown, dict) else {}
        return {key: _merged(known.get(key), flags.get(key, False)) for key in {**known, **flags}}
    if isinstance(known, list):
        flags = unknown if isinstance(unknown, list) else []
        return [_merged(v, flags[n] if n < len(flags) else False) for n, v in enumerate(known)]
    return known


def _elements(statement: Statement, *, is_written: bool) -> dict[str, Any]:
    """Returns element -> values; `is_written` leaves the list out around a principal's only identifier."""
    lists = {
        "Action": statement.actions,
        "NotAction": statement.not_actions,
        "Resource": statement.resources,
        "NotResource": statement.not_resources,
    }
    principals = {"Principal": statement.principals, "NotPrincipal": statement.not_principals}
    result: dict[str, Any] = {"Effect": statement.effect}
    result |= {name: sorted(values) for name, values in lists.items() if values is not None}
    for name, by_type in principals.items():
        if by_type is not None:
            result[name] = _identifiers(by_type, is_written=is_written)
    if statement.conditions:
        result["Condition"] = {
            test: {variable: sorted(values) for variable, values in variables.items()}
            for test, variables in statement.conditions.items()
        }
    return result


def _identifiers(by_type: ByType, *, is_written: bool) -> str | dict[str, Any]:
    if by_type == {"*": ("*",)}:
        return "*"
    return {kind: names[0] if is_written and len(names) == 1 else sorted(names) for kind, names in by_type.items()}


def _prior(module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from _prior(child)


def _walk(module: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in module.resources.values():
        yield resource["address"], resource
    for child in module.child_modules.values():
        yield from _walk(child)
