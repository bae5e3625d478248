"""What holds for every resource of a kind, in every plan there is."""

from __future__ import annotations

import json
import re

import pytest

from tests.plan.plans import ALONE, EVERY, KEY, KEY_ABROAD, KEY_OF_B, PLANS
from tests.plan.reading import UNKNOWN, Place, leaves, of_type, planned, policies, policy, resources
from tests.plan.terraform_copy import ACCOUNT, CONSUMER

every_plan = pytest.mark.parametrize("name", EVERY)
every_environment = pytest.mark.parametrize("name", PLANS)


def account_of(name):
    return PLANS[name].account if name in PLANS else ACCOUNT


def of_bucket(plan, kind, bucket):
    """Returns address and values of the one resource of a kind that configures the bucket of an address."""
    name, module = planned(plan, bucket)["bucket"], Place.of(bucket).prefix
    configuring = {a: each for a, each in of_type(plan, f"aws_s3_bucket_{kind}").items() if each["bucket"] == name}
    ((address, found),) = [(a, each) for a, each in configuring.items() if Place.of(a).prefix == module]
    return address, found


PUBLIC_ACCESS_BLOCKS = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")


@every_plan
def test_every_bucket_keeps_versions_is_closed_to_the_public_and_owns_its_objects(plans, name):
    plan = plans[name]
    for address, bucket in of_type(plan, "aws_s3_bucket").items():
        _, versioning = of_bucket(plan, "versioning", address)
        assert versioning["versioning_configuration"][0]["status"] == "Enabled", address
        _, blocks = of_bucket(plan, "public_access_block", address)
        assert {key: blocks[key] for key in PUBLIC_ACCESS_BLOCKS} == dict.fromkeys(PUBLIC_ACCESS_BLOCKS, True), address
        _, ownership = of_bucket(plan, "ownership_controls", address)
        assert ownership["rule"][0]["object_ownership"] == "BucketOwnerEnforced", address
        assert bucket["force_destroy"] is False, address


@every_plan
def test_every_bucket_encrypts_by_default_with_kms_and_a_bucket_key(plans, name):
    for address in of_type(plans[name], "aws_s3_bucket"):
        _, encryption = of_bucket(plans[name], "server_side_encryption_configuration", address)
        (rule,) = encryption["rule"]
        assert rule["bucket_key_enabled"] is True, address
        assert rule["apply_server_side_encryption_by_default"][0]["sse_algorithm"] == "aws:kms", address


@every_plan
def test_every_bucket_refuses_plain_http_whoever_asks_for_whatever(plans, name):
    for address, bucket in of_type(plans[name], "aws_s3_bucket").items():
        partition = PLANS[name].partition if name in PLANS else "aws"
        arn = f"arn:{partition}:s3:::{bucket['bucket']}"
        refusal = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*"],
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": ["false"]}},
        }
        attached, _ = of_bucket(plans[name], "policy", address)
        assert refusal in policy(plans[name], attached).values(), address


RESULTS = "results/"


def originals(name):
    """Returns the prefixes under which records of tables with rules lie as they came."""
    tables = PLANS[name].variables.get("tables", {})
    ruled = [table for table, settings in tables.items() if settings.get("rules")]
    return {f"{kind}/{table}/" for table in ruled for kind in ("errors", "exports")}


@every_environment
def test_originals_of_tables_with_rules_are_closed_to_all_but_named_roles_and_do_not_stay(plans, name):
    plan, prefixes = plans[name], originals(name)
    for address, bucket in of_type(plan, "aws_s3_bucket").items():
        attached, _ = of_bucket(plan, "policy", address)
        refusals = [each for each in policy(plan, attached).values() if "s3:GetObject" in each["Action"]]
        arn = f"arn:{PLANS[name].partition}:s3:::{bucket['bucket']}"
        assert {r for each in refusals for r in each["Resource"]} == {f"{arn}/{prefix}*" for prefix in prefixes}, (
            address
        )
        readers = list(PLANS[name].variables.get("original_reader_role_arns", []))
        # What failed is replicated too.
        readers += [] if is_abroad(address) else replication_roles(plan, name)
        for each in refusals:
            assert (each["Effect"], each["Principal"]) == ("Deny", "*"), address
            assert {"s3:GetObject", "s3:GetObjectVersion"} <= set(each["Action"]), address
            wanted = {"ArnNotEquals": {"aws:PrincipalArn": readers}} if readers else {}
            assert each.get("Condition", {}) == wanted, address
        _, lifecycle = of_bucket(plan, "lifecycle_configuration", address)
        expiring = [rule for rule in lifecycle["rule"] if any(each["days"] for each in rule["expiration"])]
        assert {rule["filter"][0]["prefix"] for rule in expiring} == prefixes | {RESULTS}, address
        for rule in expiring:
            assert rule["status"] == "Enabled", address
            assert rule["expiration"][0]["days"] <= 365, address
            assert rule["noncurrent_version_expiration"][0]["noncurrent_days"] == 1, address


def replication_roles(plan, name):
    """Returns the ARNs of the roles by which the lake is replicated: one, or none."""
    roles = {a: role for a, role in of_type(plan, "aws_iam_role").items() if a.startswith('module.replica["this"].')}
    account = f"arn:{PLANS[name].partition}:iam::{PLANS[name].account}"
    return [f"{account}:role{role['path']}{role['name']}" for role in roles.values()]


def test_some_plans_have_tables_with_rules():
    assert {PLANS[name].environment for name in PLANS if originals(name)} == {"single-account", "consumer", "producer"}


KEYED = {
    "aws_athena_workgroup": (
        *("configuration", 0, "result_configuration", 0, "encryption_configuration", 0, "kms_key_arn"),
    ),
    "aws_cloudwatch_log_group": ("kms_key_id",),
    "aws_dynamodb_table": ("server_side_encryption", 0, "kms_key_arn"),
    "aws_glue_security_configuration": ("encryption_configuration", 0, "cloudwatch_encryption", 0, "kms_key_arn"),
    "aws_kinesis_firehose_delivery_stream": ("extended_s3_configuration", 0, "kms_key_arn"),
    "aws_kinesis_stream": ("kms_key_id",),
    "aws_lambda_function": ("kms_key_arn",),
    "aws_s3_bucket_replication_configuration": (
        *("rule", 0, "destination", 0, "encryption_configuration", 0, "replica_kms_key_id"),
    ),
    "aws_s3_bucket_server_side_encryption_configuration": (
        *("rule", 0, "apply_server_side_encryption_by_default", 0, "kms_master_key_id"),
    ),
    "aws_s3_object": ("kms_key_id",),
    "aws_scheduler_schedule": ("kms_key_arn",),
    "aws_sfn_state_machine": ("encryption_configuration", 0, "kms_key_id"),
    "aws_sns_topic": ("kms_master_key_id",),
}
"""Type -> where its key stands, though the block around it may be left out."""
KEYLESS = {
    "aws_athena_named_query",
    "aws_cloudwatch_composite_alarm",
    "aws_cloudwatch_dashboard",
    "aws_cloudwatch_log_stream",
    "aws_cloudwatch_metric_alarm",
    "aws_cloudwatch_query_definition",
    "aws_default_security_group",
    "aws_dynamodb_kinesis_streaming_destination",
    "aws_flow_log",
    "aws_glue_catalog_database",
    "aws_glue_catalog_table",
    "aws_glue_crawler",
    "aws_glue_job",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_kms_alias",
    "aws_kms_key",
    "aws_lakeformation_data_cells_filter",
    "aws_lakeformation_opt_in",
    "aws_lakeformation_permissions",
    "aws_lakeformation_resource",
    "aws_lambda_alias",
    "aws_route_table",
    "aws_route_table_association",
    "aws_s3_bucket",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_logging",
    "aws_s3_bucket_object_lock_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_versioning",
    "aws_scheduler_schedule_group",
    "aws_security_group",
    "aws_sns_topic_policy",
    "aws_sns_topic_subscription",
    "aws_subnet",
    "aws_vpc",
    "terraform_data",
}
"""Types that store nothing, or whose encryption is a resource of its own."""


def keys(plan, address, kind):
    """Returns where a resource has, or should have, the name of a key -> the value there."""
    found = {
        steps: value
        for steps, value in leaves(planned(plan, address))
        if re.search(
            r"kms_(?!data_key_reuse).*(key|arn|id)",
            next((step for step in reversed(steps) if isinstance(step, str)), ""),
        )
    }
    return dict.fromkeys([KEYED[kind]] if kind in KEYED else []) | found


def lake_key(name, address):
    """Returns the other account's key, where that is the one that encrypts: objects of a lake over there."""
    if name == ALONE:
        return KEY_OF_B if address.startswith("module.delivery_abroad.") else None
    case = PLANS[name]
    return case.variables["cross_account_kms_key_arn"] if case.environment == "producer" else None


def key_of_organisation(name):
    """Returns the key that somebody brings along, where no key is made."""
    return PLANS[name].variables.get("kms_key_arn")


def is_abroad(address):
    """Returns whether what is stored under a resource's key is in the Region of the replica."""
    return address.startswith(('module.replica["this"].module.', "module.replica.module.")) or (
        ".aws_s3_bucket_replication_configuration." in address
    )


MADE = 'module.key.aws_kms_key.this["this"]'


@every_plan
def test_whatever_can_take_a_key_takes_ours(plans, name):
    plan, wrong = plans[name], {}
    for address, resource in resources(plan).items():
        assert resource["type"] in KEYLESS | set(KEYED), f"{address}: say in KEYED or KEYLESS whether it takes a key"
        theirs = lake_key(name, address) if resource["type"] == "aws_kinesis_firehose_delivery_stream" else None
        for steps, value in keys(plan, address, resource["type"]).items():
            if theirs or name == ALONE:
                right = value == (theirs or (KEY_ABROAD if is_abroad(address) else KEY))
            elif is_abroad(address):
                # Of rules made from a map Terraform tells no references: the plan of the modules has the value.
                told = Place.of(address).origins(plan, *steps) - {"each.value"}
                right = value == UNKNOWN and told <= {f"module.replica.{MADE}"}
                right = right and (bool(told) or resource["type"] == "aws_s3_bucket_replication_configuration")
            else:
                # What KMS will name it is not known yet: that the value comes from the key, and from nothing else, is.
                origins = Place.of(address).origins(plan, *steps)
                given = key_of_organisation(name)
                right = value == given if given else (value, origins) == (UNKNOWN, {MADE})
            if not right:
                wrong[f"{address} {steps}"] = value
    assert not wrong


@every_plan
def test_every_key_rotates_and_waits_a_month_before_it_is_gone(plans, name):
    for address, key in of_type(plans[name], "aws_kms_key").items():
        assert key["enable_key_rotation"] is True, address
        assert key["deletion_window_in_days"] == 30, address
        assert key["is_enabled"] is True, address
        assert not key["bypass_policy_lockout_safety_check"], address


@every_plan
def test_every_log_group_is_kept_a_year(plans, name):
    kept = {a: group["retention_in_days"] for a, group in of_type(plans[name], "aws_cloudwatch_log_group").items()}
    assert kept == dict.fromkeys(kept, 365)


SOURCES = {"aws:SourceAccount", "sts:ExternalId"}
WITHIN_THEIR_ACCOUNT = ({"Service": ["lambda.amazonaws.com"]}, {"Service": ["s3.amazonaws.com"]})
"""Trusted without a condition: a role can be given to functions and buckets of its own account only. With one on the
source Lambda refuses to create a function in a VPC, and that S3 sends a source when it replicates is not documented."""


@every_plan
def test_every_role_is_assumed_within_this_account_or_by_a_service_on_its_behalf_only(plans, name):
    documents = policies(plans[name])
    for address in of_type(plans[name], "aws_iam_role"):
        for sid, statement in documents[address].items():
            assert set(statement["Principal"]) == {"Service"}, (address, sid)
            if is_within_the_account(statement):
                assert "Condition" not in statement, (address, sid)
                continue
            equal = statement["Condition"]["StringEquals"]
            sources = {key: value for key, value in equal.items() if key in SOURCES}
            assert list(sources.values()) == [[account_of(name)]], (address, sid)


def is_within_the_account(statement):
    trusted = {kind: [given] if isinstance(given, str) else given for kind, given in statement["Principal"].items()}
    return trusted in WITHIN_THEIR_ACCOUNT and statement["Action"] == ["sts:AssumeRole"]


ALLOWING = ("aws_iam_role", "aws_iam_role_policy", "aws_kms_key", "aws_s3_bucket_policy", "aws_sns_topic_policy")


def allowed(plan, kinds=ALLOWING):
    """Yields address, sid and statement of whatever allows something."""
    for address, statements in policies(plan).items():
        for sid, statement in statements.items():
            if statement["Effect"] != "Deny" and resources(plan)[address]["type"] in kinds:
                yield address, sid, statement


@every_plan
def test_no_policy_allows_actions_by_wildcard_or_by_exception(plans, name):
    wrong = {
        (address, sid): statement
        for address, sid, statement in allowed(plans[name])
        if any("*" in action for action in statement.get("Action", ["*"])) or "NotResource" in statement
    }
    assert not wrong


@every_plan
def test_no_policy_allows_everybody_anything(plans, name):
    wrong = {
        (address, sid): statement["Principal"]
        for address, sid, statement in allowed(plans[name])
        if "*" in json.dumps(statement.get("Principal")) or "NotPrincipal" in statement
    }
    assert not wrong


UNSCOPED = re.compile(r"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:(?:[a-z-]+[:/])?\*(?:/\*)?")
NAMELESS = {
    "LambdaLooksAtInterfaces": {"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"},
    "LambdaCreatesInterfacesInOurSubnets": {"ec2:CreateNetworkInterface"},
    "LambdaManagesItsInterfaces": {
        *("ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"),
    },
    "FindTheGroup": {"logs:DescribeLogGroups"},
    "DeliverLogs": {
        *("logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups"),
        *("logs:DescribeResourcePolicies", "logs:GetLogDelivery", "logs:ListLogDeliveries"),
        *("logs:PutResourcePolicy", "logs:UpdateLogDelivery"),
    },
    "AccountAdministersTheKey": {
        *("kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey"),
        *("kms:DisableKeyRotation", "kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy"),
        *("kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies", "kms:ListKeyRotations"),
        *("kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RetireGrant", "kms:RevokeGrant", "kms:RotateKeyOnDemand"),
        *("kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias"),
        "kms:UpdateKeyDescription",
    },
}
"""Statement -> actions that it may allow without naming a resource or a condition, because there is no name to give:
descriptions have no resource types, interfaces get their ids when Lambda makes them, a key's policy is for that key."""


@every_plan
def test_no_policy_allows_what_it_does_not_name_without_a_condition(plans, name):
    wrong = {}
    for address, sid, statement in allowed(plans[name]):
        unscoped = [resource for resource in statement.get("Resource", []) if UNSCOPED.fullmatch(resource)]
        if unscoped and not statement.get("Condition") and not set(statement["Action"]) <= NAMELESS.get(sid, set()):
            wrong[address, sid] = unscoped
    assert not wrong


NARROW = {
    *("aws:PrincipalArn", "aws:SourceAccount", "sts:ExternalId"),
    *("kms:EncryptionContext:SourceArn", "kms:EncryptionContext:aws:logs:arn"),
}


@every_plan
def test_whoever_is_not_this_account_is_let_in_only_as_a_named_role_or_for_a_named_source(plans, name):
    own = re.compile(rf"arn:aws[a-z-]*:iam::{account_of(name)}:root")
    for address, sid, statement in allowed(plans[name]):
        if "Principal" in statement and is_within_the_account(statement):
            continue
        principals = [
            p for given in statement.get("Principal", {}).values() for p in ([given] if given[1:2] else given)
        ]
        conditions = {key for test in statement.get("Condition", {}).values() for key in test}
        for principal in [p for p in principals if not own.fullmatch(p)]:
            assert conditions & NARROW, (address, sid, principal)


@every_plan
def test_every_reader_by_lake_formation_is_named_and_leaves_all_others_to_iam(plans, name):
    plan = plans[name]
    for address, location in of_type(plan, "aws_lakeformation_resource").items():
        assert location["hybrid_access_enabled"] is True, address
        assert not location["use_service_linked_role"], address
        assert location["arn"].endswith("/data"), address
    for address, granted in of_type(plan, "aws_lakeformation_permissions").items():
        assert re.fullmatch(r"arn:[^:]+:iam::\d{12}:(role|user)/.+", granted["principal"]), address
        assert set(granted["permissions"]) <= {"DESCRIBE", "SELECT"}, address
        assert granted["permissions_with_grant_option"] in (UNKNOWN, None, []), address
        tables = [] if granted["table"] == UNKNOWN else granted["table"]
        assert not [table for table in tables if table["wildcard"] is True], address


ENCRYPTED = {
    "cloudwatch_encryption": ("cloudwatch_encryption_mode", "SSE-KMS"),
    "job_bookmarks_encryption": ("job_bookmarks_encryption_mode", "CSE-KMS"),
    "s3_encryption": ("s3_encryption_mode", "SSE-KMS"),
}


@every_plan
def test_every_crawler_keeps_to_its_own_database_to_one_table_and_to_what_was_delivered(plans, name):
    plan = plans[name]
    declared = {each["database_name"] for each in of_type(plan, "aws_glue_catalog_table").values()}
    groups = {each["name"] for each in of_type(plan, "aws_cloudwatch_log_group").values()}
    configurations = {each["name"]: each for each in of_type(plan, "aws_glue_security_configuration").values()}
    roles = {each["name"] for each in of_type(plan, "aws_iam_role").values()}
    for address, crawler in of_type(plan, "aws_glue_crawler").items():
        assert crawler["database_name"] not in declared, address
        (target,) = crawler["s3_target"]
        assert re.fullmatch(r"s3://[^/]+/data/[^/]+/", target["path"]), address
        assert set(crawler["schema_change_policy"][0].values()) == {"LOG"}, address
        assert crawler["recrawl_policy"][0]["recrawl_behavior"] == "CRAWL_NEW_FOLDERS_ONLY", address
        configuration = configurations[crawler["security_configuration"]]
        (encryption,) = configuration["encryption_configuration"]
        assert {part: encryption[part][0][mode] for part, (mode, _) in ENCRYPTED.items()} == {
            part: wanted for part, (_, wanted) in ENCRYPTED.items()
        }, address
        # Glue makes the log group's name of both, in this order or in the other.
        assert configuration["name"] in roles, address
        assert f"/aws-glue/crawlers-role/{configuration['name']}-{configuration['name']}" in groups, address


@every_plan
def test_every_job_is_of_a_named_version_alone_without_bookmarks_and_under_the_key(plans, name):
    plan = plans[name]
    groups = {each["name"] for each in of_type(plan, "aws_cloudwatch_log_group").values()}
    objects = {each["key"] for each in of_type(plan, "aws_s3_object").values()}
    configurations = {each["name"]: each for each in of_type(plan, "aws_glue_security_configuration").values()}
    for address, job in of_type(plan, "aws_glue_job").items():
        given = job["default_arguments"]
        assert job["glue_version"] in ("5.0", "5.1"), address
        assert job["execution_property"] == [{"max_concurrent_runs": 1}], address
        assert job["max_retries"] == 0, address
        assert given["--job-bookmark-option"] == "job-bookmark-disable", address
        # No index is asked, and what is installed lies where no reader of a table looks.
        assert given["--python-modules-installer-option"] == "--no-index --no-deps", address
        code = (given["--additional-python-modules"], job["command"][0]["script_location"])
        assert {each.split("/", 3)[3] for each in code} == objects, address
        assert all(each.startswith("ledger/-/") for each in objects), address
        (encryption,) = configurations[job["security_configuration"]]["encryption_configuration"]
        assert {part: encryption[part][0][mode] for part, (mode, _) in ENCRYPTED.items()} == {
            part: wanted for part, (_, wanted) in ENCRYPTED.items()
        }, address
        role = job["security_configuration"]
        assert {
            f"{given['--custom-logGroup-prefix']}/{role}-role/{role}/{kind}" for kind in ("error", "output")
        } <= groups
        assert "MASK_KEY" not in json.dumps(job), address


@every_plan
def test_every_delivery_stream_transforms_logs_and_keeps_apart_what_fails(plans, name):
    groups = {group["name"] for group in of_type(plans[name], "aws_cloudwatch_log_group").values()}
    for address, stream in of_type(plans[name], "aws_kinesis_firehose_delivery_stream").items():
        (s3,) = stream["extended_s3_configuration"]
        (processing,) = s3["processing_configuration"]
        assert processing["enabled"] is True, address
        assert [each["type"] for each in processing["processors"]] == ["Lambda"], address
        given = {each["parameter_name"]: each["parameter_value"] for each in processing["processors"][0]["parameters"]}
        assert re.fullmatch(r"arn:[^:]+:lambda:[^:]+:\d{12}:function:[\w-]+:live", given["LambdaArn"]), address
        (logging,) = s3["cloudwatch_logging_options"]
        assert logging["enabled"] is True, address
        assert logging["log_group_name"] in groups, address
        data, errors = s3["prefix"].split("!")[0], s3["error_output_prefix"].split("!")[0]
        assert "!{firehose:error-output-type}/" in s3["error_output_prefix"], address
        assert not data.startswith(errors), address
        assert not errors.startswith(data), address
        assert s3["s3_backup_mode"] == "Disabled", f"{address}: a backup would keep records outside of both prefixes"


@every_plan
def test_no_object_has_a_name_that_readers_take_for_hidden(plans, name):
    # Firehose names objects after the delivery stream.
    for address, stream in of_type(plans[name], "aws_kinesis_firehose_delivery_stream").items():
        assert not stream["name"].startswith(("_", ".")), address


@every_plan
def test_every_table_can_be_restored_is_encrypted_and_is_protected_from_deletion(plans, name):
    for address, table in of_type(plans[name], "aws_dynamodb_table").items():
        assert table["deletion_protection_enabled"] is True, address
        assert [each["enabled"] for each in table["point_in_time_recovery"]] == [True], address
        assert [each["enabled"] for each in table["server_side_encryption"]] == [True], address


@every_environment
def test_every_table_is_streamed_and_every_stream_has_one_reader_of_its_own(plans, name):
    plan = plans[name]
    streams = sorted(each["name"] for each in of_type(plan, "aws_kinesis_stream").values())
    destinations = of_type(plan, "aws_dynamodb_kinesis_streaming_destination").values()
    tables = {each["name"] for each in of_type(plan, "aws_dynamodb_table").values()}
    readers = [
        each["kinesis_source_configuration"][0]["kinesis_stream_arn"].rpartition("/")[2]
        for each in of_type(plan, "aws_kinesis_firehose_delivery_stream").values()
    ]
    assert sorted(readers) == streams
    assert sorted(each["stream_arn"].rpartition("/")[2] for each in destinations) == streams
    assert tables <= {each["table_name"] for each in destinations}
    for address, each in of_type(plan, "aws_kinesis_stream").items():
        assert each["encryption_type"] == "KMS", address


@every_environment
def test_every_function_runs_in_the_private_subnets_behind_its_closed_group(plans, name):
    plan = plans[name]
    for address, function in of_type(plan, "aws_lambda_function").items():
        assert len(function["vpc_config"]) == 1, address
        place = Place.of(address)
        groups = place.origins(plan, "vpc_config", 0, "security_group_ids")
        assert groups == {"module.pipeline.module.transform.aws_security_group.this"}, address
        subnets = place.origins(plan, "vpc_config", 0, "subnet_ids")
        if given := PLANS[name].variables.get("network"):
            assert function["vpc_config"][0]["subnet_ids"] == given["subnet_ids"], address
        else:
            # Through the association, so that a subnet has its route table before anything runs in it.
            assert subnets == {"module.pipeline.module.network.aws_route_table_association.private"}, address
        assert function["layers"] is None, f"{address}: a layer is code that we did not build"


WAYS_OUT = re.compile(
    r"aws_(?:internet_gateway|egress_only_internet_gateway|nat_gateway|route|vpn_.*|vpc_peering_.*|vpc_endpoint.*|eip.*"
    r"|ec2_transit_gateway.*|security_group_rule|vpc_security_group_.*_rule|lambda_function_url|lambda_permission)"
)


@every_plan
def test_nothing_leads_into_the_network_or_out_of_it(plans, name):
    plan = plans[name]
    assert not [address for address, each in resources(plan).items() if WAYS_OUT.fullmatch(each["type"])]
    for address, group in of_type(plan, "aws_security_group", "aws_default_security_group").items():
        assert (group["ingress"], group["egress"]) == ([], []), address
    for address, table in of_type(plan, "aws_route_table").items():
        assert table["route"] == [], address
    for address, subnet in of_type(plan, "aws_subnet").items():
        assert subnet["map_public_ip_on_launch"] is False, address
        assert not subnet["assign_ipv6_address_on_creation"], address


@every_environment
def test_a_replica_has_every_record_and_every_removal_and_tells_how_late_it_is(plans, name):
    plan, case = plans[name], PLANS[name]
    configurations = of_type(plan, "aws_s3_bucket_replication_configuration")
    assert bool(configurations) == bool(case.replica_region)
    for address, replication in configurations.items():
        assert [rule["filter"][0]["prefix"] for rule in replication["rule"]] == ["data/", "errors/", "ledger/"], address
        assert len({rule["priority"] for rule in replication["rule"]}) == 3, address
        for rule in replication["rule"]:
            (destination,) = rule["destination"]
            assert rule["status"] == rule["delete_marker_replication"][0]["status"] == "Enabled", address
            assert rule["source_selection_criteria"][0]["sse_kms_encrypted_objects"] == [{"status": "Enabled"}], address
            assert destination["metrics"][0]["status"] == "Enabled", address
        watched = {
            each["alarm_name"].rpartition("/")[2] for each in of_type(plan, "aws_cloudwatch_metric_alarm").values()
        }
        assert {"replication-failing", "replica-late"} <= watched


@every_environment
def test_a_replica_is_as_hardened_as_the_lake(plans, name):
    plan = plans[name]
    abroad = {address: each for address, each in resources(plan).items() if ".module.bucket." in address}
    for address in abroad:
        own = address.removeprefix('module.replica["this"].')
        theirs, ours = planned(plan, address), planned(plan, own)
        different = {key for key in theirs if theirs[key] != ours[key]} - {"policy", "bucket", "tags_all"}
        assert different <= set(), (address, different)
    if PLANS[name].replica_region:
        assert {each["type"] for each in abroad.values()} >= {f"aws_s3_bucket{kind}" for kind in HARDENED}


HARDENED = (
    *("", "_lifecycle_configuration", "_ownership_controls", "_policy", "_public_access_block"),
    *("_server_side_encryption_configuration", "_versioning"),
)


@every_environment
def test_every_name_is_of_its_partition_region_and_accounts(plans, name):
    case, wrong = PLANS[name], {}
    regions = {"", case.region, *([case.replica_region] if case.replica_region else [])}
    accounts = {"", case.account} | ({ACCOUNT, CONSUMER} if case.environment != "single-account" else set())
    for address in resources(plans[name]):
        text = json.dumps(planned(plans[name], address))
        for arn in re.findall(r"arn:([^:\"]*):([^:\"]*):([^:\"]*):([^:\"]*):", text):
            if arn[0] != case.partition or arn[2] not in regions or arn[3] not in accounts:
                wrong.setdefault(address, []).append(arn)
    assert not wrong


@pytest.mark.parametrize("name", [ALONE])
def test_the_promises_have_something_to_hold_for(plans, name):
    promised = {
        *("aws_cloudwatch_log_group", "aws_default_security_group", "aws_dynamodb_table", "aws_glue_crawler"),
        "aws_glue_job",
        *("aws_kinesis_firehose_delivery_stream", "aws_kinesis_stream", "aws_kms_key", "aws_lambda_function"),
        *("aws_lakeformation_permissions", "aws_lakeformation_resource", "aws_sns_topic", "aws_sns_topic_policy"),
        *("aws_iam_role", "aws_route_table", "aws_s3_bucket", "aws_security_group", "aws_subnet"),
    }
    assert promised <= {each["type"] for each in resources(plans[name]).values()}
    assert {sid for _, sid, _ in allowed(plans[name])} >= set(NAMELESS)
