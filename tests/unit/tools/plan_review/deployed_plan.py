"""Plans that change a deployment: what Terraform recorded of one, with a mutation of one resource.

`deployed.json` holds what `terraform show -json` said of the resources that data depends on in a second plan of
single-account, with one table in each capacity mode and one of them with rules.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

from tools.plan_review import plan

DEPLOYED = json.loads(Path(__file__).with_name("deployed.json").read_text())
RESOURCES = {each["address"]: each for each in DEPLOYED["resources"]}


def document(mutation):
    """Returns what `terraform show -json` prints of a plan that makes this mutation and changes nothing else.

    A mutation names an address. `set` holds what is planned, path -> value, `deployed` what is deployed instead of what
    was recorded, and `unknown` the attributes that are known after the apply. A path's steps are parted by points, "+"
    appends to a list, and "policy.SID" is a statement of a policy, which null takes away. `actions` is ["update"] where
    it is not given; a resource that is not in the recording comes with `type`.
    """
    resources = [
        _change(each["address"], each["type"], ["no-op"], each["values"], each["values"]) for each in RESOURCES.values()
    ]
    resources = [each for each in resources if each["address"] != mutation["address"]]
    resources.append(_mutated(mutation))
    outputs = {"outputs": DEPLOYED["outputs"]}
    return {
        "format_version": DEPLOYED["format_version"],
        "terraform_version": DEPLOYED["terraform_version"],
        "resource_changes": [*resources, *(_mutated(each) for each in mutation.get("and", ()))],
        "prior_state": {"values": outputs},
        "planned_values": outputs,
        "variables": DEPLOYED["variables"] | {"tables": {"value": mutation.get("tables", _tables())}},
    }


def planned(mutation):
    return plan.parse(document(mutation))


def _tables():
    return DEPLOYED["variables"]["tables"]["value"]


def _mutated(mutation):
    recorded = RESOURCES.get(mutation["address"], {"type": mutation.get("type"), "values": {}})
    before = _with(recorded["values"], mutation.get("deployed", {}))
    actions = mutation.get("actions", ["update"])
    goes = "create" not in actions and actions != ["update"]
    after = None if goes else _with(before, mutation.get("set", {}))
    change = _change(mutation["address"], recorded["type"], actions, None if actions == ["create"] else before, after)
    change["change"]["after_unknown"] = dict.fromkeys(mutation.get("unknown", ()), True)
    for name in mutation.get("unknown", ()):
        change["change"]["after"].pop(name)
    return change


def _change(address, kind, actions, before, after):
    change = {"actions": actions, "before": before, "after": after, "after_unknown": {}}
    return {"address": address, "mode": "managed", "type": kind, "change": change}


def _with(values, settings):
    changed = copy.deepcopy(values)
    for path, value in settings.items():
        *steps, last = path.split(".") if not path.startswith("parameters.") else path.split(".", 1)
        if steps == ["policy"]:
            changed["policy"] = _with_statement(changed["policy"], last, value)
            continue
        block = changed
        for step in steps:
            block = block[int(step)] if isinstance(block, list) else block[step]
        if last == "+":
            block.append(value)
        elif isinstance(block, list):
            block[int(last)] = value
        else:
            block[last] = value
    return changed


def _with_statement(policy, sid, changes):
    """Returns a policy with elements of one statement changed, or without the statement where `changes` is null."""
    read = json.loads(policy)
    kept = [each for each in read["Statement"] if each["Sid"] != sid]
    (statement,) = [each for each in read["Statement"] if each["Sid"] == sid]
    read["Statement"] = kept if changes is None else [*kept, statement | changes]
    return json.dumps(read)
