"""Finds the policy document behind an attribute whose JSON Terraform can only know after apply.

A document that names a key or a role that is still to be made is read during the apply. The plan holds its statements
all the same, as the arguments of the data source, with null where a value is not yet known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tools.iam.documents import PolicyError, read_blocks
from tools.plan_review.plan import ConfiguredResource, Expression

if TYPE_CHECKING:
    from tools.iam.documents import Statement
    from tools.plan_review.plan import Plan, ResourceChange

_INSTANCE: Final = r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]'
_MODULE: Final = re.compile(rf"module\.([\w-]+)(?:{_INSTANCE})?\.")
_RESOURCE: Final = re.compile(rf"([\w-]+\.[\w-]+)({_INSTANCE})?")
_REFERENCE: Final = re.compile(rf"(data\.aws_iam_policy_document\.[\w-]+)({_INSTANCE})?(?:\.(?:minified_)?json)?")
_OTHER_SOURCES: Final = ("source_policy_documents", "override_policy_documents", "source_json", "override_json")
"""Arguments of the data source that bring in statements of other documents."""


def is_computed(plan: Plan, resource: ResourceChange, attribute: str) -> bool:
    """Returns whether the configuration leaves an attribute to the provider, which fills it with what it finds."""
    configured = _configured(plan, resource)
    return configured is not None and attribute not in configured.expressions


def find(plan: Plan, resource: ResourceChange, attribute: str) -> tuple[Statement, ...] | None:
    """Returns the statements of the document that an attribute is set to; None if it cannot be told."""
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


def _statements(document: ResourceChange) -> tuple[Statement, ...] | None:
    after, unknown = document.change.after or {}, document.change.after_unknown
    marks = unknown if isinstance(unknown, dict) else {}
    if any(after.get(each) or marks.get(each) for each in _OTHER_SOURCES):
        return None
    try:
        return read_blocks(after.get("statement"), marks.get("statement"))
    except PolicyError:
        return None


def _configured(plan: Plan, resource: ResourceChange) -> ConfiguredResource | None:
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
