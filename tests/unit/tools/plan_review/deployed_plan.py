"""Plans that change a deployment: what Terraform recorded of one, with a mutation of one resource.

`deployed.json` holds what `terraform show -json` said of the resources that data depends on, in a second plan of
single-account on local AWS: the default table, and `orders` in on-demand mode with a rule. To record it again, deploy

    tables = {
      blog-srsa-ddb-table = { state = { every = "1 hour" } }
      orders              = { stream = { mode = "ON_DEMAND" }, rules = { "payment.card" = { as = "drop" } } }
    }

deploy again with `--plan-only`, and give what the command that it prints shows with `-json`, as a file, to

    .venv/bin/python -m tests.unit.tools.plan_review.deployed_plan PLAN.json
"""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path

from tools.plan_review import plan
from tools.plan_review.losses import removals
from tools.plan_review.losses.rules import RULES

FILE = Path(__file__).with_name("deployed.json")
DEPLOYED = json.loads(FILE.read_text())
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


def record(second_plan):
    """Returns what `deployed.json` holds of a second plan, in which nothing changes."""
    kinds = {*removals.LOSSES, *removals.NOTES, *(rule.type for rule in RULES)}
    resources = [
        each
        for each in second_plan["resource_changes"]
        if each["type"] in kinds and each["mode"] == "managed" and not _is_view(each["change"]["before"])
    ]
    assert all(each["change"]["actions"] == ["no-op"] for each in resources)
    outputs = second_plan["prior_state"]["values"]["outputs"]
    return {
        "format_version": second_plan["format_version"],
        "terraform_version": second_plan["terraform_version"],
        "outputs": {name: outputs[name] for name in ("account_id", "region", "tables")},
        "variables": {"tables": second_plan["variables"]["tables"]},
        "resources": [
            {"address": each["address"], "type": each["type"], "values": _without_folders(each["change"]["before"])}
            for each in resources
        ],
    }


def _is_view(values):
    """Returns whether this is a view of the catalog, of which there are many, with long texts."""
    return values.get("table_type") == "VIRTUAL_VIEW"


def _without_folders(values):
    """Returns attributes without the folder of this machine in which the function's package lies."""
    file = values.get("filename")
    return values | {"filename": f"../../build/{Path(file).name}"} if file else values


if __name__ == "__main__":
    recorded = record(json.loads(Path(sys.argv[1]).read_text()))
    FILE.write_text(json.dumps(recorded, indent=1) + "\n")
