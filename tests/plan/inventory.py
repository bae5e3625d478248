"""What plans hold, as files beside the tests: `python -m tests.plan.inventory` writes them anew.

An inventory has the number of resources of each type, and of each resource the values that decide who may read the
data, how it is protected and what it costs. A nested value stands under its path. The inventory of a variant has only
what differs from the inventory that it is based on.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from tests.plan import lake_tables, terraform_copy
from tests.plan.plans import PLANS, Plans
from tests.plan.reading import POLICIES, UNKNOWN, Place, counts, outputs, planned, policy, resources
from tools import paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import tftest

COMMAND: Final = ".venv/bin/python -m tests.plan.inventory"
FOLDER: Final = Path(__file__).parent / "inventories"
ABSENT: Final = "(absent)"

HELD: Final = {
    "aws_athena_named_query": ("database", "name", "query", "workgroup"),
    "aws_athena_workgroup": ("configuration", "force_destroy", "name", "state"),
    "aws_cloudwatch_composite_alarm": ("actions_enabled", "alarm_actions", "alarm_name", "alarm_rule", "ok_actions"),
    "aws_cloudwatch_dashboard": ("dashboard_name",),
    "aws_cloudwatch_log_group": ("kms_key_id", "name", "retention_in_days", "skip_destroy"),
    "aws_cloudwatch_log_stream": ("log_group_name", "name"),
    "aws_cloudwatch_metric_alarm": (
        *("actions_enabled", "alarm_actions", "alarm_name", "comparison_operator", "datapoints_to_alarm", "dimensions"),
        *(
            "evaluation_periods",
            "extended_statistic",
            "metric_name",
            "metric_query",
            "namespace",
            "ok_actions",
            "period",
        ),
        *("statistic", "threshold", "treat_missing_data"),
    ),
    "aws_cloudwatch_query_definition": ("log_group_names", "name", "query_string"),
    "aws_default_security_group": ("egress", "ingress"),
    "aws_dynamodb_kinesis_streaming_destination": (
        "approximate_creation_date_time_precision",
        "stream_arn",
        "table_name",
    ),
    "aws_dynamodb_table": (
        *("attribute", "billing_mode", "global_secondary_index", "hash_key", "local_secondary_index", "name"),
        *("point_in_time_recovery", "range_key", "replica", "server_side_encryption", "stream_enabled", "table_class"),
    ),
    "aws_flow_log": ("log_destination", "log_destination_type", "max_aggregation_interval", "traffic_type"),
    "aws_glue_catalog_database": ("name",),
    "aws_glue_catalog_table": (
        *("database_name", "name", "parameters", "partition_keys", "storage_descriptor", "table_type"),
        *("view_expanded_text", "view_original_text"),
    ),
    "aws_glue_crawler": (
        *("configuration", "database_name", "name", "recrawl_policy", "s3_target", "schedule", "schema_change_policy"),
        "security_configuration",
    ),
    "aws_glue_job": (
        *("command", "default_arguments", "execution_property", "glue_version", "max_retries", "name"),
        *("number_of_workers", "security_configuration", "timeout", "worker_type"),
    ),
    "aws_glue_security_configuration": ("encryption_configuration", "name"),
    "aws_iam_role": ("assume_role_policy", "max_session_duration", "name", "path", "permissions_boundary"),
    "aws_iam_role_policy": ("name", "policy", "role"),
    "aws_kinesis_firehose_delivery_stream": (
        *("destination", "extended_s3_configuration", "kinesis_source_configuration", "name"),
        "server_side_encryption",
    ),
    "aws_kinesis_stream": (
        *("encryption_type", "enforce_consumer_deletion", "kms_key_id", "name", "retention_period"),
        *("shard_count", "shard_level_metrics", "stream_mode_details"),
    ),
    "aws_kms_alias": ("name", "target_key_id"),
    "aws_kms_key": (
        *("bypass_policy_lockout_safety_check", "customer_master_key_spec", "deletion_window_in_days"),
        *("enable_key_rotation", "is_enabled", "key_usage", "policy"),
    ),
    "aws_lambda_alias": ("function_name", "name", "routing_config"),
    "aws_lambda_function": (
        *("architectures", "environment", "function_name", "handler", "kms_key_arn", "layers", "memory_size"),
        *("package_type", "publish", "reserved_concurrent_executions", "runtime", "s3_bucket", "s3_key", "snap_start"),
        *("timeout", "vpc_config"),
    ),
    "aws_route_table": ("route",),
    "aws_route_table_association": ("gateway_id", "route_table_id", "subnet_id"),
    "aws_s3_bucket": ("bucket", "force_destroy"),
    "aws_s3_bucket_lifecycle_configuration": ("bucket", "rule"),
    "aws_s3_bucket_logging": ("bucket", "target_bucket", "target_prefix"),
    "aws_s3_bucket_object_lock_configuration": ("bucket", "rule"),
    "aws_s3_bucket_ownership_controls": ("bucket", "rule"),
    "aws_s3_bucket_policy": ("bucket", "policy"),
    "aws_s3_bucket_public_access_block": (
        *("block_public_acls", "block_public_policy", "bucket", "ignore_public_acls", "restrict_public_buckets"),
    ),
    "aws_s3_bucket_replication_configuration": ("bucket", "role", "rule"),
    "aws_s3_bucket_server_side_encryption_configuration": ("bucket", "rule"),
    "aws_s3_bucket_versioning": ("bucket", "versioning_configuration"),
    "aws_s3_object": ("bucket", "key"),
    "aws_scheduler_schedule": (
        *("flexible_time_window", "group_name", "kms_key_arn", "name", "schedule_expression", "state", "target"),
    ),
    "aws_scheduler_schedule_group": ("name",),
    "aws_security_group": ("egress", "ingress", "name"),
    "aws_sfn_state_machine": (
        *("definition", "encryption_configuration", "logging_configuration", "name", "role_arn", "type"),
    ),
    "aws_sns_topic": ("fifo_topic", "kms_master_key_id", "name"),
    "aws_sns_topic_policy": ("arn", "policy"),
    "aws_sns_topic_subscription": ("endpoint", "protocol", "topic_arn"),
    "aws_subnet": ("availability_zone", "cidr_block", "ipv6_cidr_block", "map_public_ip_on_launch"),
    "aws_vpc": ("cidr_block", "enable_dns_hostnames", "enable_dns_support", "instance_tenancy"),
    "terraform_data": ("input",),
}
"""Type -> the attributes that an inventory holds: none that depends on the machine, as a package's path does."""

Inventory = dict[str, dict[str, Any]]
"""Address -> path -> value; the counts stand under "counts", the outputs under "outputs"."""

Changes = dict[str, dict[str, Any] | str]
"""What differs: address -> path -> value, ABSENT where there is none any more; or ABSENT for the whole."""


class _Dumper(yaml.SafeDumper):
    """A line a value, whatever its length, so that git's differences are as fine as ours."""


_Dumper.add_representer(dict, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, False))
_Dumper.add_representer(list, lambda dumper, data: dumper.represent_sequence("tag:yaml.org,2002:seq", data, True))


def taken(plan: tftest.TerraformPlanOutput) -> Inventory:
    """Returns the inventory of a plan."""
    said = {path: value for _, path, value in _flat(outputs(plan))}
    taken: Inventory = {"counts": dict(counts(plan)), "outputs": said}
    for address, resource in resources(plan).items():
        kind = resource["type"]
        assert kind in HELD, f"{address}: say in {__name__}.HELD which attributes of {kind} an inventory holds"
        held = {attribute: planned(plan, address).get(attribute) for attribute in HELD[kind]}
        if kind in POLICIES:
            held[POLICIES[kind]] = policy(plan, address)
        if held.get("view_original_text"):
            held["view_original_text"] = lake_tables.definition(held)
        taken[address] = {path: _traced(plan, address, steps, value) for steps, path, value in _flat(held)}
    return {address: {path: _dateless(value, plan) for path, value in held.items()} for address, held in taken.items()}


def _dateless(value: Any, plan: tftest.TerraformPlanOutput) -> Any:
    """Returns a value with words in place of the day of the plan, on which a first deploy depends."""
    return value.replace(plan["timestamp"][:10], "(day of the plan)") if isinstance(value, str) else value


def _traced(plan: tftest.TerraformPlanOutput, address: str, steps: tuple[str | int, ...], value: Any) -> Any:
    """Returns a value; of one that is not known yet, what it will come from."""
    origins = Place.of(address).origins(plan, *steps) if value == UNKNOWN else set()
    return f"(from {', '.join(sorted(origins))})" if origins else value


def difference(base: Inventory, other: Inventory) -> Changes:
    """Returns what turns one inventory into another."""
    changed: Changes = {}
    for address in sorted({**base, **other}):
        before, after = base.get(address, {}), other.get(address)
        if after is None:
            changed[address] = ABSENT
        elif lines := {p: after.get(p, ABSENT) for p in sorted({**before, **after}) if _differ(before, after, p)}:
            changed[address] = lines
    return changed


def _differ(before: Mapping[str, Any], after: Mapping[str, Any], path: str) -> bool:
    return bool(before.get(path, ABSENT) != after.get(path, ABSENT))


def applied(base: Inventory, changes: Changes) -> Inventory:
    """Returns the inventory that a difference makes of another."""
    made = dict(base)
    for address, lines in changes.items():
        if isinstance(lines, str):
            made.pop(address, None)
        else:
            merged = {**base.get(address, {}), **lines}
            made[address] = {path: value for path, value in merged.items() if value != ABSENT}
    return made


def read(name: str) -> Inventory:
    """Returns what the file says, and for a variant what its base's file says."""
    written = yaml.safe_load(file(name).read_text()) if file(name).is_file() else {}
    base = PLANS[name].base
    return applied(read(base) if base else {}, written)


def write(name: str, plans: Mapping[str, tftest.TerraformPlanOutput]) -> None:
    """Writes the inventory of a case."""
    base = PLANS[name].base
    content = difference(taken(plans[base]) if base else {}, taken(plans[name]))
    first = f"What differs from {base}.yaml" if base else f"What a plan of envs/{PLANS[name].environment} holds"
    body = yaml.dump(content, Dumper=_Dumper, width=float("inf"), allow_unicode=True)
    file(name).write_text(f"# {first}. Written by {COMMAND}\n{body}")


def file(name: str) -> Path:
    """Returns the file of a case's inventory."""
    return FOLDER / f"{name}.yaml"


def report(name: str, expected: Inventory, found: Inventory) -> str:
    """Returns what differs, a value at a time, and how to make it the expectation; "" where nothing differs."""
    lines = []
    for address, changed in difference(expected, found).items():
        lines.append(f"  {address}" + ("" if address in expected else "  is new"))
        if isinstance(changed, str):
            lines.append("    expected, and not planned")
            continue
        for path, value in changed.items():
            lines.append(f"    {path}")
            lines.append(f"      expected  {expected.get(address, {}).get(path, ABSENT)}")
            lines.append(f"      planned   {value}")
    if not lines:
        return ""
    where = file(name).relative_to(paths.REPOSITORY)
    last = f"If the plan is right, write the inventories anew and review what git says:\n  {COMMAND}"
    return "\n".join([f"the plan of {name} is not what {where} says:", *lines, last])


def _flat(value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    """Yields the steps to each value that is not nested, the same as a path, and the value."""
    if isinstance(value, dict) and value:
        inner: Any = value.items()
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        inner = enumerate(value)
    else:
        # Nested blocks carry every argument that they could have; at the top, nothing says something.
        if len(steps) == 1 or value not in (None, "", [], {}):
            yield steps, _path(steps), value
        return
    for step, each in inner:
        yield from _flat(each, (*steps, step))


def _path(steps: tuple[str | int, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    names = [name for name, case in PLANS.items() if case.held]
    with tempfile.TemporaryDirectory() as folder, terraform_copy.opened(Path(folder)) as opened:
        plans = Plans(opened)
        for name in names:
            write(name, plans)
            print(file(name).relative_to(paths.REPOSITORY))
    for stray in {*FOLDER.glob("*.yaml")} - {file(name) for name in names}:
        stray.unlink()


if __name__ == "__main__":
    main()
