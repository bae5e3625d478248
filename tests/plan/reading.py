"""Reads what a plan says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tftest


def resources(plan: tftest.TerraformPlanOutput) -> dict[str, dict[str, Any]]:
    """Returns address -> planned resource (`type`, `values`, ...), data sources left out."""
    return {
        address: resource
        for address, resource in _walk(plan.root_module)
        if not resource["address"].startswith("data.") and ".data." not in address
    }


def values(plan: tftest.TerraformPlanOutput, address: str) -> dict[str, Any]:
    """Returns the planned values of one resource."""
    found: dict[str, Any] = resources(plan)[address]["values"]
    return found


def counts(plan: tftest.TerraformPlanOutput) -> dict[str, int]:
    """Returns resource type -> number of resources."""
    types = [resource["type"] for resource in resources(plan).values()]
    return {kind: types.count(kind) for kind in sorted(set(types))}


def statements(policy: str) -> dict[str, dict[str, Any]]:
    """Returns sid -> statement of a policy document, lists sorted, single values as lists of one."""
    return {statement["Sid"]: _sorted(statement) for statement in json.loads(policy)["Statement"]}


def _sorted(statement: dict[str, Any]) -> dict[str, Any]:
    result = {key: value for key, value in statement.items() if key != "Sid"}
    for key in ("Action", "Resource"):
        result[key] = _list(result[key])
    if "Condition" in result:
        result["Condition"] = {
            test: {variable: _list(value) for variable, value in variables.items()}
            for test, variables in result["Condition"].items()
        }
    return result


def _list(value: Any) -> list[str]:
    return sorted(value) if isinstance(value, list) else [value]


def _walk(module: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for resource in module.resources.values():
        yield resource["address"], resource
    for child in module.child_modules.values():
        yield from _walk(child)
