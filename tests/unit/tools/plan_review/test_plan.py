"""Reading a plan from a file: what is understood, and what each other file is told to be."""

from __future__ import annotations

import json

import pytest

from tests.unit.tools.plan_review.plans import change
from tools.errors import UsageError
from tools.plan_review import plan, report, text
from tools.plan_review.plan import ResourceChange
from tools.plan_review.review import review

PLAN = {"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": {}, "resource_changes": []}


def read(**members):
    return plan.read(json.dumps({**PLAN, **members}).encode(), "plan.json")


def test_newer_minor_versions_and_unknown_members_are_read():
    found = read(format_version="1.99", something_new={"a": 1}, resource_changes=[change("a.b", "a", ["create"])])

    assert [each.address for each in found.changes()] == ["a.b"]


def test_a_plan_of_nothing_has_no_changes_even_without_resources():
    assert read().changes() == []
    assert plan.read(b'{"format_version":"1.0","planned_values":{}}', "plan.json").changes() == []


@pytest.mark.parametrize(
    ("document", "says"),
    [
        (b"", "is not JSON"),
        (b"\x00\x01PK", "is not JSON"),
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        pytest.param(b'{"format_version":"1.2","x":' + b"[" * 100_000, "is not JSON", id="nested too deeply"),
        (b"[]", "is JSON, but no plan"),
        (b"7", "is JSON, but no plan"),
        (b"{}", "is JSON, but no plan"),
        (b'{"format_version":1}', "is JSON, but no plan"),
        (b'{"format_version":"1.2"}', "is no plan of Terraform"),
        (b'{"format_version":"1.0","values":{}}', "is a state, not a plan"),
        (b'{"format_version":"0.2","planned_values":{}}', "has plan format 0.2 (Terraform of unknown version)"),
        (b'{"format_version":"2.0","terraform_version":"3.1.0"}', "has plan format 2.0 (Terraform 3.1.0)"),
        (b'{"format_version":"1.2","resource_changes":[{}]}', "missing required field `address`"),
        (b'{"format_version":"1.2","planned_values":[]}', "is no plan of Terraform"),
        (b'{"format_version":"1.2","planned_values":{},"errored":true}', "is the plan of a run that failed"),
    ],
)
def test_what_is_no_plan_is_refused_in_one_line_that_names_it(document, says):
    with pytest.raises(UsageError) as error:
        plan.read(document, "plan.json")

    assert str(error.value).startswith("plan.json ")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("actions", [[], ["explode"], ["create", "delete", "create"]])
def test_actions_that_terraform_does_not_have_are_refused(actions):
    with pytest.raises(UsageError, match="is no plan of Terraform"):
        read(resource_changes=[change("a.b", "a", actions)])


@pytest.mark.parametrize(
    ("actions", "action"),
    [
        (["create"], "create"),
        (["create", "delete"], "replace"),
        (["delete", "create"], "replace"),
        (["no-op"], "no-op"),
        (["forget"], "forget"),
    ],
)
def test_two_actions_are_one_replacement(actions, action):
    (found,) = read(resource_changes=[change("a.b", "a", actions)]).resource_changes

    assert found.action == action


@pytest.mark.parametrize(
    ("address", "layer"),
    [
        ('module.table["a.b"].aws_dynamodb_table.this["a.b"]', "table"),
        ("module.key.aws_kms_key.this", "key"),
        ("module.outer.module.inner.aws_x.y", "inner"),
        ('module.pipeline.module.table["a.b"].aws_dynamodb_table.this["a.b"]', "table"),
        ('module.pipeline["module.x."].data.aws_x.y["module.z."]', "pipeline"),
        ("aws_s3_bucket.this", "root"),
    ],
)
def test_the_layer_is_the_innermost_modules_name(address, layer):
    (found,) = read(resource_changes=[change(address, "a", ["create"])]).resource_changes

    assert isinstance(found, ResourceChange)
    assert found.layer == layer


def test_data_that_is_read_and_resources_that_stay_are_no_changes():
    data = {**change("data.a.b", "a", ["read"]), "mode": "data"}

    assert read(resource_changes=[data, change("a.b", "a", ["no-op"])]).changes() == []


def test_the_region_is_the_planned_one_else_the_deployed_one_else_the_given_one():
    given = {"variables": {"region": {"value": "given"}}}
    deployed = {"prior_state": {"values": {"outputs": {"region": {"value": "deployed"}}}}}
    wanted = {"planned_values": {"outputs": {"region": {"value": "planned"}}}}

    assert read(**given, **deployed, **wanted).region == "planned"
    assert read(**given, **deployed).region == "deployed"
    assert read(**given).region == "given"
    written = {"aws": {"expressions": {"region": {"constant_value": "written"}}}}
    assert read(configuration={"provider_config": written}).region == "written"
    assert read().region is None


def everything():
    """A small plan with each member that reviews look at."""
    statement = {
        "sid": "S",
        "actions": ["a:B"],
        "resources": [None],
        "principals": [{"type": "AWS", "identifiers": ["x"]}],
        "condition": [{"test": "Bool", "variable": "v", "values": ["true"]}],
    }
    marks = {"json": True, "statement": [{"resources": [True]}]}
    document = {
        **change("module.m.data.aws_iam_policy_document.p", "aws_iam_policy_document", ["read"]),
        "mode": "data",
        "change": {"actions": ["read"], "after": {"statement": [statement]}, "after_unknown": marks},
    }
    references = {"references": ["data.aws_iam_policy_document.p.json"]}
    module = {"resources": [{"address": "aws_s3_bucket_policy.b", "expressions": {"policy": references}}]}
    stream = {"shard_count": 1, "retention_period": 48, "stream_mode_details": [{"stream_mode": "PROVISIONED"}]}
    inline = {"name": "r", "inline_policy": [{"name": "n", "policy": "{}"}]}
    return {
        **PLAN,
        "configuration": {
            "root_module": {"module_calls": {"m": {"module": module}}},
            "provider_config": {"aws": {"expressions": {"region": {"constant_value": "r"}}}},
        },
        "variables": {"region": {"value": "r"}},
        "planned_values": {"outputs": {"region": {"value": "r"}}},
        "prior_state": {
            "values": {
                "outputs": {"region": {"value": "r"}},
                "root_module": {"child_modules": [{"resources": [{"type": "aws_iam_role_policy", "values": {}}]}]},
            }
        },
        "resource_changes": [
            document,
            change("module.m.aws_s3_bucket_policy.b", "aws_s3_bucket_policy", ["create"], None, {}, {"policy": True}),
            change("aws_kinesis_stream.s", "aws_kinesis_stream", ["update"], stream, {**stream, "shard_count": 2}),
            change("aws_iam_role.r", "aws_iam_role", ["update"], {**inline, "inline_policy": []}, inline),
        ],
        "resource_drift": [
            change("aws_iam_role.r", "aws_iam_role", ["update"], {**inline, "inline_policy": []}, inline)
        ],
    }


def places(value, path=()):
    if path:
        yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(inner, (*path, key))


def damaged(document, path, value):
    copied = json.loads(json.dumps(document))
    holder = copied
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return json.dumps(copied).encode()


@pytest.mark.parametrize("value", [None, True, 0, 1.5, "", "x", [], {}, [None], [{}], {"a": 1}])
def test_whatever_is_damaged_in_a_plan_it_is_refused_as_no_plan_or_reviewed(value):
    whole = everything()
    outcomes = set()
    for path in places(whole):
        try:
            found = review(plan.read(damaged(whole, path, value), "plan.json"), "title")
            assert text.lines(found)
            assert report.markdown(found)
            outcomes.add("reviewed")
        except UsageError:
            outcomes.add("refused")

    assert outcomes == {"reviewed", "refused"}
