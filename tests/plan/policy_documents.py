"""The policies that plans write, as documents that tools of others read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tests.plan import inventory
from tests.plan.plans import KEY, PLANS
from tests.plan.reading import POLICIES, UNKNOWN, Place, data_source, policies, statements
from tests.plan.terraform_copy import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import tftest

Document = dict[str, Any]

_HERE: Final = f"us-east-1:{ACCOUNT}"
_STAND_INS: Final = {
    "ec2": [f"arn:aws:ec2:{_HERE}:subnet/subnet-1", f"arn:aws:ec2:{_HERE}:security-group/sg-1"],
    "kms": [KEY],
    "s3": [KEY],
    "scheduler": [f"arn:aws:scheduler:{_HERE}:schedule/lake/orders"],
}
"""Service of a statement's actions -> what stands in it for a value that is known after apply."""


def of_modules(alone: tftest.TerraformPlanOutput) -> dict[str, Document]:
    """Returns address -> policy, of the plan of every module on its own; also of what the catalog hands out."""
    handed_out = {
        f"module.{call}.output.reader_policy_json": statements(
            data_source(alone, f"module.{call}.data.aws_iam_policy_document.reader")["json"]
        )
        for call in ("catalog", "catalog_with_settings")
    }
    return {address: _document(each) for address, each in {**policies(alone), **handed_out}.items()}


def of_inventories() -> dict[str, Document]:
    """Returns case and address -> policy, of every plan that there is an inventory of; each document once."""
    found = {
        f"{name}: {address}": _document(each)
        for name, case in PLANS.items()
        if case.held
        for address, each in _of_inventory(inventory.read(name))
    }
    once = {json.dumps(document, sort_keys=True): name for name, document in reversed(found.items())}
    return {name: found[name] for name in once.values()}


def _of_inventory(held: inventory.Inventory) -> Iterator[tuple[str, dict[str, Document]]]:
    for address, lines in held.items():
        kind = Place.of(address).local.partition(".")[0] if "." in address else ""
        if kind not in POLICIES:
            continue
        found: dict[str, Document] = {}
        for path, value in lines.items():
            attribute, _, rest = path.partition(".")
            if attribute == POLICIES[kind]:
                sid, *steps = rest.split(".", 3)
                _put(found.setdefault(sid, {}), steps, value)
        yield address, found


def _put(element: Document, steps: list[str], value: Any) -> None:
    first, *rest = steps
    if rest:
        _put(element.setdefault(first, {}), rest, value)
    else:
        element[first] = value


def _document(by_sid: Mapping[str, Mapping[str, Any]]) -> Document:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": sid, **_written(elements, _service(elements))} for sid, elements in by_sid.items()],
    }


def _service(elements: Mapping[str, Any]) -> str:
    service: str = elements["Action"][0].partition(":")[0]
    return service


def _written(value: Any, service: str) -> Any:
    """Returns an element as the provider writes it: a list of one value is that value."""
    if isinstance(value, dict):
        return {name: _written(each, service) for name, each in value.items()}
    if not isinstance(value, list):
        return value
    known = [each for each in value if each != UNKNOWN]
    values = known + (_STAND_INS[service] if len(known) < len(value) else [])
    return values[0] if len(values) == 1 else values
