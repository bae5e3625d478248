"""The names that a deployment's resources will have, as the module `names` makes them of the user's variables."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tools import paths
from tools.operations.preflight import kinds
from tools.operations.preflight.wanted import Name
from tools.plan_review import plan
from tools.terraform.runner import Terraform, Variables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tools.deployments.environments import Environment
    from tools.operations.preflight.place import Place

MODULE: Final = paths.MODULES / "names"

_TAKEN: Final = ("name", "tables", "bucket_name", "kms_key_alias", "replication")
"""Variables of the environments that the module has too."""


def ask_module(
    place: Place, values: Mapping[str, Any], environment_variables: Mapping[str, str], module: Path = MODULE
) -> dict[str, Any]:
    """Returns the outputs of the module `names` for these values of an environment's variables.

    The module has no resources, so Terraform needs no provider for it, and no state (0.2 s).

    Raises:
        UsageError: a name would break a rule of AWS.
        LakeError: Terraform cannot be run.
    """
    account = {"id": place.account_id, "region": place.region, "partition": place.partition}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made, "names")
        # Terraform locks the folder that it plans in, which others may be using.
        shutil.copytree(module, folder, ignore=shutil.ignore_patterns("tests", "*.md", ".terraform*"))
        data_folder = Path(made, "data")
        data_folder.mkdir()
        given = {name: values[name] for name in _TAKEN if values.get(name) is not None}
        terraform = Terraform(folder, data_folder, environment_variables)
        terraform.plan(
            Variables(pairs=tuple(_pair(name, value) for name, value in {**given, "account": account}.items()))
        )
        outputs = plan.parse(terraform.show()).planned_values.outputs
    return {name: output.value for name, output in outputs.items()}


def _pair(name: str, value: Any) -> str:  # noqa: ANN401  # an HCL value of any type
    """Returns NAME=VALUE as the command line takes it: JSON, but for the text of a variable of type string."""
    return f"{name}={value if isinstance(value, str) else json.dumps(value).replace('${', '$${')}"


def names(environment: Environment, outputs: Mapping[str, Any], values: Mapping[str, Any]) -> list[Name]:
    """Returns what an environment makes under a name of ours, of the module's `outputs` and the variables' `values`.

    What an environment has follows from the variables that it declares, and from what exists already by their values.
    """
    declared = environment.variables()
    found = []
    if values.get("kms_key_arn") is None:
        found.append(Name(kinds.ALIAS, f"alias/{outputs['kms_key_alias']}"))
    if "bucket_name" in declared and values.get("existing_bucket") is None:
        found.append(Name(kinds.BUCKET, outputs["bucket_name"]))
    if environment.has_function:
        found += _of_pipeline(outputs, values)
        if values.get("network") is None:
            found.append(Name(kinds.ROLE, outputs["flow_log_role_name"], "vpc-flow-logs.amazonaws.com"))
            found.append(Name(kinds.LOG_GROUP, outputs["flow_log_group_name"]))
    if "catalog" in declared:
        found += _of_catalog(outputs, values)
    if values.get("backfill") is not None:
        found += _of_backfill(outputs["backfill"])
    monitoring = values.get("monitoring") or {}
    if "monitoring" in declared:
        found += _of_monitoring(outputs, monitoring)
    if replication(values):
        found += _of_replica(outputs, replication(values), monitoring)
    return found


def replication(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns what is said of the replica by the values of an environment's variables; empty where there is none."""
    found: Mapping[str, Any] = values.get("replication") or {}
    return {} if found.get("enabled") is False else found


def _of_pipeline(outputs: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[Name]:
    yield Name(kinds.FUNCTION, outputs["function_name"])
    yield Name(kinds.ROLE, outputs["execution_role_name"], "lambda.amazonaws.com")
    if (values.get("transform") or {}).get("keep_active") is not False:
        yield Name(kinds.ROLE, outputs["schedule_role_name"], "scheduler.amazonaws.com")
    # A pattern stands for the groups that each table has, which have the names that AWS expects.
    for group in outputs["log_group_names"]:
        if not group.endswith("*"):
            yield Name(kinds.LOG_GROUP, group)
    for name, table in outputs["tables"].items():
        if not (values["tables"][name] or {}).get("existing"):
            yield Name(kinds.TABLE, name)
        yield Name(kinds.LOG_GROUP, f"/aws/kinesisfirehose/{table['delivery_stream_name']}")
        yield Name(kinds.STREAM, table["stream_name"])
        yield Name(kinds.DELIVERY_STREAM, table["delivery_stream_name"])
        yield Name(
            kinds.ROLE, table["delivery_role_name"], "firehose.amazonaws.com", path=outputs["delivery_role_path"]
        )


def _of_catalog(outputs: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[Name]:
    catalog = values["catalog"] or {}
    yield Name(kinds.DATABASE, outputs["database_name"])
    yield Name(kinds.WORKGROUP, outputs["workgroup_name"])
    if catalog.get("crawler") is not None:
        yield Name(kinds.DATABASE, outputs["crawler"]["database_name"])
        yield Name(kinds.ROLE, outputs["crawler"]["role_name"], "glue.amazonaws.com")
        yield Name(kinds.LOG_GROUP, outputs["crawler"]["log_group_name"])
    if catalog.get("lake_formation") is not None:
        yield Name(kinds.ROLE, outputs["lake_formation_role_name"], "lakeformation.amazonaws.com")
    for name, table in outputs["tables"].items():
        if (values["tables"][name] or {}).get("state") is not None:
            yield Name(kinds.LOG_GROUP, f"/aws/vendedlogs/states/{table['state_machine_name']}")
            yield Name(kinds.STATE_MACHINE, table["state_machine_name"])
            yield Name(kinds.ROLE, table["state_role_name"], "states.amazonaws.com")
            yield Name(kinds.ROLE, table["state_schedule_role_name"], "scheduler.amazonaws.com")


def _of_backfill(job: Mapping[str, str]) -> Iterator[Name]:
    yield Name(kinds.JOB, job["job_name"])
    yield Name(kinds.ROLE, job["role_name"], "glue.amazonaws.com")
    for kind in ("error", "output"):
        yield Name(kinds.LOG_GROUP, f"{job['log_prefix']}/{job['role_name']}-role/{job['role_name']}/{kind}")


def _of_monitoring(outputs: Mapping[str, Any], monitoring: Mapping[str, Any]) -> Iterator[Name]:
    if monitoring.get("enabled") is False:
        return
    if monitoring.get("topic_arn") is None:
        yield Name(kinds.TOPIC, outputs["topic_name"])
    if monitoring.get("dashboard") is not False:
        yield Name(kinds.DASHBOARD, outputs["dashboard_name"])


def _of_replica(
    outputs: Mapping[str, Any], replication: Mapping[str, Any], monitoring: Mapping[str, Any]
) -> Iterator[Name]:
    region = str(replication["region"])
    yield Name(kinds.BUCKET, outputs["replica"]["bucket_name"], region=region)
    yield Name(kinds.ROLE, outputs["replica"]["role_name"], "s3.amazonaws.com")
    if replication.get("kms_key_arn") is None:
        yield Name(kinds.ALIAS, f"alias/{outputs['kms_key_alias']}", region=region)
    if monitoring.get("enabled") is not False and replication.get("topic_arn") is None:
        yield Name(kinds.TOPIC, outputs["topic_name"], region=region)
