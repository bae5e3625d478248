"""Statements, read from JSON and from the blocks of a planned data source."""

from __future__ import annotations

import json

import pytest

from tools.iam.documents import UNKNOWN, PolicyError, Statement, read, read_blocks

WRITTEN = {
    "Sid": "S",
    "Effect": "Deny",
    "NotAction": "s3:GetObject",
    "Principal": {"AWS": ["a", "b"], "Service": "firehose.amazonaws.com"},
    "NotResource": ["r"],
    "Condition": {"Bool": {"aws:SecureTransport": False}, "StringLike": {"aws:PrincipalArn": ["x*", "y"]}},
}
STATEMENT = Statement(
    sid="S",
    effect="Deny",
    not_actions=("s3:GetObject",),
    principals={"AWS": ("a", "b"), "Service": ("firehose.amazonaws.com",)},
    not_resources=("r",),
    conditions={
        "Bool": {"aws:SecureTransport": ("false",)},
        "StringLike": {"aws:PrincipalArn": ("x*", "y")},
    },
)
BLOCK = {
    "sid": "S",
    "effect": "Deny",
    "actions": None,
    "not_actions": ["s3:GetObject"],
    "principals": [
        {"type": "AWS", "identifiers": ["a"]},
        {"type": "AWS", "identifiers": ["b"]},
        {"type": "Service", "identifiers": ["firehose.amazonaws.com"]},
    ],
    "not_principals": [],
    "resources": [],
    "not_resources": ["r"],
    "condition": [
        {"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]},
        {"test": "StringLike", "variable": "aws:PrincipalArn", "values": ["x*"]},
        {"test": "StringLike", "variable": "aws:PrincipalArn", "values": ["y"]},
    ],
}


def test_json_text_its_mapping_and_blocks_of_a_plan_read_the_same():
    document = {"Version": "2012-10-17", "Statement": [WRITTEN]}

    assert read(document) == read(json.dumps(document)) == read_blocks([BLOCK], [{}]) == (STATEMENT,)


def test_one_statement_and_one_value_may_stand_without_their_list():
    statement = {"Effect": "Allow", "Action": "a", "Resource": "r"}
    listed = {"Effect": "Allow", "Action": ["a"], "Resource": ["r"]}

    assert read({"Statement": statement}) == read({"Statement": [listed]})


def test_everybody_is_told_from_an_account_of_that_name():
    (everybody,) = read({"Statement": {"Effect": "Allow", "Principal": "*"}})
    (of_aws,) = read({"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}}})

    assert (everybody.principals, of_aws.principals) == ({"*": ("*",)}, {"AWS": ("*",)})
    assert read_blocks([{"principals": [{"type": "*", "identifiers": ["*"]}]}], None) == (everybody,)


def test_a_variable_of_iam_is_written_in_blocks_as_in_documents():
    (statement,) = read_blocks([{"resources": ["arn:aws:s3:::lake/&{aws:PrincipalTag/team}/*"]}], None)

    assert statement.resources == ("arn:aws:s3:::lake/${aws:PrincipalTag/team}/*",)


def test_an_element_that_is_not_there_is_told_from_an_empty_one():
    (statement,) = read({"Statement": {"Effect": "Allow", "Action": []}})

    assert (statement.actions, statement.resources) == ((), None)


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[" * 10_000,
        "[]",
        "7",
        {"Statement": ["x"]},
        {"Statement": {}},
        {"Statement": {"Effect": "allow"}},
        {"Statement": {"Effect": "Allow", "Action": {"a": "b"}}},
        {"Statement": {"Effect": "Allow", "Action": [None]}},
        {"Statement": {"Effect": "Allow", "Principal": "arn:aws:iam::111111111111:root"}},
        {"Statement": {"Effect": "Allow", "Condition": ["x"]}},
        {"Statement": {"Effect": "Allow", "Condition": {"Bool": "x"}}},
    ],
    ids=lambda document: str(document)[:60],
)
def test_what_is_no_policy_document_is_refused(document):
    with pytest.raises(PolicyError):
        read(document)


def test_what_a_plan_does_not_know_yet_stays_unknown():
    block = {
        **BLOCK,
        "actions": None,
        "not_resources": ["r", None, None],
        "principals": [{"type": "AWS", "identifiers": None}],
        "condition": [{"test": "ArnLike", "variable": "aws:SourceArn", "values": None}],
    }

    (statement,) = read_blocks([block], [{"actions": True, "not_resources": [False, True, True]}])

    assert statement.actions == (UNKNOWN,)
    assert statement.not_resources == ("r", UNKNOWN, UNKNOWN)
    assert statement.principals == {"AWS": (UNKNOWN,)}
    assert statement.conditions == {"ArnLike": {"aws:SourceArn": (UNKNOWN,)}}


@pytest.mark.parametrize(
    ("blocks", "unknown"), [([BLOCK], True), (None, None), ([7], None), ([{"effect": "Maybe"}], None)]
)
def test_blocks_that_are_not_known_or_no_statements_are_refused(blocks, unknown):
    with pytest.raises(PolicyError):
        read_blocks(blocks, unknown)
