"""Finds the policy document behind an attribute whose JSON Terraform can only know after apply.

A document that names a key or a role that is still to be made is read during the apply. The plan holds its statements
all the same, as the arguments of the data source, with null where a value is not yet known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tools.plan_review.attributes import UNKNOWN
from tools.plan_review.plan import Configured, Expression
from tools.plan_review.policy_statements import Statement, by_name, parse

if TYPE_CHECKING:
    from tools.plan_review.plan import Plan, ResourceChange

_INSTANCE: Final = r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]'
_MODULE: Final = re.compile(rf"module\.([\w-]+)(?:{_INSTANCE})?\.")
_RESOURCE: Final = re.compile(rf"([\w-]+\.[\w-]+)({_INSTANCE})?")
_REFERENCE: Final = re.compile(rf"(data\.aws_iam_policy_document\.[\w-]+)({_INSTANCE})?(?:\.(?:minified_)?json)?")


class _Principals(msgspec.Struct, frozen=True):
    type: str = ""
    identifiers: tuple[str | None, ...] | None = None


class _Condition(msgspec.Struct, frozen=True):
    test: str = ""
    variable: str = ""
    values: tuple[str | None, ...] | None = None


class _Block(msgspec.Struct, frozen=True):
    """A `statement` block of the data source; null, in a list or in its place, is what is not yet known, or not set."""

    sid: str | None = None
    effect: str | None = None
    actions: tuple[str | None, ...] | None = None
    not_actions: tuple[str | None, ...] | None = None
    resources: tuple[str | None, ...] | None = None
    not_resources: tuple[str | None, ...] | None = None
    principals: tuple[_Principals, ...] | None = None
    not_principals: tuple[_Principals, ...] | None = None
    condition: tuple[_Condition, ...] | None = None


def is_computed(plan: Plan, resource: ResourceChange, attribute: str) -> bool:
    """Returns whether the configuration leaves an attribute to the provider, which fills it with what it finds."""
    configured = _configured(plan, resource)
    return configured is not None and attribute not in configured.expressions


def find(plan: Plan, resource: ResourceChange, attribute: str) -> dict[str, Statement] | None:
    """Returns the statements, by name, of the document that an attribute is set to; None if it cannot be told."""
    configured = _configured(plan, resource)
    expression = configured.expressions.get(attribute) if configured else None
    references = expression.references if isinstance(expression, Expression) else ()
    # A document is named twice, as itself and by its attribute; of one made for each key, only as itself.
    found = {match[1]: match[2] for each in reversed(references) if (match := _REFERENCE.fullmatch(each))}
    others = [
        each for each in references if not _REFERENCE.fullmatch(each) and not each.startswith(("each.", "count."))
    ]
    if len(found) != 1 or others:
        return None
    modules, _, key = _split(resource.address)
    ((name, own_key),) = found.items()
    for instance in (own_key, key, ""):
        for change in plan.resource_changes:
            if instance is not None and change.address == f"{modules}{name}{instance}":
                return _statements(change)
    return None


def _statements(document: ResourceChange) -> dict[str, Statement] | None:
    after, unknown = document.change.after or {}, document.change.after_unknown
    marks = unknown if isinstance(unknown, dict) else {}
    others = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
    if any(after.get(each) or marks.get(each) for each in others) or marks.get("statement") is True:
        return None
    try:
        blocks = msgspec.convert(after.get("statement"), list[_Block])
    except msgspec.ValidationError:
        return None
    unknowns = marks.get("statement")
    listed = unknowns if isinstance(unknowns, list) else []
    return by_name(
        parse(_as_json(block, listed[index] if index < len(listed) else None)) for index, block in enumerate(blocks)
    )


def _as_json(block: _Block, marks: object) -> dict[str, Any]:
    """Returns a `statement` block as an element of a policy document."""
    unknown = marks if isinstance(marks, dict) else {}
    statement: dict[str, Any] = {"Sid": block.sid, "Effect": block.effect or "Allow"}
    for argument, element, values in (
        ("actions", "Action", block.actions),
        ("not_actions", "NotAction", block.not_actions),
        ("resources", "Resource", block.resources),
        ("not_resources", "NotResource", block.not_resources),
    ):
        if values or unknown.get(argument) is True:
            statement[element] = _known(values)
    for element, principals in (("Principal", block.principals), ("NotPrincipal", block.not_principals)):
        named: dict[str, list[str]] = {}
        for each in principals or ():
            named.setdefault(each.type, []).extend(_known(each.identifiers))
        if named:
            # The provider writes everybody as "*", not as {"*": "*"}.
            statement[element] = "*" if "*" in named else named
    conditions: dict[str, dict[str, list[str]]] = {}
    for condition in block.condition or ():
        conditions.setdefault(condition.test, {})[condition.variable] = _known(condition.values)
    return {**statement, "Condition": conditions}


def _known(values: tuple[str | None, ...] | None) -> list[str]:
    return [UNKNOWN] if values is None else [UNKNOWN if each is None else each for each in values]


def _configured(plan: Plan, resource: ResourceChange) -> Configured | None:
    """Returns the resource as the configuration has it; None where it does not."""
    modules, name, _ = _split(resource.address)
    module = plan.configuration.root_module
    for called in _MODULE.findall(modules):
        if called not in module.module_calls:
            return None
        module = module.module_calls[called].module
    return next((each for each in module.resources if each.address == name), None)


def _split(address: str) -> tuple[str, str, str]:
    """Returns an address as its modules (with a point behind), the resource's type and name, and its instance key."""
    end = 0
    while match := _MODULE.match(address, end):
        end = match.end()
    resource = _RESOURCE.fullmatch(address, end)
    return (address[:end], resource[1], resource[2] or "") if resource else (address[:end], address[end:], "")
