from __future__ import annotations

from tools.localaws import known_drift
from tools.operations.drift import without_known_drift
from tools.plan_review.attributes import Difference
from tools.plan_review.review import Item


def test_on_local_aws_only_what_the_emulator_is_known_for_is_left_out():
    known = Item("a", "aws_security_group", "update", (Difference("egress", "[]", "[{}]"),))
    mixed = Item("b", "aws_security_group", "update", (*known.differences, Difference("ingress", "[]", "[{}]")))
    other = Item("c", "aws_default_security_group", "update", known.differences)
    gone = Item("d", "aws_security_group", "delete")

    found = without_known_drift([known, mixed, other, gone], known_drift.is_known)

    assert [(item.address, [each.path for each in item.differences]) for item in found] == [
        ("b", ["ingress"]),
        ("c", ["egress"]),
        ("d", []),
    ]
