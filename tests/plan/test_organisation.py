"""What an organisation brings along or asks for: where roles are and what bounds them, its key, network and bucket."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase

import pytest

from tests.plan.plans import BOUNDARY, KEY, NETWORK, ORGANISATION, TABLE
from tests.plan.reading import counts, of_type, outputs, policy, resources, statements, values
from tests.plan.terraform_copy import ACCOUNT

BUCKET = ORGANISATION["existing_bucket"]
IN_GOVERNMENT = {"consumer": "consumer-us-gov-west-1", "producer": "producer-us-gov-west-1"}


@pytest.fixture
def organisation(plans):
    return plans["single-account-organisation"]


def test_every_role_is_on_the_path_and_has_the_boundary(organisation):
    roles = of_type(organisation, "aws_iam_role")
    asked = {address: (role["path"], role["permissions_boundary"]) for address, role in roles.items()}
    assert len(roles) == 8
    assert asked == {address: (path_of(address, "us-east-1"), BOUNDARY) for address in roles}


def path_of(address, region):
    """Returns the path of a role: that of writers is below that of all."""
    return f"/lake/dynamo-to-lake/{region}/" if "module.delivery[" in address else "/lake/"


@pytest.mark.parametrize("name", ["consumer-eu-west-1", "producer-eu-west-1"])
def test_a_pair_is_on_the_path_too(plans, name):
    for address, role in of_type(plans[name], "aws_iam_role").items():
        assert (role["path"], role["permissions_boundary"]) == (path_of(address, "eu-west-1"), BOUNDARY), address


def test_without_a_path_and_a_boundary_roles_have_none(default):
    for address, role in of_type(default, "aws_iam_role").items():
        path = "/dynamo-to-lake/us-east-1/" if "module.delivery[" in address else "/"
        assert (role["path"], role["permissions_boundary"]) == (path, None), address


def test_every_arn_of_our_roles_has_the_path(organisation):
    names = {role["name"] for role in of_type(organisation, "aws_iam_role").values()}
    whole = json.dumps([resource["values"] for resource in resources(organisation).values()])
    wrong = [name for name in names if f":role/{name}" in whole]
    assert f":role/lake/blog-srsa-{TABLE}-state-us-east-1" in whole
    assert not wrong


def test_whatever_takes_tags_has_those_of_the_organisation(organisation):
    taking = {a: r["values"]["tags_all"] for a, r in resources(organisation).items() if "tags_all" in r["values"]}
    assert len(taking) > 10
    assert {a: tags.get("cost-centre") for a, tags in taking.items()} == dict.fromkeys(taking, "42")


def test_what_exists_is_neither_made_nor_set(organisation):
    made = counts(organisation)
    closed = ("aws_kms_key", "aws_kms_alias", "aws_vpc", "aws_subnet", "aws_route_table", "aws_flow_log")
    assert not [kind for kind in made if kind.startswith("aws_s3_bucket") or kind in closed]
    assert made["aws_security_group"] == 1
    group = values(organisation, "module.pipeline.module.transform.aws_security_group.this")
    assert (group["vpc_id"], group["ingress"], group["egress"]) == (NETWORK["vpc_id"], [], [])


def test_the_lake_is_the_bucket_and_the_key_that_exist(organisation):
    said = outputs(organisation)
    assert (said["bucket_name"], said["kms_key_arn"]) == (BUCKET, KEY)
    (delivery,) = of_type(organisation, "aws_kinesis_firehose_delivery_stream").values()
    s3 = delivery["extended_s3_configuration"][0]
    assert (s3["bucket_arn"], s3["kms_key_arn"]) == (f"arn:aws:s3:::{BUCKET}", KEY)


def test_an_existing_bucket_is_told_every_statement_that_a_bucket_of_ours_has(organisation, default):
    told = statements(outputs(organisation)["bucket_policy_json"])
    ours = policy(default, 'module.bucket.aws_s3_bucket_policy.this["this"]')
    assert set(told) == set(ours)
    assert told["DenyOtherKeys"]["Condition"]["StringNotEquals"] == {
        "s3:x-amz-server-side-encryption-aws-kms-key-id": [KEY]
    }
    assert {r for each in told.values() for r in each["Resource"]} == {
        f"arn:aws:s3:::{BUCKET}",
        f"arn:aws:s3:::{BUCKET}/*",
    }


def test_an_existing_key_is_told_every_statement_of_our_key_but_its_administration(organisation, plans):
    told = statements(outputs(organisation)["kms_key_policy_json"])
    ours = policy(plans["single-account-state"], 'module.key.aws_kms_key.this["this"]')
    assert set(ours) - set(told) == {"AccountAdministersTheKey"}
    assert set(told) <= set(ours)
    # Of a network that exists nothing is logged here.
    allowed = told["CloudWatchLogsEncryptsOurLogGroups"]["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    patterns = [arn.partition(":log-group:")[2] for arn in allowed]
    made = [group["name"] for group in of_type(organisation, "aws_cloudwatch_log_group").values()]
    assert all(sum(fnmatchcase(name, pattern) for pattern in patterns) == 1 for name in made)
    assert all(any(fnmatchcase(name, pattern) for name in made) for pattern in patterns)


def test_where_nothing_exists_nobody_is_told_anything(default):
    said = outputs(default)
    assert (said["bucket_policy_json"], said["kms_key_policy_json"]) == (None, None)


def test_the_producers_roles_may_write_to_an_existing_bucket_under_an_existing_key(plans):
    said = outputs(plans[IN_GOVERNMENT["consumer"]])
    roles = {table["delivery_role_arn"] for table in said["tables"].values()}
    key, bucket = (statements(said[f"{of}_policy_json"]) for of in ("kms_key", "bucket"))
    writing = [key[f"WritersOf{ACCOUNT}"], *(each for sid, each in bucket.items() if sid.startswith("Writer"))]
    assert len(writing) == 3
    for statement in writing:
        (pattern,) = statement["Condition"]["ArnLike"]["aws:PrincipalArn"]
        assert pattern.endswith(":role/dynamo-to-lake/us-gov-west-1/*")
        assert all(fnmatchcase(role, pattern) for role in roles)


def test_halves_of_a_pair_make_neither_what_exists(plans):
    for name in IN_GOVERNMENT.values():
        assert not [k for k in counts(plans[name]) if k.startswith(("aws_kms", "aws_s3", "aws_vpc", "aws_subnet"))]


def test_a_bucket_of_ours_has_the_settings_that_are_asked_for(fleet):
    def of(kind):
        return values(fleet, f'module.bucket.aws_s3_bucket_{kind}.this["this"]')

    (colder,) = [rule for rule in of("lifecycle_configuration")["rule"] if rule["id"] == "colder-data/"]
    assert colder["filter"][0]["prefix"] == "data/"
    assert {each["storage_class"]: each["days"] for each in colder["transition"]} == {
        "STANDARD_IA": 90,
        "GLACIER_IR": 365,
    }
    assert not [each for each in colder["expiration"] if each["days"]]
    assert (of("logging")["target_bucket"], of("logging")["target_prefix"]) == (
        "logs-of-the-organisation",
        "my-own-lake/",
    )
    (rule,) = of("object_lock_configuration")["rule"]
    assert [(each["mode"], each["days"]) for each in rule["default_retention"]] == [("GOVERNANCE", 30)]
