"""Why a resource is replaced, and what Terraform knows by another address or not yet."""

from __future__ import annotations

import pytest

from tests.unit.tools.plan_review.plans import change, planned
from tools.plan_review import provenance


def replaced(reason="", **more):
    (found,) = planned(change("a.b", "a", ["delete", "create"], {}, {}, reason=reason, **more)).changes()
    return provenance.replaced_because(found)


def test_the_attributes_that_cannot_change_in_place_are_named():
    paths = [["hash_key"], ["attribute", 0, "name"]]

    assert replaced("replace_because_cannot_update", replace_paths=paths) == (
        "replaced, because it cannot change in place: hash_key, attribute[0].name"
    )


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("replace_because_tainted", "its creation failed or was interrupted"),
        ("replace_by_request", "-replace asks for it"),
        ("replace_by_triggers", "replace_triggered_by"),
    ],
)
def test_what_terraform_says_of_a_replacement_is_told(reason, says):
    assert says in replaced(reason)


def test_where_terraform_says_nothing_nothing_is_made_up():
    assert replaced() == ""


def test_what_only_moves_or_is_only_imported_is_told_though_nothing_changes():
    moved = {**change("a.new", "a", ["no-op"], {}, {}), "previous_address": "a.old"}
    taken_over = change("a.found", "a", ["no-op"], {}, {}, importing={"id": "orders"})
    plan = planned(moved, taken_over)

    assert plan.changes() == []
    assert list(provenance.moved(plan)) == ["a.old -> a.new"]
    assert list(provenance.imported(plan)) == ["a.found (orders)"]
