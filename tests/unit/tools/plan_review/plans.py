"""Plans for tests, as `terraform show -json` prints them."""

from __future__ import annotations

from tools.plan_review import plan


def change(address, kind, actions, before=None, after=None, unknown=None, reason="", **more):
    return {
        "action_reason": reason,
        "address": address,
        "mode": "managed",
        "type": kind,
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": unknown or {}, **more},
    }


def planned(*changes, before=None, after=None, state=(), **members):
    def outputs(values):
        return {"outputs": {name: {"value": value} for name, value in (values or {}).items()}}

    resources = [{"type": kind, "values": values} for kind, values in state]
    return plan.parse(
        {
            "format_version": "1.2",
            "resource_changes": list(changes),
            "prior_state": {
                "values": {**outputs(before), "root_module": {"child_modules": [{"resources": resources}]}}
            },
            "planned_values": outputs(after),
            **members,
        }
    )


def drifted(*changes, state=()):
    return planned(state=state, resource_drift=list(changes))
