"""Where a deployment's replica is, by what its state holds: variables may say something else today, or nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tools.deployments.outputs import parse_known
from tools.errors import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.deployments.settings import Claim
    from tools.terraform.state import Resource, State


def region(state: State, lake_region: str) -> str | None:
    """Returns the Region of what lies in another one than the lake; None where nothing does."""
    return next((found for found in _regions(state) if found != lake_region), None)


def inputs(state: State, lake_region: str) -> tuple[str, ...]:
    """Returns the input, as NAME=VALUE, with which Terraform finds again what lies in the replica's Region.

    In another Region it would find nothing there, and forget what exists.
    """
    found = region(state, lake_region)
    return (f"replication={json.dumps({'region': found})}",) if found else ()


def refuse_move(state: State, claim: Claim | None, replication: Mapping[str, Any] | None) -> None:
    """Refuses values for `replication` with which Terraform would look for the replica where it is not, and fail.

    Raises:
        RefusedError: they name another Region than the replica's, or none.
    """
    known = parse_known(state.outputs, claim)
    found, wanted = region(state, known.region) if known else None, (replication or {}).get("region")
    if found and found != wanted:
        given = f"names {wanted}" if wanted else "is not given"
        raise RefusedError(
            f"refused: the replica of this deployment is in {found}, and replication {given}: a deploy neither moves "
            f'nor removes it so; give replication = {{ region = "{found}" }} as before, or see docs/replica.md#stop'
        )


def buckets(state: State) -> dict[str, str | None]:
    """Returns the buckets of a state by name, with their Regions."""
    held = (each.attributes for each in state.resources if each.type == "aws_s3_bucket")
    return {str(values["bucket"]): values.get("region") for values in held if values.get("bucket")}


def _regions(state: State) -> Iterator[str]:
    for each in state.resources:
        found = region_of(each)
        if found:
            yield found


def region_of(resource: Resource) -> str:
    """Returns the Region of a resource; "" where it does not say, or is in none."""
    # The ARN of a bucket has no Region, nor has that of what IAM has (IAM User Guide, "IAM ARNs").
    arn = str(resource.attributes.get("arn") or "").split(":")
    return str(resource.attributes.get("region") or (arn[3] if len(arn) > 5 else ""))
