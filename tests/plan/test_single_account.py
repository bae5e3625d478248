"""What the single-account environment makes, and how its parts are tied together."""

from __future__ import annotations

import hashlib
import unicodedata
from fnmatch import fnmatchcase

import hcl2
import pytest

from tests.plan.plans import MASK_KEY, PLANS, RULES, TABLE
from tests.plan.reading import resources, statements, values
from tests.plan.terraform_copy import ACCOUNT
from tools import paths
from tools.artifact import table_settings
from tools.plan_review import plan, table_rules
from tools.plan_review.table_rules import TableRules

ENVIRONMENT = paths.ENVIRONMENTS / "single-account"


PIPELINE = "module.pipeline.module."
FLOW_LOG = "/aws/vpc-flow-logs/lake"


def of_module(module, address=""):
    return f"module.{module}.{address}" if module == "key" else f"{PIPELINE}{module}.{address}"


def test_the_default_names_are_the_documented_ones(default):
    table, stream, delivery = (f'{module}["{TABLE}"]' for module in ("table", "stream", "delivery"))
    named = {
        of_module("key", 'aws_kms_alias.this["this"]'): "alias/blog-bdb1040-srsa-kms-key",
        of_module(table, f'aws_dynamodb_table.this["{TABLE}"]'): TABLE,
        of_module(stream, "aws_kinesis_stream.this"): f"{TABLE}-data-stream",
        of_module(delivery, "aws_kinesis_firehose_delivery_stream.this"): f"{TABLE}-delivery-stream",
        of_module(delivery, "aws_iam_role.this"): f"{TABLE}-delivery-stream-us-east-1",
        of_module(delivery, "aws_cloudwatch_log_group.this"): f"/aws/kinesisfirehose/{TABLE}-delivery-stream",
        of_module("transform", "aws_cloudwatch_log_group.this"): "/aws/lambda/blog-srsa-transform",
        of_module("transform", "aws_iam_role.this"): "blog-srsa-transform-us-east-1",
        of_module('network["this"]', "aws_cloudwatch_log_group.flow"): "/aws/vpc-flow-logs/blog-srsa",
        of_module('network["this"]', "aws_iam_role.flow"): "blog-srsa-flow-log-us-east-1",
    }
    assert {address: values(default, address)["name"] for address in named} == named
    assert (
        values(default, 'module.bucket.aws_s3_bucket.this["this"]')["bucket"]
        == f"blog-srsa-datalake-{ACCOUNT}-us-east-1"
    )
    assert values(default, f"{PIPELINE}transform.aws_lambda_function.this")["function_name"] == "blog-srsa-transform"


def test_the_key_may_encrypt_exactly_the_log_groups_that_are_made(fleet):
    policy = values(fleet, 'module.key.aws_kms_key.this["this"]')["policy"]
    made = [r["values"]["name"] for r in resources(fleet).values() if r["type"] == "aws_cloudwatch_log_group"]
    assert len(made) == 5
    prefix = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:"
    patterns = [f"{prefix}{name}" for name in ("/aws/kinesisfirehose/*", "/aws/lambda/lake-transform", FLOW_LOG)]
    condition = statements(policy)["CloudWatchLogsEncryptsOurLogGroups"]["Condition"]
    assert condition == {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": patterns}}
    assert all(sum(fnmatchcase(f"{prefix}{name}", pattern) for pattern in patterns) == 1 for name in made)


@pytest.mark.parametrize(
    ("table", "stream", "delivery"),
    [
        ("orders", "orders-data-stream", "orders-delivery-stream"),
        ("customers", "customers-data-stream", "customers-delivery-stream"),
        ("events", "event-stream", "event-delivery"),
    ],
)
def test_each_table_flows_through_its_own_stream_into_its_own_prefix(fleet, table, stream, delivery):
    stream_arn = f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/{stream}"
    assert values(fleet, f'{PIPELINE}stream["{table}"].aws_kinesis_stream.this')["name"] == stream
    destination = values(fleet, f'{PIPELINE}table["{table}"].aws_dynamodb_kinesis_streaming_destination.this')
    assert (destination["table_name"], destination["stream_arn"]) == (table, stream_arn)
    made = values(fleet, f'{PIPELINE}delivery["{table}"].aws_kinesis_firehose_delivery_stream.this')
    assert made["name"] == delivery
    assert made["kinesis_source_configuration"][0]["kinesis_stream_arn"] == stream_arn
    s3 = made["extended_s3_configuration"][0]
    assert s3["bucket_arn"] == "arn:aws:s3:::my-own-lake"
    assert s3["prefix"] == f"data/{table}/cdc_date=!{{timestamp:yyyy-MM-dd}}/cdc_hour=!{{timestamp:HH}}/"
    assert s3["error_output_prefix"].startswith(f"errors/{table}/!{{firehose:error-output-type}}/cdc_date=")
    parameters = {p["parameter_name"]: p["parameter_value"] for p in processor(s3)["parameters"]}
    assert parameters["LambdaArn"] == f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:lake-transform:live"


def processor(s3):
    (only,) = s3["processing_configuration"][0]["processors"]
    assert only["type"] == "Lambda"
    return only


def test_settings_of_one_table_do_not_leak_into_another(fleet):
    stream = values(fleet, f'{PIPELINE}stream["events"].aws_kinesis_stream.this')
    assert stream["stream_mode_details"] == [{"stream_mode": "ON_DEMAND"}]
    assert (stream["shard_count"], stream["retention_period"]) == (None, 48)
    s3 = values(fleet, f'{PIPELINE}delivery["events"].aws_kinesis_firehose_delivery_stream.this')
    s3 = s3["extended_s3_configuration"][0]
    assert (s3["buffering_interval"], s3["buffering_size"], s3["compression_format"]) == (0, 128, "UNCOMPRESSED")
    parameters = {p["parameter_name"]: p["parameter_value"] for p in processor(s3)["parameters"]}
    assert (parameters["BufferIntervalInSeconds"], parameters["BufferSizeInMBs"]) == ("5", "0.2")
    # Written out, what equals AWS's default would differ in every plan.
    assert "NumberOfRetries" not in parameters
    table = values(fleet, f'{PIPELINE}table["events"].aws_dynamodb_table.this["events"]')
    assert (table["hash_key"], table["range_key"]) == ("customer", "at")
    assert {a["name"]: a["type"] for a in table["attribute"]} == {"customer": "N", "at": "S"}

    stream = values(fleet, f'{PIPELINE}stream["orders"].aws_kinesis_stream.this')
    assert (stream["shard_count"], stream["retention_period"]) == (10, 24)
    s3 = values(fleet, f'{PIPELINE}delivery["orders"].aws_kinesis_firehose_delivery_stream.this')
    s3 = s3["extended_s3_configuration"][0]
    assert (s3["buffering_interval"], s3["buffering_size"], s3["compression_format"]) == (120, 1, "GZIP")
    assert {p["parameter_name"] for p in processor(s3)["parameters"]} == {"LambdaArn", "NumberOfRetries"}
    assert values(fleet, f'{PIPELINE}table["orders"].aws_dynamodb_table.this["orders"]')["hash_key"] == "id"


def test_a_delivery_stream_reads_before_the_table_writes(default):
    # Firehose starts at the newest record of its source: what was written before it was there is never delivered.
    calls = default.configuration["root_module"]["module_calls"]["pipeline"]["module"]["module_calls"]
    assert "module.delivery" in calls["table"]["expressions"]["stream_arn"]["references"]
    outputs = calls["delivery"]["module"]["outputs"]
    assert "aws_kinesis_firehose_delivery_stream.this" in outputs["source_stream_arn"]["expression"]["references"]


def test_a_delivery_stream_is_made_after_what_it_uses_and_its_role_long_before(default):
    pipeline = default.configuration["root_module"]["module_calls"]["pipeline"]
    assert pipeline["expressions"]["wait_for"]["references"] == ["module.bucket.name", "module.bucket"]
    call = pipeline["module"]["module_calls"]["delivery"]
    waits = call["expressions"]["wait_for"]["references"]
    assert {"module.stream", "module.transform.alias_arn", "var.wait_for"} <= set(waits)
    elsewhere = [r for name, e in call["expressions"].items() if name != "wait_for" for r in e.get("references", [])]
    assert not [r for r in elsewhere if r.startswith("module.")]
    given = [r for name, e in pipeline["expressions"].items() if name != "wait_for" for r in e.get("references", [])]
    assert {r.split(".")[1] for r in given if r.startswith("module.")} == {"key", "names"}
    made = {r["address"]: r for r in call["module"]["resources"]}
    assert "var.wait_for" in made["aws_kinesis_firehose_delivery_stream.this"]["depends_on"]
    assert "aws_iam_role_policy.this" in made["aws_kinesis_firehose_delivery_stream.this"]["depends_on"]
    assert "depends_on" not in made["aws_iam_role.this"]


def test_the_function_runs_what_was_built_as_it_was_configured(fleet, default, sandbox):
    function = values(fleet, f"{PIPELINE}transform.aws_lambda_function.this")
    assert (function["s3_bucket"], function["s3_key"]) == ("artifacts", "lake_transform/code.zip")
    assert function["filename"] is None
    assert (function["runtime"], function["architectures"], function["memory_size"]) == ("python3.12", ["x86_64"], 512)
    settings = table_settings.encode(
        table_settings.of_tables(PLANS["single-account-unlike-tables"].variables["tables"])
    )
    assert function["environment"][0]["variables"] == {
        "PATH_SEPARATOR": "_",
        "LIST_FORMAT": "text",
        "LOG_LEVEL": "INFO",
        "NATIVE_CODE": "off",
        # Terraform's own hash of the file that the tools put into the package.
        "TABLE_SETTINGS_SHA256": hashlib.sha256(settings).hexdigest(),
        "MASK_KEY": MASK_KEY,
    }
    function = values(default, f"{PIPELINE}transform.aws_lambda_function.this")
    assert not {"TABLE_SETTINGS_SHA256", "MASK_KEY"} & function["environment"][0]["variables"].keys()
    assert (function["filename"], function["s3_bucket"]) == (sandbox.package, None)
    assert function["source_code_hash"]
    assert (function["runtime"], function["architectures"]) == ("python3.13", ["arm64"])
    assert (function["memory_size"], function["timeout"]) == (1024, 120)


def test_a_first_plan_says_the_rules_of_each_table(fleet):
    # What is not known yet, such as ARNs, is left out of the output; rules never are.
    found = table_rules.find(plan.parse(dict(fleet)))

    assert found == {
        "customers": TableRules(before=True),
        "events": TableRules({unicodedata.normalize("NFC", path): rule for path, rule in RULES.items()}),
    }


def test_the_built_package_is_found_by_its_target(sandbox, tmp_path):
    targets = ("python3.13-arm64", "python3.13-x86_64")
    built = [sandbox.root / "build" / f"lake_transform-{target}-0123456789abcdef.zip" for target in targets]
    for file in built:
        file.write_bytes(b"zip")
    try:
        plan = sandbox.plan(tf_vars={"transform": '{"architecture": "x86_64"}'})
        function = values(plan, f"{PIPELINE}transform.aws_lambda_function.this")
        assert function["filename"].endswith("/build/lake_transform-python3.13-x86_64-0123456789abcdef.zip")
    finally:
        for file in built:
            file.unlink()


def test_with_the_account_given_nothing_is_looked_up(fleet, default):
    def looked_up(plan):
        state = plan.prior_state["values"]["root_module"]
        return {resource["type"] for resource in state.get("resources", [])}

    assert looked_up(default) == {"aws_caller_identity"}
    assert looked_up(fleet) == set()


def test_tags_reach_every_resource_that_has_any(sandbox):
    plan = sandbox.plan(tf_vars={"transformation_lambda_file": sandbox.package, "tags": '{"team": "data"}'})
    tagged = {a: r["values"]["tags_all"] for a, r in resources(plan).items() if r["values"].get("tags_all") is not None}
    assert len(tagged) >= 15
    assert {address for address, tags in tagged.items() if tags.get("team") != "data"} == set()


def test_the_demo_plans_with_buffers_of_seconds(sandbox):
    plan = sandbox.plan(
        tf_vars={"transformation_lambda_file": sandbox.package}, tf_var_file=str(ENVIRONMENT / "demo.tfvars")
    )
    (table,) = hcl2.loads((ENVIRONMENT / "demo.tfvars").read_text())["tables"][0]
    made = values(plan, f'{PIPELINE}delivery["{table}"].aws_kinesis_firehose_delivery_stream.this')
    s3 = made["extended_s3_configuration"][0]
    parameters = {p["parameter_name"]: p["parameter_value"] for p in processor(s3)["parameters"]}
    assert s3["buffering_interval"] + int(parameters["BufferIntervalInSeconds"]) <= 10
    assert values(plan, f'{PIPELINE}stream["{table}"].aws_kinesis_stream.this')["shard_count"] <= 2


def test_another_name_has_a_key_alias_of_its_own(sandbox):
    plan = sandbox.plan(tf_vars={"transformation_lambda_file": sandbox.package, "name": "prod"})
    assert values(plan, 'module.key.aws_kms_alias.this["this"]')["name"] == "alias/prod-kms-key"


def test_two_deployments_of_one_account_share_no_name_but_those_of_their_tables(default, sandbox):
    tables = '{"orders": {}}'
    other = sandbox.plan(tf_vars={"transformation_lambda_file": sandbox.package, "name": "prod", "tables": tables})

    def names(plan):
        """Returns the names that AWS wants unique in an account, lower-cased as IAM compares them."""
        own = {"aws_iam_role": "name", "aws_kms_alias": "name", "aws_lambda_function": "function_name"}
        own |= {"aws_cloudwatch_log_group": "name", "aws_s3_bucket": "bucket", "aws_kinesis_stream": "name"}
        own |= {"aws_kinesis_firehose_delivery_stream": "name", "aws_dynamodb_table": "name"}
        kinds = ((resource["type"], resource["values"]) for resource in resources(plan).values())
        return {(kind, given[own[kind]].lower()) for kind, given in kinds if kind in own}

    assert len(names(default)) == len(names(other)) == 13
    assert not names(default) & names(other)
