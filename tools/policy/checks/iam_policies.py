"""Policy statements: what they allow, on what, and which services they trust."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tools.policy.checks.base import PolicyRule
from tools.policy.hcl import blocks, is_given, texts, value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOURCES: Final = frozenset({"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "sts:externalid"})
"""Condition keys that say on whose behalf a service acts (AWS IAM User Guide: "The confused deputy problem")."""

CONTEXTS: Final = ("kms:encryptioncontext:", "kms:viaservice")
"""Beginnings of condition keys that bind a service's use of a key to what it is for."""

IDENTITIES: Final = frozenset(
    {"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "kms:calleraccount"}
)
"""Condition keys that say who asks."""

USES_OF_KEYS: Final = frozenset(
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

_RENDERED_OBJECT: Final = re.compile(r"\['\{.*?\}'\]")
"""What checkov writes for `var.object.member` where it knows the object: the whole object, colons included."""

WITHOUT_RESOURCE_TYPES: Final = ("ec2:Describe",)
"""Beginnings of actions that take no resource: AWS knows no narrower grant (Service Authorization Reference)."""


def allows(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yields the statements that allow something."""
    return (each for each in blocks(document, "statement") if value(each, "effect") in (None, "Allow"))


def condition_keys(statement: Mapping[str, Any]) -> set[str]:
    """Returns the condition keys of a statement, in lower case."""
    return {text.lower() for each in blocks(statement, "condition") for text in texts(each.get("variable"))}


def names_its_actions(document: Mapping[str, Any]) -> bool:
    """True when no statement allows actions by wildcard, or all but some."""
    return not any(
        is_given(statement.get("not_actions")) or any("*" in text for text in texts(statement.get("actions")))
        for statement in allows(document)
    )


def is_scoped(document: Mapping[str, Any]) -> bool:
    """True when every statement names what it is about, or under which condition.

    A key policy cannot name its key: there "*" needs the principal, and is judged by the rule on keys.
    """
    return all(
        is_given(statement.get("principals"))
        or list(blocks(statement, "principals"))
        or (
            not is_given(statement.get("not_resources"))
            and not any(_is_of_any_account(text) for text in texts(statement.get("resources")))
            and ("*" not in texts(statement.get("resources")) or _has_no_narrower_form(statement))
        )
        for statement in allows(document)
    )


def trusts_on_behalf(document: Mapping[str, Any]) -> bool:
    """True when every service is trusted on behalf of something named only.

    Lambda may assume a role without a condition: a role can be passed to functions of its own account only, and with a
    condition on the source Lambda refuses to create a function in a VPC.
    """
    return all(
        condition_keys(statement) & SOURCES
        or any(key.startswith(CONTEXTS) for key in condition_keys(statement))
        or _lets_lambda_assume_a_role(statement)
        for statement in allows(document)
        if any("Service" in texts(principal.get("type")) for principal in blocks(statement, "principals"))
    )


def shuts_everybody_out(document: Mapping[str, Any]) -> bool:
    """True when a principal "*" stands only in refusals, or under a condition that says who it is."""
    return all(
        condition_keys(statement) & IDENTITIES
        for statement in allows(document)
        if any("*" in texts(principal.get("identifiers")) for principal in blocks(statement, "principals"))
    )


def lets_accounts_in_by_role(document: Mapping[str, Any]) -> bool:
    """True when another account's root is only a stand-in for the role that a condition names."""
    return all(
        "aws:principalarn" in condition_keys(statement)
        for statement in allows(document)
        if any(_is_of_another_account(text) for each in blocks(statement, "principals") for text in texts(each))
    )


def refuses_plain_http(document: Mapping[str, Any]) -> bool:
    """True for a bucket's policy that denies every request without TLS to everybody; other documents pass.

    A bucket's policy is told by its principals together with actions of S3.
    """
    statements = list(blocks(document, "statement"))
    return not _is_of_a_bucket(statements) or any(_denies_plain_http(each) for each in statements)


def refuses_other_encryption(document: Mapping[str, Any]) -> bool:
    """True for a bucket's policy that denies everybody writes under another algorithm, or key, than the bucket's."""
    statements = list(blocks(document, "statement"))
    return not _is_of_a_bucket(statements) or all(
        any(_denies_writes_unless(each, variable, wanted) for each in statements)
        for variable, wanted in (
            ("s3:x-amz-server-side-encryption", ["aws:kms"]),
            ("s3:x-amz-server-side-encryption-aws-kms-key-id", None),
        )
    )


def binds_use_of_keys(document: Mapping[str, Any]) -> bool:
    """True when every use of a key that is allowed is bound to a service, or to what the key encrypts."""
    return all(
        any(key.startswith(CONTEXTS) for key in condition_keys(statement))
        for statement in allows(document)
        if USES_OF_KEYS & {text.lower() for text in texts(statement.get("actions"))}
    )


def _is_of_a_bucket(statements: list[Mapping[str, Any]]) -> bool:
    return any(
        list(blocks(each, "principals")) and any(text.startswith("s3:") for text in texts(each.get("actions")))
        for each in statements
    )


def _denies_writes_unless(statement: Mapping[str, Any], variable: str, wanted: list[str] | None) -> bool:
    """Returns whether a statement denies everybody to write with anything else; None: than one value that is given."""
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


def _lets_lambda_assume_a_role(statement: Mapping[str, Any]) -> bool:
    principals = [text for each in blocks(statement, "principals") for text in texts(each.get("identifiers"))]
    return principals == ["lambda.amazonaws.com"] and texts(statement.get("actions")) == ["sts:AssumeRole"]


def _is_of_another_account(text: str) -> bool:
    # The account that a module is for comes in as its variable account.
    _, arn, rest = text.partition("iam::")
    return bool(arn) and "account.id" not in rest


def _is_of_any_account(text: str) -> bool:
    """Returns whether an ARN leaves open the Region or the account: arn:partition:service:region:account:resource."""
    parts = _RENDERED_OBJECT.sub("", text).split(":")
    return parts[0] == "arn" and "*" in parts[3:5]


def _has_no_narrower_form(statement: Mapping[str, Any]) -> bool:
    actions = texts(statement.get("actions"))
    return bool(condition_keys(statement)) or all(action.startswith(WITHOUT_RESOURCE_TYPES) for action in actions)


PolicyRule("CKV_LAKE_30", "Policies name the actions that they allow", names_its_actions)
PolicyRule("CKV_LAKE_31", "Policies name the resources that they allow, or a condition", is_scoped)
PolicyRule("CKV_LAKE_32", "Services but Lambda are trusted on behalf of a named source only", trusts_on_behalf)
PolicyRule("CKV_LAKE_33", "Nobody is let in by a wildcard principal unless a condition says who", shuts_everybody_out)
PolicyRule("CKV_LAKE_34", "Other accounts are let in by role only", lets_accounts_in_by_role)
PolicyRule("CKV_LAKE_35", "Policies of buckets refuse requests without TLS", refuses_plain_http)
PolicyRule("CKV_LAKE_36", "Use of a key is bound to a service or to what it encrypts", binds_use_of_keys)
PolicyRule("CKV_LAKE_37", "Policies of buckets refuse writes under another encryption", refuses_other_encryption)
