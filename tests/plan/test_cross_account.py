"""The two halves of a pair: what each makes, how their names meet, and what is refused."""

from __future__ import annotations

import json
import re

import pytest

from tests.plan.plans import LAKE
from tests.plan.plans import PRODUCERS_TABLE as TABLE
from tests.plan.reading import resources, values
from tests.plan.terraform_copy import ACCOUNT, CONSUMER
from tools import paths
from tools.deployments import environments

ROOTS = {name: paths.ENVIRONMENTS / name for name in environments.names()}


def test_the_default_names_are_the_documented_ones(consumer, producer):
    assert values(consumer, "module.bucket.aws_s3_bucket.this")["bucket"] == LAKE["cross_account_datalake_bucket"]
    for plan in (consumer, producer):
        assert values(plan, "module.key.aws_kms_alias.this")["name"] == "alias/blog-bdb1040-srca-kms-key"
    names = {
        f'module.table["{TABLE}"].aws_dynamodb_table.this["{TABLE}"]': TABLE,
        f'module.stream["{TABLE}"].aws_kinesis_stream.this': f"{TABLE}-data-stream",
        f'module.delivery["{TABLE}"].aws_kinesis_firehose_delivery_stream.this': f"{TABLE}-delivery-stream",
        f'module.delivery["{TABLE}"].aws_iam_role.this': f"{TABLE}-delivery-stream",
    }
    assert {address: values(producer, address)["name"] for address in names} == names


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


def test_the_roles_and_prefixes_that_the_consumer_lets_in_are_those_that_the_producer_makes(pairs):
    let_in = writers(pairs["consumer"])
    partition = "aws-cn" if pairs["producer"].outputs["region"].startswith("cn-") else "aws"
    made = {}
    for address, resource in resources(pairs["producer"]).items():
        if resource["type"] != "aws_kinesis_firehose_delivery_stream":
            continue
        role = values(pairs["producer"], address.replace("aws_kinesis_firehose_delivery_stream", "aws_iam_role"))
        s3 = resource["values"]["extended_s3_configuration"][0]
        prefixes = {"data": s3["prefix"].split("dt=")[0], "errors": s3["error_output_prefix"].split("!")[0]}
        made[f"arn:{partition}:iam::{ACCOUNT}:role{role['path']}{role['name']}"] = prefixes
    assert len(made) == 3
    assert {arn: {"data": t["data_prefix"], "errors": t["error_prefix"]} for arn, t in let_in.items()} == made


def test_the_consumer_hands_the_same_roles_to_bucket_and_key(consumer):
    calls = consumer.configuration["root_module"]["module_calls"]
    assert calls["bucket"]["expressions"]["writers"]["references"] == ["local.tables"]
    assert calls["key"]["expressions"]["writer_role_arns"]["references"] == ["local.tables"]
    assert calls["key"]["expressions"]["writer_bucket_name"]["references"] == ["local.bucket_name"]
    policy = json.loads(values(consumer, "module.key.aws_kms_key.this")["policy"])
    (writers_of,) = [s for s in policy["Statement"] if s["Sid"] == f"WritersOf{ACCOUNT}"]
    assert writers_of["Action"] == ["kms:GenerateDataKey", "kms:Decrypt"]
    assert writers_of["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    role = f"arn:aws:iam::{ACCOUNT}:role/{TABLE}-delivery-stream"
    assert writers_of["Condition"]["ArnEquals"] == {"aws:PrincipalArn": role}
    bucket = f"arn:aws:s3:::{LAKE['cross_account_datalake_bucket']}"
    assert writers_of["Condition"]["StringLike"] == {"kms:EncryptionContext:aws:s3:arn": [bucket, f"{bucket}/*"]}


def test_the_consumers_key_encrypts_the_lakes_objects_and_the_producers_own_key_all_else(producer):
    delivery = f'module.delivery["{TABLE}"].aws_kinesis_firehose_delivery_stream.this'
    s3 = values(producer, delivery)["extended_s3_configuration"][0]
    assert s3["kms_key_arn"] == LAKE["cross_account_kms_key_arn"]
    calls = producer.configuration["root_module"]["module_calls"]
    for name in ("delivery", "network", "stream", "table", "transform"):
        assert calls[name]["expressions"]["kms_key_arn"]["references"] == ["module.key.arn", "module.key"]
    theirs = {
        address
        for address, resource in resources(producer).items()
        if LAKE["cross_account_kms_key_arn"] in json.dumps(resource["values"])
    }
    assert theirs == {delivery}


def test_each_key_serves_the_services_of_its_half_only(consumer, producer):
    def via(plan):
        policy = json.loads(values(plan, "module.key.aws_kms_key.this")["policy"])
        (use,) = [s for s in policy["Statement"] if s["Sid"] == "AccountUsesTheKeyThroughServices"]
        found = use["Condition"]["StringEquals"]["kms:ViaService"]
        return {name.partition(".")[0] for name in ([found] if isinstance(found, str) else found)}

    assert via(consumer) == {"s3"}
    assert via(producer) == {"dynamodb", "kinesis", "lambda"}


def test_twenty_tables_fit_into_the_policies(sandbox):
    folder = sandbox.root / "twenty"
    folder.mkdir()
    names = [f"a-rather-long-table-name-{n:02}" for n in range(20)]
    arns = [f"arn:aws:iam::{ACCOUNT}:role/{name}-delivery-stream" for name in names]
    key = f"arn:aws:kms:us-east-1:{CONSUMER}:key/11111111-2222-3333-4444-555555555555"
    bucket = {
        "source": "../modules/bucket",
        "bucket_name": LAKE["cross_account_datalake_bucket"],
        "kms_key_arn": key,
        "writers": [
            {"role_arn": arn, "prefixes": [f"data/{name}/", f"errors/{name}/"]}
            for name, arn in zip(names, arns, strict=True)
        ],
    }
    of_key = {
        "source": "../modules/key",
        "account_id": CONSUMER,
        "region": "us-east-1",
        "kms_key_alias": "lake",
        "writer_role_arns": arns,
        "writer_bucket_name": "lake",
    }
    calls = {"provider": {"aws": {"region": "us-east-1"}}, "module": {"bucket": bucket, "key": of_key}}
    (folder / "main.tf.json").write_text(json.dumps(calls))
    plan = sandbox.plan("twenty")

    # AWS documentation: "Bucket policy" (20 KB), "Key policies in AWS KMS" (32 KB); white space does not count.
    policy = values(plan, "module.bucket.aws_s3_bucket_policy.this")["policy"]
    assert len(json.dumps(json.loads(policy), separators=(",", ":"))) <= 20 * 1024
    assert len(values(plan, "module.key.aws_kms_key.this")["policy"]) <= 32 * 1024


@pytest.mark.parametrize("file", ["versions.tf", "providers.tf", ".terraform.lock.hcl", "package.tf"])
def test_what_the_environments_share_is_the_same_in_each(file):
    texts = {(root / file).read_text() for root in ROOTS.values() if (root / file).is_file()}
    assert len(texts) == 1


def test_a_table_has_the_same_settings_in_each_environment_that_streams_one():
    def settings(name):
        text = (ROOTS[name] / "variables-tables.tf").read_text()
        text = re.sub(r'^  description = ".*"$', "", text, count=1, flags=re.MULTILINE)
        return text.replace("blog-srca-ddb-table", "blog-srsa-ddb-table")

    assert settings("producer") == settings("single-account")
