"""Which attributes change, and that nothing secret is shown on the way."""

from __future__ import annotations

import pytest

from tests.unit.tools.plan_review.plans import change, planned
from tools.plan_review import attributes


def differences(before, after, **marks):
    (found,) = planned(change("a.b", "a", ["update"], before, after, **marks)).changes()
    return [each.text() for each in attributes.differences(found)]


def test_only_what_differs_is_listed_by_its_path():
    before = {"same": 1, "number": 1, "block": [{"inner": "a", "same": True}], "gone": "x"}
    after = {"same": 1, "number": 2, "block": [{"inner": "b", "same": True}], "new": [1, 2]}

    assert differences(before, after) == [
        'block[0].inner: "a" -> "b"',
        'gone: "x" -> (none)',
        "new: (none) -> [1, 2]",
        "number: 1 -> 2",
    ]


def test_what_is_not_yet_known_counts_as_different():
    found = differences(
        {"id": "1", "block": [{"arn": "x"}]}, {"block": [{}]}, unknown={"id": True, "block": [{"arn": True}]}
    )

    assert found == ['block[0].arn: "x" -> (known after apply)', 'id: "1" -> (known after apply)']


def test_a_long_value_is_cut():
    (line,) = differences({"x": "a"}, {"x": "b" * 1_000})

    assert len(line) < 150
    assert line.endswith("…")


SECRET = "hunter2"


@pytest.mark.parametrize(
    ("before", "after", "marks"),
    [
        ({"x": SECRET}, {"x": "other"}, {"before_sensitive": {"x": True}}),
        ({"x": "other"}, {"x": SECRET}, {"after_sensitive": {"x": True}}),
        ({"x": None}, {"x": SECRET}, {"after_sensitive": True}),
        ({"b": [{"x": "old"}]}, {"b": [{"x": SECRET}]}, {"after_sensitive": {"b": [{"x": True}]}}),
        ({"b": []}, {"b": [{"x": SECRET}]}, {"after_sensitive": {"b": [{"x": True}]}}),
        ({"b": [{"x": SECRET}]}, {"b": []}, {"before_sensitive": {"b": [{"x": True}]}}),
        ({"b": None}, {"b": {"deep": {"x": SECRET}}}, {"after_sensitive": {"b": {"deep": {"x": True}}}}),
        ({"x": SECRET}, {}, {"before_sensitive": {"x": True}, "unknown": {"x": True}}),
    ],
)
def test_what_is_marked_as_sensitive_is_never_shown_wherever_it_lies(before, after, marks):
    found = differences(before, after, **marks)

    assert len(found) == 1
    assert SECRET not in found[0]
    assert found[0].endswith("(sensitive) -> (sensitive)")


@pytest.mark.parametrize(
    "name", ["password", "master_password", "SECRET", "db-token", "private_key", "api_key", "MASK_KEY"]
)
def test_what_is_named_like_a_secret_is_not_shown_though_nobody_marked_it(name):
    assert SECRET not in "".join(differences({name: "a"}, {name: SECRET}))
    assert SECRET not in "".join(differences({"e": []}, {"e": [{"variables": {name: SECRET}}]}))


@pytest.mark.parametrize("name", ["kms_key_id", "key", "tokens", "secret_arn", "keypassword_policy"])
def test_what_is_only_named_alike_is_shown(name):
    assert differences({name: "a"}, {name: "b"}) == [f'{name}: "a" -> "b"']


def test_a_secret_that_does_not_change_is_no_difference():
    assert differences({"x": SECRET}, {"x": SECRET}, after_sensitive={"x": True}) == []
