"""A rule that lets readers see more is told as such, and a changed key of hashes without the key."""

from __future__ import annotations

import hashlib
import html
import json

import pytest
from click.testing import CliRunner

from tests.unit.tools.plan_review.plans import change, planned
from tools.plan_review import report, table_rules, text
from tools.plan_review.artifacts import FUNCTION
from tools.plan_review.review import review
from tools.review import main

OLD_KEY, NEW_KEY = "old-key-0123456789abcdef-old-key", "new-key-0123456789abcdef-new-key"
RULES = {"email": "hash", "card.number": "drop"}
SETTINGS = b'{"orders":{"rules":{"card.number":"drop","email":"hash"}}}'


def of(before, after, *resources, **members):
    """A plan that changes the rules of the table orders."""
    outputs = {"tables": {"before": {"orders": before}, "after": {"orders": after}}}
    return planned(*resources, output_changes=outputs, **members)


def told(before, after):
    found = table_rules.changes(of({"rules": before}, {"rules": after}))
    return [(each.text.removeprefix("orders: "), each.shows_more) for each in found]


@pytest.mark.parametrize(
    ("old", "new", "shows_more"),
    [
        ("drop", "hash", True),
        ("drop", "json", True),
        ("drop", "text", True),
        ("drop", None, True),
        ("hash", "json", True),
        ("hash", "text", True),
        ("hash", None, True),
        ("hash", "drop", False),
        ("json", "text", False),
        ("json", None, False),
        ("text", "hash", False),
        (None, "text", False),
        (None, "hash", False),
        (None, "drop", False),
    ],
)
def test_readers_see_more_where_a_rule_gives_way_to_one_that_is_less_strict(old, new, shows_more):
    before, after = ({"email": rule} if rule else {} for rule in (old, new))

    assert told(before, after) == [(f"email: {old or 'as it is'} -> {new or 'as it is'}", shows_more)]


@pytest.mark.parametrize(
    ("before", "after", "showing_more"),
    [
        ({"card.number": "drop"}, {"card": "drop"}, []),
        ({"card": "drop"}, {"card.number": "drop"}, ["card: drop -> as it is"]),
        ({"card": "drop", "card.number": "hash"}, {"card.number": "hash"}, ["card: drop -> as it is"]),
        ({"card": "drop", "card.number": "drop"}, {"card": "drop"}, []),
        ({"card": "drop", "card.number": "drop"}, {"card": "drop", "card.number": "text"}, []),
        ({"card.number": "hash"}, {"card": "json"}, ["card.number: hash -> as it is"]),
        ({"card.number": "drop"}, {"card": "hash"}, ["card.number: drop -> as it is"]),
        ({"card.number": "drop"}, {r"card\.number": "drop"}, ["card.number: drop -> as it is"]),
        ({"car": "drop", "x.": "drop"}, {"card": "drop", "x": "drop"}, ["car: drop -> as it is"]),
        (RULES, RULES, []),
    ],
)
def test_a_rule_further_up_covers_what_is_below_it(before, after, showing_more):
    assert [line for line, shows_more in told(before, after) if shows_more] == showing_more


@pytest.mark.parametrize(
    ("before", "after", "shows_more"), [(False, True, [True]), (True, False, [False]), (True, True, [])]
)
def test_what_was_there_before_is_more_to_see(before, after, shows_more):
    found = table_rules.changes(of({"before": before}, {"before": after}))

    assert [each.shows_more for each in found] == shows_more
    assert all("cdc_before" in each.text for each in found)


@pytest.mark.parametrize(("before", "after"), [({}, {"orders": {"rules": RULES}}), ({"orders": {"rules": RULES}}, {})])
def test_a_table_that_comes_or_goes_changes_no_rule(before, after):
    assert table_rules.changes(planned(output_changes={"tables": {"before": before, "after": after}})) == ()


@pytest.mark.parametrize(
    "outputs",
    [
        {},
        {"tables": {"before": None, "after": None}},
        {"tables": {"before": None, "after": {"orders": {"stream_name": "s"}}}},
        {"tables": {"before": {"orders": {"data_prefix": "p"}}, "after": {"orders": {"data_prefix": "p"}}}},
        {"tables": {"before": "text", "after": {"orders": "text"}}},
    ],
)
def test_plans_of_other_configurations_have_no_rules(outputs):
    plan = planned(output_changes=outputs)

    assert (table_rules.find(plan), table_rules.changes(plan)) == ({}, ())


def test_the_rules_of_every_table_that_has_any_are_listed():
    after = {"orders": {"rules": RULES, "before": True}, "plain": {"rules": {}, "before": False}}
    after |= {"carts": {"rules": {}, "before": True}}
    plan = planned(output_changes={"tables": {"before": None, "after": after}})

    assert review(plan, "title").rules == (
        "carts: with cdc_before",
        "orders: card.number: drop, email: hash, with cdc_before",
    )


def test_a_table_without_rules_has_no_originals_to_speak_of():
    assert review(of({"before": True}, {"before": True}), "title").rules_note == ""


def function(before, after, actions=("update",)):
    old, new = (None if each is None else {"environment": [{"variables": each}]} for each in (before, after))
    return change("module.transform.aws_lambda_function.this", FUNCTION, list(actions), old, new)


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        (
            OLD_KEY,
            NEW_KEY,
            ["mask_key changes: equal values get another hash from then on, and match no hash from before"],
        ),
        (OLD_KEY, None, ["mask_key is taken away"]),
        (None, NEW_KEY, ["mask_key is set"]),
        (OLD_KEY, OLD_KEY, []),
        (None, None, []),
    ],
)
def test_a_changed_key_of_hashes_is_told(before, after, lines):
    variables = ({"MASK_KEY": key} if key else {} for key in (before, after))

    assert [each.text for each in table_rules.changes(planned(function(*variables)))] == lines


@pytest.mark.parametrize("actions", [("create",), ("delete",)])
def test_a_function_that_comes_or_goes_changes_no_key(actions):
    before, after = (None, {"MASK_KEY": NEW_KEY}) if actions == ("create",) else ({"MASK_KEY": OLD_KEY}, None)

    assert table_rules.changes(planned(function(before, after, actions))) == ()


def test_rules_that_a_failed_apply_left_behind_count_as_looser():
    ours, other = hashlib.sha256(SETTINGS).hexdigest(), "ab" * 32

    def found(before, after):
        variables = ({"TABLE_SETTINGS_SHA256": each} if each else {} for each in (before, after))
        return [
            each.shows_more
            for each in table_rules.changes(of({"rules": RULES}, {"rules": RULES}, function(*variables)))
        ]

    assert found(ours, other) == []
    assert found(other, other) == []
    assert found(other, ours) == [True]
    assert found(None, ours) == [True]


def test_every_format_of_the_review_tells_rules_and_their_changes_and_no_key(tmp_path):
    old, new = {"rules": {"email": "drop", "price": "json"}}, {"rules": {"email": "hash", "price": "text"}}
    resource = function({"MASK_KEY": OLD_KEY}, {"MASK_KEY": NEW_KEY})
    document = {
        "format_version": "1.2",
        "resource_changes": [resource],
        "output_changes": {"tables": {"before": {"orders": old}, "after": {"orders": new}}},
        "variables": {"mask_key": {"value": NEW_KEY}},
    }
    reviewed = review(of(old, new, resource), "title")
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(document))
    printed = CliRunner().invoke(main, [str(file), "--json"], standalone_mode=False).output
    formats = {
        "text": "\n".join(text.lines(reviewed)),
        "markdown": report.markdown(reviewed),
        "page": html.unescape(report.page(reviewed)),
        "json": printed,
    }

    assert [each["shows_more"] for each in json.loads(printed)["rule_changes"]] == [True, False, False]
    for shown in formats.values():
        for line in (
            "orders: email: drop -> hash",
            "orders: price: json -> text",
            "mask_key changes: ",
            "orders: email: hash",
        ):
            assert line in shown
        assert "errors/ and exports/ keep originals" in shown
        assert OLD_KEY not in shown
        assert NEW_KEY not in shown
    for shown in (formats["text"], formats["markdown"], formats["page"]):
        more, other = shown.lower().index("what readers see more of"), shown.lower().index("what else changes in rules")
        assert more < shown.index("email: drop -> hash") < other < shown.index("price: json -> text")
