"""Policy statements: what they allow, on what, and which services they trust."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tools.policy.checks.base import PolicyRule
from tools.policy.hcl import blocks, is_given, texts, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOURCE_CONDITION_KEYS: Final = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "sts:externalid"})
"""Condition keys that limit for which source a service may act (AWS IAM User Guide: "The confused deputy problem")."""

KEY_USE_CONDITION_KEYS: Final = ("kms:encryptioncontext:", "kms:viaservice")
"""Prefixes of condition keys that limit the use of a key to a service, or to what is encrypted."""

CALLER_CONDITION_KEYS: Final = frozenset(
    {"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "kms:calleraccount"}
)
"""Condition keys that identify the caller."""

KEY_USE_ACTIONS: Final = frozenset(
    {
        "kms:creategrant",
        "kms:decrypt",
        "kms:encrypt",
        "kms:generatedatakey",
        "kms:generatedatakeywithoutplaintext",
        "kms:reencryptfrom",
        "kms:reencryptto",
    }
)
"""Actions, in lower case, that use a key instead of administering it."""

READ_ACTIONS: Final = frozenset({"s3:GetObject", "s3:GetObjectVersion"})
"""Actions that give an object's content (S3 User Guide: "Required permissions for Amazon S3 API operations")."""

_READS: Final = re.compile(r"s3:GetObject(Version)?(ForReplication)?$")

_RENDERED_OBJECT: Final = re.compile(r"\['\{.*?\}'\]")
"""What checkov writes for `var.object.member` where it knows the object: the whole object, colons included."""

WITHOUT_RESOURCE_TYPES: Final = (
    "ec2:Describe",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
)
"""Prefixes of actions without resource types: they can be allowed on "*" only (Service Authorization Reference)."""


WITHIN_THEIR_ACCOUNT: Final = (["lambda.amazonaws.com"], ["s3.amazonaws.com"])
"""Services that take a role for functions or buckets of its own account only."""


def allow_statements(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yields the statements with effect Allow."""
    return (each for each in blocks(document, "statement") if value(each, "effect") in (None, "Allow"))


def condition_keys(statement: Mapping[str, Any]) -> set[str]:
    """Returns the condition keys of a statement, in lower case."""
    return {text.lower() for each in blocks(statement, "condition") for text in texts(each.get("variable"))}


def names_actions(document: Mapping[str, Any]) -> bool:
    """True when no statement allows actions by a wildcard or by NotAction."""
    return not any(
        is_given(statement.get("not_actions")) or any("*" in text for text in texts(statement.get("actions")))
        for statement in allow_statements(document)
    )


def is_scoped(document: Mapping[str, Any]) -> bool:
    """True when every statement names its resources, or has a condition.

    A statement with principals passes: a key policy cannot name its key, and other rules check its principals.
    """
    return all(
        is_given(statement.get("principals"))
        or list(blocks(statement, "principals"))
        or (
            not is_given(statement.get("not_resources"))
            and not any(_leaves_account_open(text) for text in texts(statement.get("resources")))
            and ("*" not in texts(statement.get("resources")) or _cannot_be_narrower(statement))
        )
        for statement in allow_statements(document)
    )


def limits_trust_in_services(document: Mapping[str, Any]) -> bool:
    """True when every statement that trusts a service names the source that it may act for.

    Lambda and S3 may assume a role without a condition: a role can be given to functions and buckets of its own account
    only. With a condition on the source Lambda refuses to create a function in a VPC, and that S3 sends one when it
    replicates is not documented.
    """
    return all(
        condition_keys(statement) & SOURCE_CONDITION_KEYS
        or any(key.startswith(KEY_USE_CONDITION_KEYS) for key in condition_keys(statement))
        or _lets_a_service_of_its_account_assume_a_role(statement)
        for statement in allow_statements(document)
        if any("Service" in texts(principal.get("type")) for principal in blocks(statement, "principals"))
    )


def limits_wildcard_principals(document: Mapping[str, Any]) -> bool:
    """True when every statement that allows the principal "*" has a condition on the caller."""
    return all(
        condition_keys(statement) & CALLER_CONDITION_KEYS
        for statement in allow_statements(document)
        if any("*" in texts(principal.get("identifiers")) for principal in blocks(statement, "principals"))
    )


def limits_other_accounts_to_roles(document: Mapping[str, Any]) -> bool:
    """True when every statement that allows another account's root has a condition on the role."""
    return all(
        "aws:principalarn" in condition_keys(statement)
        for statement in allow_statements(document)
        if any(_names_another_account(text) for each in blocks(statement, "principals") for text in texts(each))
    )


def refuses_plain_http(document: Mapping[str, Any]) -> bool:
    """True for a bucket policy that denies all requests without TLS to everybody; other documents pass.

    A document with principals and S3 actions is a bucket policy.
    """
    statements = list(blocks(document, "statement"))
    return not _is_bucket_policy(statements) or any(_denies_plain_http(each) for each in statements)


def refuses_other_encryption(document: Mapping[str, Any]) -> bool:
    """True for a bucket policy that denies writes with an algorithm or key other than the bucket's to everybody."""
    statements = list(blocks(document, "statement"))
    return not _is_bucket_policy(statements) or all(
        any(_denies_writes_unless(each, variable, wanted) for each in statements)
        for variable, wanted in (
            ("s3:x-amz-server-side-encryption", ["aws:kms"]),
            ("s3:x-amz-server-side-encryption-aws-kms-key-id", None),
        )
    )


def keeps_all_but_named_roles_from_reading(document: Mapping[str, Any]) -> bool:
    """True when each statement of a bucket policy that denies reading denies it to everybody but named roles.

    A statement that denies everything, as for want of TLS, passes.
    """
    return all(
        set(texts(statement.get("actions"))) >= READ_ACTIONS
        and any("*" in texts(each.get("identifiers")) for each in blocks(statement, "principals"))
        and all(
            (value(each, "test"), value(each, "variable")) == ("ArnNotEquals", "aws:PrincipalArn")
            for each in blocks(statement, "condition")
        )
        for statement in blocks(document, "statement")
        if value(statement, "effect") == "Deny" and any(_READS.match(text) for text in texts(statement.get("actions")))
    )


def limits_key_use(document: Mapping[str, Any]) -> bool:
    """True when every statement that allows the use of a key limits it to a service, or to what is encrypted.

    A service that is let in itself may be limited to the resource for which it asks.
    """
    return all(
        any(key.startswith(KEY_USE_CONDITION_KEYS) for key in condition_keys(statement))
        or (_lets_only_services_in(statement) and "aws:sourcearn" in condition_keys(statement))
        for statement in allow_statements(document)
        if KEY_USE_ACTIONS & {text.lower() for text in texts(statement.get("actions"))}
    )


def _is_bucket_policy(statements: list[Mapping[str, Any]]) -> bool:
    return any(
        list(blocks(each, "principals")) and any(text.startswith("s3:") for text in texts(each.get("actions")))
        for each in statements
    )


def _denies_writes_unless(statement: Mapping[str, Any], variable: str, wanted: list[str] | None) -> bool:
    """Returns whether a statement denies writes with other values than `wanted`; None stands for any one value."""
    return (
        value(statement, "effect") == "Deny"
        and "s3:PutObject" in texts(statement.get("actions"))
        and any("*" in texts(each.get("identifiers")) for each in blocks(statement, "principals"))
        and any(
            (value(each, "test"), value(each, "variable")) == ("StringNotEquals", variable)
            and (texts(each.get("values")) == wanted if wanted else len(texts(each.get("values"))) == 1)
            for each in blocks(statement, "condition")
        )
    )


def _denies_plain_http(statement: Mapping[str, Any]) -> bool:
    conditions = list(blocks(statement, "condition"))
    return (
        value(statement, "effect") == "Deny"
        and texts(statement.get("actions")) == ["s3:*"]
        and any("*" in texts(each.get("identifiers")) for each in blocks(statement, "principals"))
        and [(value(each, "test"), value(each, "variable"), texts(each.get("values"))) for each in conditions]
        == [("Bool", "aws:SecureTransport", ["false"])]
    )


def _lets_a_service_of_its_account_assume_a_role(statement: Mapping[str, Any]) -> bool:
    principals = [text for each in blocks(statement, "principals") for text in texts(each.get("identifiers"))]
    return principals in WITHIN_THEIR_ACCOUNT and texts(statement.get("actions")) == ["sts:AssumeRole"]


def _lets_only_services_in(statement: Mapping[str, Any]) -> bool:
    return {text for each in blocks(statement, "principals") for text in texts(each.get("type"))} == {"Service"}


def _names_another_account(text: str) -> bool:
    # The account that a module is for comes in as its variable account.
    _, arn, rest = text.partition("iam::")
    return bool(arn) and "account.id" not in rest


def _leaves_account_open(text: str) -> bool:
    """Returns whether an ARN leaves open the Region or the account: arn:partition:service:region:account:resource."""
    parts = _RENDERED_OBJECT.sub("", text).split(":")
    return parts[0] == "arn" and "*" in parts[3:5]


def _cannot_be_narrower(statement: Mapping[str, Any]) -> bool:
    actions = texts(statement.get("actions"))
    return bool(condition_keys(statement)) or all(action.startswith(WITHOUT_RESOURCE_TYPES) for action in actions)


PolicyRule("CKV_LAKE_30", "Policies name the actions that they allow", names_actions)
PolicyRule("CKV_LAKE_31", "Policies name the resources that they allow, or a condition", is_scoped)
PolicyRule(
    "CKV_LAKE_32", "Services but Lambda and S3 are trusted on behalf of a named source only", limits_trust_in_services
)
PolicyRule(
    "CKV_LAKE_33", "Nobody is let in by a wildcard principal unless a condition says who", limits_wildcard_principals
)
PolicyRule("CKV_LAKE_34", "Other accounts are let in by role only", limits_other_accounts_to_roles)
PolicyRule("CKV_LAKE_35", "Policies of buckets refuse requests without TLS", refuses_plain_http)
PolicyRule("CKV_LAKE_36", "Use of a key is bound to a service or to what it encrypts", limits_key_use)
PolicyRule("CKV_LAKE_37", "Policies of buckets refuse writes under another encryption", refuses_other_encryption)
PolicyRule(
    "CKV_LAKE_38", "What is closed to readers is closed to all but named roles", keeps_all_but_named_roles_from_reading
)
