from __future__ import annotations

import json

import pytest

from tools.terraform.diagnostics import Diagnostic, Position, Range, error_lines, parse_event

VALIDATION = Diagnostic(
    "error",
    "Invalid value for variable",
    "shards must be a whole number from 1 to 10000:\ngot 0.\n\n"
    "This was checked by the validation rule at variables.tf:40,3-13.",
    range=Range("variables.tf", Position(31)),
)


def test_a_refused_value_becomes_our_own_message_and_its_place_in_one_line():
    assert VALIDATION.line() == "shards must be a whole number from 1 to 10000: got 0. (variables.tf:31)"
    assert VALIDATION.is_input


def test_a_failure_of_aws_names_the_resource_and_is_no_input_error():
    diagnostic = Diagnostic(
        "error", "creating S3 Bucket (x): BucketAlreadyExists", "", "module.bucket.aws_s3_bucket.this"
    )

    assert diagnostic.line() == "module.bucket.aws_s3_bucket.this: creating S3 Bucket (x): BucketAlreadyExists"
    assert not diagnostic.is_input


def test_the_wrong_account_is_said_in_the_users_terms():
    diagnostic = Diagnostic("error", "AWS account ID not allowed: 333333333333", "")

    assert "credentials are of account 333333333333" in diagnostic.line()


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_a_value_for_a_variable_that_does_not_exist_is_an_input_error_wherever_it_was_given(severity):
    diagnostic = Diagnostic(severity, "Value for undeclared variable", 'The root module does not declare "x".')

    assert diagnostic.is_undeclared
    assert diagnostic.is_input


def test_errors_are_told_in_order_each_once_and_without_warnings():
    other, warning = Diagnostic("error", "Other", "thing"), Diagnostic("warning", "Beware")

    assert error_lines([other, warning, VALIDATION, other]) == ["Other. thing", VALIDATION.line()]


def test_output_that_is_not_terraforms_is_kept_as_text():
    assert parse_event("panic: at the disco\n").message == "panic: at the disco"
    assert parse_event("panic: at the disco\n").type == "text"


def test_an_event_tells_its_resource():
    event = parse_event(json.dumps({"@message": "m", "type": "apply_start", "hook": {"resource": {"addr": "a.b"}}}))

    assert event.address == "a.b"
