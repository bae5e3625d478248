"""The two halves of a pair: what each makes, how their names meet, and what is refused."""

from __future__ import annotations

import hashlib
import json
import re
from fnmatch import fnmatch

import hcl2
import pytest

from tests.plan.plans import LAKE, LONG, LONGER, partition_of
from tests.plan.plans import PRODUCERS_TABLE as TABLE
from tests.plan.reading import policy, resources, statements, values
from tests.plan.terraform_copy import ACCOUNT, CONSUMER
from tools import paths
from tools.deployments import environments
from tools.plan_review import table_rules
from tools.plan_review.plan import parse

ROOTS = {name: paths.ENVIRONMENTS / name for name in environments.names()}


def test_the_default_names_are_the_documented_ones(consumer, producer):
    assert (
        values(consumer, 'module.bucket.aws_s3_bucket.this["this"]')["bucket"] == LAKE["cross_account_datalake_bucket"]
    )
    for plan in (consumer, producer):
        assert values(plan, 'module.key.aws_kms_alias.this["this"]')["name"] == "alias/blog-bdb1040-srca-kms-key"
    names = {
        f'table["{TABLE}"].aws_dynamodb_table.this["{TABLE}"]': TABLE,
        f'stream["{TABLE}"].aws_kinesis_stream.this': f"{TABLE}-data-stream",
        f'delivery["{TABLE}"].aws_kinesis_firehose_delivery_stream.this': f"{TABLE}-delivery-stream",
        f'delivery["{TABLE}"].aws_iam_role.this': f"{TABLE}-delivery-stream-us-east-1",
    }
    assert {part: values(producer, f"module.pipeline.module.{part}")["name"] for part in names} == names


def declared_outputs(name):
    return set(re.findall(r'^output "(\w+)"', (ROOTS[name] / "outputs.tf").read_text(), re.MULTILINE))


def test_the_outputs_are_the_agreed_ones(consumer, producer):
    assert (
        set(consumer.output_changes)
        == declared_outputs("consumer")
        >= {*("region", "account_id", "bucket_name", "kms_key_arn", "tables")}
    )
    assert (
        set(producer.output_changes)
        == declared_outputs("producer")
        >= {*("region", "account_id", "bucket_name", "kms_key_arn", "function_name", "tables")}
    )
    assert consumer.outputs["bucket_name"] == producer.outputs["bucket_name"]
    assert (consumer.outputs["account_id"], producer.outputs["account_id"]) == (CONSUMER, ACCOUNT)


def writers(plan):
    """Returns role ARN -> prefixes, as the consumer hands them to its bucket's policy."""
    return {table["delivery_role_arn"]: table for table in plan.outputs["tables"].values()}


def delivery_roles(plan):
    return [address for address in resources(plan) if ".delivery[" in address and ".aws_iam_role." in address]


def of_the_bucket(plan):
    """Returns the statements of the bucket's policy, those that its owner is to write where it existed before."""
    theirs = plan.outputs["bucket_policy_json"]
    return statements(theirs) if theirs else policy(plan, 'module.bucket.aws_s3_bucket_policy.this["this"]')


def test_the_roles_and_prefixes_that_the_consumer_lets_in_are_those_that_the_producer_makes(pairs):
    let_in = writers(pairs["consumer"])
    partition = partition_of(pairs["producer"].outputs["region"])
    made = {}
    for address, resource in resources(pairs["producer"]).items():
        if resource["type"] != "aws_kinesis_firehose_delivery_stream":
            continue
        role = values(pairs["producer"], address.replace("aws_kinesis_firehose_delivery_stream", "aws_iam_role"))
        s3 = resource["values"]["extended_s3_configuration"][0]
        prefixes = {"data": s3["prefix"].split("cdc_date=")[0], "errors": s3["error_output_prefix"].split("!")[0]}
        made[f"arn:{partition}:iam::{ACCOUNT}:role{role['path']}{role['name']}"] = prefixes
    assert len(made) == 6
    tags = {values(pairs["producer"], address)["tags"]["lake-table"] for address in delivery_roles(pairs["producer"])}
    written = of_the_bucket(pairs["consumer"])[f"WritersOf{ACCOUNT}WriteTheirOwn"]
    assert written["Condition"]["StringEquals"] == {"aws:PrincipalTag/lake-table": sorted(tags)}
    assert all(fnmatch(arn, *written["Condition"]["ArnLike"]["aws:PrincipalArn"]) for arn in made)
    bucket = f"arn:{partition}:s3:::{pairs['consumer'].outputs['bucket_name']}"
    assert {
        resource.replace("${aws:PrincipalTag/lake-table}", name) for resource in written["Resource"] for name in tags
    } == {f"{bucket}/{prefix}*" for prefixes in made.values() for prefix in prefixes.values()}
    assert {arn: {"data": t["data_prefix"], "errors": t["error_prefix"]} for arn, t in let_in.items()} == made


def test_both_halves_say_the_same_rules(pairs):
    rules = [
        {name: each.rules for name, each in table_rules.find(parse(dict(half))).items()} for half in pairs.values()
    ]

    assert rules == [{"customers": {"email": "drop"}}] * 2


def test_long_names_of_roles_keep_the_region_and_stay_apart(pairs):
    region = pairs["producer"].outputs["region"]
    names = [pairs["consumer"].outputs["tables"][table]["delivery_stream_name"] for table in (LONG, LONGER)]
    roles = [table["delivery_role_arn"].rpartition("/")[2] for table in pairs["consumer"].outputs["tables"].values()]
    cut = {role for role in roles if role.startswith("nnn")}
    assert cut == {
        f"{name[: 54 - len(region)]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}-{region}" for name in names
    }
    assert len(cut) == 2
    assert {len(role) for role in cut} == {64}
    assert all(role.endswith(f"-{region}") for role in roles)


def test_the_consumer_hands_the_same_roles_to_bucket_and_key(consumer):
    calls = consumer.configuration["root_module"]["module_calls"]
    assert "local.roles_of_producer" in calls["bucket"]["expressions"]["writers"]["references"]
    assert calls["key"]["expressions"]["writer_roles"]["references"] == ["local.roles_of_producer"]
    given = {module: calls[module]["expressions"] for module in ("key", "bucket")}
    assert given["key"]["writer_bucket_name"] == given["bucket"]["bucket_name"]
    policy = json.loads(values(consumer, 'module.key.aws_kms_key.this["this"]')["policy"])
    (writers_of,) = [s for s in policy["Statement"] if s["Sid"] == f"WritersOf{ACCOUNT}"]
    assert writers_of["Action"] == ["kms:GenerateDataKey", "kms:Decrypt"]
    assert writers_of["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    roles = f"arn:aws:iam::{ACCOUNT}:role/dynamo-to-lake/us-east-1/*"
    assert writers_of["Condition"]["ArnLike"] == {"aws:PrincipalArn": roles}
    bucket = f"arn:aws:s3:::{LAKE['cross_account_datalake_bucket']}"
    assert writers_of["Condition"]["StringLike"] == {"kms:EncryptionContext:aws:s3:arn": [bucket, f"{bucket}/*"]}


def test_the_consumers_key_encrypts_the_lakes_objects_and_the_producers_own_key_all_else(producer):
    delivery = f'module.pipeline.module.delivery["{TABLE}"].aws_kinesis_firehose_delivery_stream.this'
    s3 = values(producer, delivery)["extended_s3_configuration"][0]
    assert s3["kms_key_arn"] == LAKE["cross_account_kms_key_arn"]
    pipeline = producer.configuration["root_module"]["module_calls"]["pipeline"]
    assert pipeline["expressions"]["kms_key_arn"]["references"] == ["module.key.arn", "module.key"]
    calls = pipeline["module"]["module_calls"]
    for name in ("delivery", "network", "stream", "table", "transform"):
        assert calls[name]["expressions"]["kms_key_arn"]["references"] == ["var.kms_key_arn"]
    theirs = {
        address
        for address, resource in resources(producer).items()
        if LAKE["cross_account_kms_key_arn"] in json.dumps(resource["values"])
    }
    assert theirs == {delivery}


def test_each_key_serves_the_services_of_its_half_only(consumer, producer):
    def via(plan):
        policy = json.loads(values(plan, 'module.key.aws_kms_key.this["this"]')["policy"])
        (use,) = [s for s in policy["Statement"] if s["Sid"] == "AccountUsesTheKeyThroughServices"]
        found = use["Condition"]["StringEquals"]["kms:ViaService"]
        return {name.partition(".")[0] for name in ([found] if isinstance(found, str) else found)}

    assert via(consumer) == {"s3"}
    assert via(producer) == {"dynamodb", "kinesis", "lambda"}


@pytest.mark.parametrize(
    "file",
    [
        *("versions.tf", "providers.tf", "providers-replica.tf", "variables-account.tf", "variables-bucket.tf"),
        *("variables-replication.tf", ".terraform.lock.hcl"),
    ],
)
def test_what_the_environments_share_is_the_same_in_each(file):
    texts = {(root / file).read_text() for root in ROOTS.values() if (root / file).is_file()}
    assert len(texts) == 1


def declared_types(folder):
    """Returns variable -> its type as it is written, without defaults, comments and white space."""
    text = "".join(file.read_text() for file in sorted(folder.glob("variables*.tf")))
    found = {}
    for name, body in re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', text, re.DOTALL | re.MULTILINE):
        (written,) = hcl2.loads(f'variable "{name}" {{\n{body}}}')["variable"]
        found[name] = re.sub(r"(optional\([^,()]*(?:\([^)]*\))?), [^{)]*\)", r"\1)", str(written[name]["type"]))
    return found


@pytest.mark.parametrize("half", ["single-account", "producer"])
def test_what_an_environment_hands_to_the_pipeline_has_the_same_type_in_both(half):
    environment, pipeline = declared_types(ROOTS[half]), declared_types(paths.MODULES / "pipeline")
    # Where the hook's code lies is for the tools alone.
    environment["transform"] = environment["transform"].replace(", 'hook_source': '${optional(string)}'", "")
    shared = set(environment) & set(pipeline) - {"bucket_name"}
    assert {"tables", "transform", "log_retention_days", "vpc_cidr", "artifact_bucket"} <= shared
    assert {name: environment[name] for name in shared} == {name: pipeline[name] for name in shared}
