"""What a deployed environment says of itself: its Terraform outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tools.errors import LakeError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.deployments.settings import Claim
    from tools.terraform.state import State

NO_CODE: Final = "transformation_lambda_file=versions.tf"
"""Spares a build: the configuration demands a package, and any file will do where nothing is made or changed."""

LIVE: Final = "live"
"""The alias of the function that delivery streams call, as `modules/transform` names it."""


_PLACE: Final = (
    "region",
    "account_id",
    "ddb_producer_account_id",
    "consumer_account_id",
    "bucket_name",
    "cross_account_kms_key_arn",
    "function_name",
)
"""Outputs that say where an environment is, in every version."""


class Table(msgspec.Struct, frozen=True):
    """One streamed table, as the output `tables` describes it; None for what lies in another account.

    `catalog_table` is its name in the Glue Data Catalog, and what its views are called after. `rules` say what becomes
    of the values at a path: json, text, hash or drop. `existing` says whether the table was there
    before the deployment.
    """

    delivery_stream_name: str
    delivery_role_arn: str
    data_prefix: str
    error_prefix: str
    table_arn: str | None = None
    stream_name: str | None = None
    stream_arn: str | None = None
    log_group_name: str | None = None
    catalog_table: str | None = None
    rules: dict[str, str] = {}
    existing: bool | None = None


class Monitoring(msgspec.Struct, frozen=True):
    """Whom alarms tell, all of them by name, and by table the one that is raised while its data is at risk."""

    topic_arn: str
    alarm_names: tuple[str, ...] = ()
    data_at_risk_alarm_names: dict[str, str] = {}
    dashboard_name: str | None = None


class Replica(msgspec.Struct, frozen=True):
    """The copy of the lake in another Region of its account: bucket, key, and the role that replicates.

    `prefixes` of the lake are replicated, each by a rule that is called like it. `alarm_names` are of its own Region,
    where they tell `topic_arn`; without monitoring there are none.
    """

    region: str
    bucket_name: str
    kms_key_arn: str
    role_name: str
    prefixes: tuple[str, ...]
    topic_arn: str | None = None
    alarm_names: tuple[str, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """Ids of the replication rules."""
        return tuple(prefix.rstrip("/") for prefix in self.prefixes)


class Outputs(msgspec.Struct, frozen=True):
    """The outputs that every environment has; None where an environment has no such thing."""

    region: str
    account_id: str
    bucket_name: str | None = None
    bucket_policy_json: str | None = None
    kms_key_arn: str | None = None
    function_name: str | None = None
    database_name: str | None = None
    workgroup_name: str | None = None
    results_prefix: str | None = None
    reader_policy_json: str | None = None
    tables: dict[str, Table] = {}
    ddb_producer_account_id: str | None = None
    producer_iam_path: str | None = None
    consumer_account_id: str | None = None
    cross_account_kms_key_arn: str | None = None
    monitoring: Monitoring | None = None
    backfill_job_name: str | None = None
    replica: Replica | None = None

    def alarm_names(self) -> dict[str, tuple[str, ...]]:
        """Returns the names of all alarms by Region; none without monitoring."""
        own = {self.region: self.monitoring.alarm_names} if self.monitoring else {}
        there = {self.replica.region: self.replica.alarm_names} if self.replica and self.replica.alarm_names else {}
        return own | there

    def inputs(self) -> tuple[str, ...]:
        """Returns the inputs, as NAME=VALUE, that say where the environment is: what is deployed, not what is wanted.

        With them Terraform finds everything again, whatever the variables say today, to look at it or to remove it.
        """
        values = {
            "region": self.region,
            "account_id": self.account_id,
            "ddb_producer_account_id": self.ddb_producer_account_id,
            "consumer_account_id": self.consumer_account_id,
            "cross_account_datalake_bucket": self.bucket_name if self.consumer_account_id else None,
            "cross_account_kms_key_arn": self.cross_account_kms_key_arn,
        }
        code = (NO_CODE,) if self.function_name else ()
        return (*(f"{name}={value}" for name, value in values.items() if value), *code)

    def table(self, name: str | None) -> tuple[str, Table]:
        """Returns the table called `name` and its name; without a name, the only one.

        Raises:
            UsageError: there is no such table, or no name was given and there are several.
        """
        known = ", ".join(sorted(self.tables)) or "none"
        if name is None and len(self.tables) != 1:
            raise UsageError(f"choose a table with --table NAME; this environment streams: {known}")
        chosen = name or next(iter(self.tables))
        if chosen not in self.tables:
            raise UsageError(f"table {chosen!r} is not streamed by this environment, which streams: {known}")
        return chosen, self.tables[chosen]


def parse_known(raw: Mapping[str, Any], claim: Claim | None) -> Outputs | None:
    """Returns what is known of a deployment that need not be complete, from outputs and from what it holds.

    Outputs that are not those of this version count as not known. None where not even its account and Region are.
    """
    values = {name: output.get("value") for name, output in raw.items()}
    place = {"region": claim.region, "account_id": claim.account_id} if claim else {}
    for known in (place | values, place | {name: values[name] for name in _PLACE if name in values}):
        try:
            return msgspec.convert(known, Outputs)
        except msgspec.ValidationError:
            continue
    return None


def not_deployed(label: str) -> LakeError:
    """Returns the error that says so of a deployment, named as a user would write it."""
    known = "" if "--deployment" not in label else "; python -m tools.deploy --list shows those that are"
    return LakeError(f"{label} is not deployed here; deploy it first: python -m tools.deploy {label}{known}")


def of_state(state: State | None) -> Mapping[str, Any]:
    """Returns the outputs in a state, name -> {"value": ...}; none where there is no state."""
    return state.outputs if state else {}


def parse_outputs(label: str, raw: Mapping[str, Any]) -> Outputs:
    """Reads the outputs of a state: output name -> {"value": ..., "type": ..., "sensitive": ...}.

    Raises:
        LakeError: the environment is not deployed, or its outputs are not those of this version.
    """
    if not raw:
        raise not_deployed(label)
    try:
        return msgspec.convert({name: output["value"] for name, output in raw.items()}, Outputs)
    except msgspec.ValidationError as error:
        raise LakeError(
            f"the outputs of {label} are not those of this version ({error}); "
            f"deploy it again: python -m tools.deploy {label}"
        ) from None
