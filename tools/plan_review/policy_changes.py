"""Which policy statements a plan adds, widens, narrows or removes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from tools.iam import comparison, documents
from tools.plan_review import attributes, deferred_policies

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tools.iam.documents import Statement
    from tools.plan_review.plan import Plan, ResourceChange

ATTRIBUTES: Final = ("access_policy", "assume_role_policy", "policy")
"""Attributes that hold a policy document as JSON text."""

_BLOCKS: Final = "inline_policy"
"""Attribute of a role: policies, each with a name."""

_GRANTS: Final[dict[str, tuple[str, str, str]]] = {
    "aws_iam_group_policy_attachment": ("policy_arn", "group", "gets the policy"),
    "aws_iam_policy_attachment": ("policy_arn", "roles", "get the policy"),
    "aws_iam_role_policy_attachment": ("policy_arn", "role", "gets the policy"),
    "aws_iam_user_policy_attachment": ("policy_arn", "user", "gets the policy"),
    "aws_kms_grant": ("operations", "grantee_principal", "may use the key for"),
    "aws_lambda_permission": ("action", "principal", "may call on the function"),
}
"""Types of resources that permit something without a policy document -> what, whom, and in words."""

Kind = comparison.Kind | Literal["unknown"]


@dataclass(frozen=True)
class StatementChange:
    """One statement that changes: of which resource, how, and in words."""

    address: str
    kind: Kind
    text: str

    @property
    def allows_more(self) -> bool:
        """True when somebody may do more afterwards, or when that cannot be known."""
        return self.kind in ("added", "widened", "unknown")


def changes(plan: Plan) -> list[StatementChange]:
    """Returns the statements that the plan's changes touch, in the plan's order."""
    return [found for change in plan.changes() for found in of_resource(plan, change)]


def is_policy(path: str) -> bool:
    """Returns whether an attribute's path is one whose statements `changes` compares."""
    return path in ATTRIBUTES or path.startswith(_BLOCKS)


def of_resource(plan: Plan, resource: ResourceChange) -> Iterator[StatementChange]:
    """Yields the statements of one resource that differ before and after its change."""
    if not resource.type.startswith("aws_"):
        return
    yield from _of_grant(resource)
    before, after = resource.change.before or {}, resource.change.after or {}
    for name in (*ATTRIBUTES, _BLOCKS):
        is_unknown = _is_unknown(resource, name)
        if is_unknown and deferred_policies.is_computed(plan, resource, name):
            continue
        if not is_unknown and before.get(name) == after.get(name):
            continue
        if _marked(resource.change.before_sensitive, name) or _marked(resource.change.after_sensitive, name):
            yield StatementChange(resource.address, "unknown", f"? {name} changes, and is sensitive")
            continue
        old, new = statements(plan, resource, name)
        if new is None and is_unknown:
            yield StatementChange(resource.address, "unknown", f"? {name} is known after apply")
        elif old is None or new is None:
            yield StatementChange(resource.address, "unknown", f"? {name} is no policy document that can be read")
        else:
            for difference in comparison.compare(old, new):
                yield StatementChange(resource.address, difference.kind, difference.text)


def statements(
    plan: Plan, resource: ResourceChange, attribute: str
) -> tuple[dict[str, Statement] | None, dict[str, Statement] | None]:
    """Returns the statements in an attribute by Sid, before and after; None for what cannot be read, or told yet."""
    before, after = resource.change.before or {}, resource.change.after or {}
    if _is_unknown(resource, attribute):
        return _read(before.get(attribute)), _find_deferred(plan, resource, attribute)
    return _read(before.get(attribute)), _read(after.get(attribute))


def _is_unknown(resource: ResourceChange, attribute: str) -> bool:
    return _marked(resource.change.after_unknown, attribute)


def _of_grant(resource: ResourceChange) -> Iterator[StatementChange]:
    what, whom, words = _GRANTS.get(resource.type, ("", "", ""))
    before, after = resource.change.before or {}, resource.change.after or {}
    old, new = ((values.get(whom), values.get(what)) for values in (before, after))
    if not what or old == new:
        return
    if before:
        yield StatementChange(resource.address, "removed", f"- {old[0]} {words} {old[1]}")
    if after:
        yield StatementChange(resource.address, "added", f"+ {new[0]} {words} {new[1]}")


def _find_deferred(plan: Plan, resource: ResourceChange, attribute: str) -> dict[str, Statement] | None:
    statements = deferred_policies.find(plan, resource, attribute)
    return None if statements is None else comparison.by_sid(statements)


def _read(attribute: Any) -> dict[str, Statement] | None:  # noqa: ANN401  # JSON text, or blocks that hold it
    """Returns the statements by Sid; None for what cannot be read as a policy."""
    if not attribute:
        return {}
    if not isinstance(attribute, list):
        try:
            return comparison.by_sid(documents.read(attribute))
        except documents.PolicyError:
            return None
    found: dict[str, Statement] = {}
    for block in attribute:
        inner = _read(block.get("policy")) if isinstance(block, dict) else None
        if inner is None:
            return None
        found |= {f"{block.get('name')}/{key}": statement for key, statement in inner.items()}
    return found


def _marked(marks: Any, name: str) -> bool:  # noqa: ANN401  # see plan.Marks
    return marks is True or (isinstance(marks, dict) and attributes.holds_mark(marks.get(name)))
