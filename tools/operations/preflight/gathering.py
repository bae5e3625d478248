"""Gathers what a deployment wants of its account: from the user's variables, the module `names` and the state."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from tools import paths
from tools.deployments import replica_place
from tools.operations.preflight import naming
from tools.operations.preflight.kinds import KINDS
from tools.operations.preflight.place import Place
from tools.operations.preflight.wanted import ExistingNetwork, Owned, Table, Wanted
from tools.terraform import type_constraints
from tools.terraform.type_constraints import ObjectType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.deployments.deployment import Deployment
    from tools.terraform.state import State

_NAMED_BY: Final = {
    **{kind.resource_type: kind.attribute for kind in KINDS},
    "aws_dynamodb_kinesis_streaming_destination": "table_name",
}
"""Resource type -> the attribute that tells two of them apart, where it is not the id."""

_ON_DEMAND: Final = "ON_DEMAND"


def gather(deployment: Deployment, given: Mapping[str, Any], caller: str, state: State) -> Wanted:
    """Returns what a deployment wants, with the values `given` for its variables; `caller` is the credentials' ARN.

    Raises:
        UsageError: a name would break a rule of AWS.
        LakeError: Terraform cannot be run.
    """
    environment = deployment.environment
    values = {name: environment.value(name, given) for name in environment.variables()}
    partition, account_id = caller.split(":")[1], caller.split(":")[4]
    place = Place(account_id, str(values["region"]), partition)
    outputs = naming.ask_module(place, values, deployment.environment_variables)
    network = values.get("network")
    replication = naming.replication(values)
    suffixes = () if network else values.get("availability_zone_suffixes") or ()
    return Wanted(
        place,
        caller,
        zones=tuple(f"{place.region}{suffix}" for suffix in suffixes),
        tables=tables(values["tables"], outputs) if environment.has_function else (),
        names=tuple(naming.names(environment, outputs, values)),
        owned=owned(state, place.region),
        role_path=str(values.get("iam_path") or "/"),
        key_arn=values.get("kms_key_arn"),
        network=ExistingNetwork(network["vpc_id"], tuple(network["subnet_ids"])) if network else None,
        bucket=values.get("existing_bucket"),
        replica_region=str(replication.get("region") or ""),
        replica_key_arn=replication.get("kms_key_arn"),
    )


def tables(given: Mapping[str, Any], outputs: Mapping[str, Any]) -> tuple[Table, ...]:
    """Returns the streamed tables, as the user gave them, with the names that `outputs` of the module `names` say."""
    return tuple(_table(name, given[name] or {}, output["stream_name"]) for name, output in outputs["tables"].items())


def _table(name: str, settings: Mapping[str, Any], stream_name: str) -> Table:
    given = settings.get("stream") or {}
    stream = {**_stream_defaults(), **{key: value for key, value in given.items() if value is not None}}
    return Table(
        name,
        is_existing=bool(settings.get("existing")),
        stream=stream_name,
        is_on_demand=stream["mode"] == _ON_DEMAND,
        shards=int(stream["shards"]),
    )


@cache
def _stream_defaults() -> dict[str, Any]:
    """Returns the settings of a stream that a table leaves out, as the module `stream` declares them."""
    declared = type_constraints.read_variables(paths.MODULES / "stream")["stream"].type
    members = declared.members if isinstance(declared, ObjectType) else {}
    return {name: member.default for name, member in members.items()}


def owned(state: State, region: str) -> Owned:
    """Returns what a state holds, by type and name; `region` is the deployment's."""
    names, elsewhere = set(), set()
    for each in state.resources:
        name = (each.type, str(each.attributes.get(_NAMED_BY.get(each.type, "id"))))
        other = replica_place.region_of(each)
        if other in ("", region):
            names.add(name)
        else:
            elsewhere.add((*name, other))
    return Owned(
        frozenset(names),
        {
            str(each.attributes["name"]): int(each.attributes.get("shard_count") or 0)
            for each in state.resources
            if each.type == "aws_kinesis_stream"
        },
        frozenset(elsewhere),
    )
