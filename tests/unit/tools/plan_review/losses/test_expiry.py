"""Which objects go sooner than before, where several lifecycle rules are for the same."""

from __future__ import annotations

import pytest

from tools.plan_review.losses import expiry
from tools.plan_review.losses.expiry import Expiry


@pytest.mark.parametrize(
    ("before", "after", "is_sooner"),
    [
        (Expiry("", "", 90), Expiry("", "", 90), False),
        (Expiry("", "", 90), Expiry("errors/", "", 90), False),
        (Expiry("", "", 90), Expiry("errors/", "", 89), True),
        (Expiry("errors/", "", 90), Expiry("", "", 90), True),
        (Expiry("errors/a/", "", 90), Expiry("errors/b/", "", 90), True),
        (Expiry("data/", '{"tag": 1}', 90), Expiry("data/", '{"tag": 1}', 90), False),
        (Expiry("data/", '{"tag": 1}', 90), Expiry("data/", "", 90), True),
        (Expiry("data/", "", 90), Expiry("data/", '{"tag": 1}', 90), False),
        (Expiry("", "", 90, kept=5), Expiry("", "", 90), True),
        (Expiry("", "", 90), Expiry("", "", 90, kept=5), False),
        (Expiry("", "", None, "2027-01-01"), Expiry("", "", None, "2027-01-01"), False),
        (Expiry("", "", None, "2027-01-01"), Expiry("", "", None, "2026-01-01"), True),
        (Expiry("", "", 90), Expiry("", "", None, "2027-01-01"), True),
    ],
)
def test_a_rule_takes_more_unless_another_took_as_much_before(before, after, is_sooner):
    assert expiry.some_sooner(frozenset({before}), frozenset({after})) is is_sooner
    assert expiry.some_sooner(frozenset(), frozenset({after}))
    assert not expiry.some_sooner(frozenset({before}), frozenset())
