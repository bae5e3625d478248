"""Decides requests, as JSON on standard input, with Principal Mapper; runs in the virtual environment that has it.

Read are `documents` (name -> policy) and `questions` (policy, action, resource, context and caller); written is a list
of decisions: allowed, not allowed (no statement speaks of it) or denied.
"""

import collections
import collections.abc
import json
import sys

# Principal Mapper imports from `collections` what moved to `collections.abc`.
collections.Mapping = collections.abc.Mapping
collections.MutableMapping = collections.abc.MutableMapping

from principalmapper.common import Node  # noqa: E402
from principalmapper.querying import local_policy_simulation as simulation  # noqa: E402
from principalmapper.util.case_insensitive_dict import CaseInsensitiveDict  # noqa: E402


def _role(arn: str) -> Node:
    return Node(arn, "AROA", [], [], {}, [], 0, False, False, None, False, {})


def _decision(document: dict, question: dict) -> str:
    request = question["action"], question["resource"], CaseInsensitiveDict(question["context"])
    if caller := question["caller"]:
        who = _role(caller) if caller.startswith("arn:") else caller
        found = simulation.resource_policy_matching_statements(who, document, *request)
        effects = {statement["Effect"] for statement in found}
    else:
        matches = simulation.policy_has_matching_statement
        effects = {effect for effect in ("Allow", "Deny") if matches(document, effect, *request)}
    return "denied" if "Deny" in effects else "allowed" if effects else "not allowed"


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    decided = [_decision(asked["documents"][each["policy"]], each) for each in asked["questions"]]
    json.dump(decided, sys.stdout)
