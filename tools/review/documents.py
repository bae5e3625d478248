"""Finds the policy document behind an attribute whose JSON Terraform can only know after apply.

A document that names a key or a role that is still to be made is read during the apply. The plan holds its statements
all the same, as the arguments of the data source, with null where a value is not yet known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tools.review.attributes import UNKNOWN
from tools.review.statements import Statement, by_name, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.review.plan import Plan, ResourceChange

_INSTANCE: Final = r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]'
_MODULE: Final = re.compile(rf"module\.([\w-]+)(?:{_INSTANCE})?\.")
_RESOURCE: Final = re.compile(rf"([\w-]+\.[\w-]+)({_INSTANCE})?")
_REFERENCE: Final = re.compile(rf"(data\.aws_iam_policy_document\.[\w-]+)({_INSTANCE})?\.(?:minified_)?json")
_PARTS: Final = {
    "actions": "Action",
    "not_actions": "NotAction",
    "resources": "Resource",
    "not_resources": "NotResource",
}


def is_computed(plan: Plan, resource: ResourceChange, attribute: str) -> bool:
    """Returns whether the configuration leaves an attribute to the provider, which fills it with what it finds."""
    expressions = _expressions(plan, resource)
    return expressions is not None and attribute not in expressions


def find(plan: Plan, resource: ResourceChange, attribute: str) -> dict[str, Statement] | None:
    """Returns the statements, by name, of the document that an attribute is set to; None if it cannot be told."""
    expression = (_expressions(plan, resource) or {}).get(attribute)
    references = expression.get("references", []) if isinstance(expression, dict) else []
    found = [match for each in references if (match := _REFERENCE.fullmatch(each))]
    if len(found) != 1:
        return None
    modules, _, key = _split(resource.address)
    name, own_key = found[0][1], found[0][2]
    for instance in (own_key, key, ""):
        for change in plan.resource_changes:
            if instance is not None and change.address == f"{modules}{name}{instance}":
                return _statements(change)
    return None


def _statements(document: ResourceChange) -> dict[str, Statement] | None:
    after, unknown = document.change.after or {}, document.change.after_unknown
    others = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
    if any(after.get(each) or (isinstance(unknown, dict) and unknown.get(each)) for each in others):
        return None
    blocks = after.get("statement")
    marks = unknown.get("statement") if isinstance(unknown, dict) else None
    if not isinstance(blocks, list) or marks is True:
        return None
    listed = marks if isinstance(marks, list) else []
    return by_name(
        parse(_as_json(block, listed[index] if index < len(listed) else {})) for index, block in enumerate(blocks)
    )


def _as_json(block: Mapping[str, Any], marks: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """Returns a `statement` block as an element of a policy document."""
    unknown = marks if isinstance(marks, dict) else {}
    statement: dict[str, Any] = {"Sid": block.get("sid"), "Effect": block.get("effect") or "Allow"}
    for argument, element in _PARTS.items():
        if values := _values(block.get(argument), unknown.get(argument)):
            statement[element] = values
    for argument, element in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        named: dict[str, list[str]] = {}
        for principal in block.get(argument) or ():
            named.setdefault(str(principal.get("type")), []).extend(_values(principal.get("identifiers"), None))
        if named:
            # The provider writes everybody as "*", not as {"*": "*"}.
            statement[element] = "*" if "*" in named else named
    conditions: dict[str, dict[str, list[str]]] = {}
    for condition in block.get("condition") or ():
        keys = conditions.setdefault(str(condition.get("test")), {})
        keys[str(condition.get("variable"))] = _values(condition.get("values"), None)
    return {**statement, "Condition": conditions}


def _values(values: Any, mark: Any) -> list[str]:  # noqa: ANN401  # JSON
    if mark is True or not isinstance(values, list):
        return [UNKNOWN] if mark is True else []
    return [UNKNOWN if each is None else str(each) for each in values]


def _expressions(plan: Plan, resource: ResourceChange) -> dict[str, Any] | None:
    """Returns what the configuration sets of a resource: argument -> expression; None where it does not have it."""
    modules, name, _ = _split(resource.address)
    module = plan.configuration.get("root_module", {})
    for call in _MODULE.findall(modules):
        module = module.get("module_calls", {}).get(call, {}).get("module", {})
    for each in module.get("resources", ()):
        if each.get("address") == name:
            expressions: dict[str, Any] = each.get("expressions", {})
            return expressions
    return None


def _split(address: str) -> tuple[str, str, str]:
    """Returns an address as its modules (with a point behind), the resource's type and name, and its instance key."""
    end = 0
    while match := _MODULE.match(address, end):
        end = match.end()
    resource = _RESOURCE.fullmatch(address, end)
    return (address[:end], resource[1], resource[2] or "") if resource else (address[:end], address[end:], "")
