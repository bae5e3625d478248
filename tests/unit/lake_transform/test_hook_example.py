"""The example of a hook does what its description says, as the function would run it."""

from __future__ import annotations

import json

import pytest

from lake_transform import batch
from lake_transform.settings import Settings
from lake_transform.transform import Transform


@pytest.fixture
def hooked(record):
    transform = Transform(Settings(hook="examples.orders_hook:hook"))

    def line(image):
        return transform.change(record({"id": {"S": "1"}} | image)).data

    return line


def test_a_test_tenants_rows_are_dropped_and_no_others(hooked):
    assert hooked({"tenant": {"S": "load-test"}}) is None
    assert hooked({"tenant": {"S": "acme"}})


@pytest.mark.parametrize(
    ("email", "masked"), [("eve@example.com", "***@example.com"), ("a@b@c.d", "***@c.d"), ("eve", "***"), ("", "***")]
)
def test_an_email_address_is_masked(hooked, email, masked):
    assert json.loads(hooked({"email": {"S": email}}))["email"] == masked


def test_the_derived_column_has_every_digit(hooked):
    line = hooked({"price": {"N": "9" * 38}, "quantity": {"N": "9" * 38}})

    assert f'"total":{int("9" * 38) ** 2}}}'.encode() in line


@pytest.mark.parametrize("image", [{}, {"price": {"N": "1"}}, {"price": {"S": "1"}, "quantity": {"N": "2"}}])
def test_nothing_is_derived_from_what_is_not_there(hooked, image):
    assert b"total" not in hooked(image)


def test_a_hook_that_raises_fails_its_record_alone(firehose, record, monkeypatch):
    transform = Transform(Settings(hook="examples.orders_hook:hook"))
    event = firehose(*(record({"id": {"S": "1"}, "price": {"N": number}, "quantity": {"N": "1"}}) for number in "123"))

    def breaks_at_two(row, _):
        return 1 / (row["price"] - 2) and row

    monkeypatch.setattr(transform._hooked_rows, "_hook", breaks_at_two)
    outcomes = batch.transform_records(event["records"], lambda: transform)

    assert [outcome.result for outcome in outcomes] == ["Ok", "ProcessingFailed", "Ok"]
    assert outcomes[1].reason == "the hook raised DivisionByZero"
