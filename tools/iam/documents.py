"""Reads IAM policy documents into statements: from JSON, and from the blocks of a planned data source.

AWS documentation: "IAM JSON policy elements reference",
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html. Where an element takes a list, a
single value may stand in the list's place; "*" as the principal is everybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, get_args

import msgspec

UNKNOWN: Final = "(known after apply)"
"""Stands for a value that Terraform only knows after the apply, in Terraform's own words."""

Effect = Literal["Allow", "Deny"]
Values: TypeAlias = tuple[str, ...]
"""In the order and number in which they are written: two unknown values are two."""
ByType: TypeAlias = Mapping[str, Values]
"""Type of principal (AWS, Service, Federated, CanonicalUser; * for everybody) -> identifiers."""
Conditions: TypeAlias = Mapping[str, Mapping[str, Values]]
"""Condition operator -> condition key -> values."""


class PolicyError(ValueError):
    """What was read is not a policy document."""


@dataclass(frozen=True)
class Statement:
    """One statement of a policy; None is an element that it does not have.

    A statement without resources belongs to a trust policy, one without principals to a policy of a role.
    """

    sid: str = ""
    effect: Effect = "Allow"
    actions: Values | None = None
    not_actions: Values | None = None
    principals: ByType | None = None
    not_principals: ByType | None = None
    resources: Values | None = None
    not_resources: Values | None = None
    conditions: Conditions = field(default_factory=dict)

    @property
    def is_allow(self) -> bool:
        """True when the statement allows something, False when it denies."""
        return self.effect == "Allow"


def read(document: str | Mapping[str, Any]) -> tuple[Statement, ...]:
    """Returns the statements of a policy document, given as JSON text or as what JSON text was parsed to.

    Raises:
        PolicyError: it is not a policy document.
    """
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError):
            raise PolicyError("the policy document is not JSON") from None
    return tuple(_statement(_mapping(each)) for each in _as_list(_mapping(document).get("Statement", [])))


def _statement(raw: Mapping[str, Any]) -> Statement:
    if raw.get("Effect") not in get_args(Effect):
        raise PolicyError(f"the effect of a statement is Allow or Deny, not {raw.get('Effect')!r}")
    return Statement(
        sid=str(raw.get("Sid") or ""),
        effect=raw["Effect"],
        actions=_optional_values(raw.get("Action")),
        not_actions=_optional_values(raw.get("NotAction")),
        principals=_principals(raw.get("Principal")),
        not_principals=_principals(raw.get("NotPrincipal")),
        resources=_optional_values(raw.get("Resource")),
        not_resources=_optional_values(raw.get("NotResource")),
        conditions={
            operator: {key: _values(value) for key, value in _mapping(keys).items()}
            for operator, keys in _mapping(raw.get("Condition") or {}).items()
        },
    )


def _principals(raw: object) -> ByType | None:
    if raw is None:
        return None
    return {"*": _values(raw)} if raw == "*" else {kind: _values(names) for kind, names in _mapping(raw).items()}


def _optional_values(raw: object) -> Values | None:
    return None if raw is None else _values(raw)


def _values(raw: object) -> Values:
    return tuple(_text(each) for each in _as_list(raw))


def _text(raw: object) -> str:
    if isinstance(raw, bool):
        return str(raw).lower()
    if not isinstance(raw, str | int | float):
        raise PolicyError(f"a value in a policy document is text, not {type(raw).__name__}")
    return str(raw)


def _as_list(raw: object) -> list[object]:
    return raw if isinstance(raw, list) else [raw]


def _mapping(raw: object) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise PolicyError(f"there is a {type(raw).__name__} in a policy document where an object must be")
    return raw


# Blocks of the data source aws_iam_policy_document, as they stand in a plan. In each list, and in the place of one,
# null is what is not yet known; in the place of a list it is also what is not set.

_Listed: TypeAlias = tuple[str | None, ...] | None


class _PrincipalsBlock(msgspec.Struct, frozen=True):
    type: str = ""
    identifiers: _Listed = None


class _ConditionBlock(msgspec.Struct, frozen=True):
    test: str = ""
    variable: str = ""
    values: _Listed = None


class _StatementBlock(msgspec.Struct, frozen=True):
    sid: str | None = None
    effect: Effect | None = None
    actions: _Listed = None
    not_actions: _Listed = None
    resources: _Listed = None
    not_resources: _Listed = None
    principals: tuple[_PrincipalsBlock, ...] | None = None
    not_principals: tuple[_PrincipalsBlock, ...] | None = None
    condition: tuple[_ConditionBlock, ...] | None = None


def read_blocks(blocks: object, unknown: object) -> tuple[Statement, ...]:
    """Returns the statements of the `statement` blocks of an aws_iam_policy_document in a plan.

    `unknown` is what the plan's `after_unknown` says of the blocks. A value that is not yet known becomes UNKNOWN.

    Raises:
        PolicyError: they are no such blocks, or it is not even known how many there are.
    """
    if unknown is True:
        raise PolicyError("the statements are known after apply")
    try:
        found = msgspec.convert(blocks, list[_StatementBlock])
    except msgspec.ValidationError as error:
        raise PolicyError(f"these are no statement blocks: {error}") from None
    marks = unknown if isinstance(unknown, list) else []
    return tuple(_from_block(block, marks[index] if index < len(marks) else None) for index, block in enumerate(found))


def _from_block(block: _StatementBlock, marks: object) -> Statement:
    unknown = marks if isinstance(marks, dict) else {}

    def listed(name: str, values: _Listed) -> Values | None:
        return _known(values) if values or unknown.get(name) is True else None

    conditions: dict[str, dict[str, Values]] = {}
    for condition in block.condition or ():
        by_key = conditions.setdefault(condition.test, {})
        by_key[condition.variable] = (*by_key.get(condition.variable, ()), *_known(condition.values))
    return Statement(
        sid=block.sid or "",
        effect=block.effect or "Allow",
        actions=listed("actions", block.actions),
        not_actions=listed("not_actions", block.not_actions),
        principals=_by_type(block.principals),
        not_principals=_by_type(block.not_principals),
        resources=listed("resources", block.resources),
        not_resources=listed("not_resources", block.not_resources),
        conditions=conditions,
    )


def _by_type(blocks: tuple[_PrincipalsBlock, ...] | None) -> ByType | None:
    found: dict[str, Values] = {}
    for block in blocks or ():
        found[block.type] = (*found.get(block.type, ()), *_known(block.identifiers))
    return found or None


def _known(values: _Listed) -> Values:
    if values is None:
        return (UNKNOWN,)
    # In HCL `${` is Terraform's own, so the data source takes `&{` for a variable of IAM.
    return tuple(UNKNOWN if each is None else each.replace("&{", "${") for each in values)
