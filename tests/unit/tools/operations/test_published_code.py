"""A deploy gives the alias the package that its review showed, or is refused.

The answers of Lambda and S3 are those of their APIs, cut to the members that are read.
"""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from botocore.response import StreamingBody
from botocore.stub import Stubber

from tests.unit.tools.plan_review.plans import change, planned
from tests.unit.tools.plan_review.test_artifacts import FOREIGN, OURS, encoded, function
from tools.artifact.archive import Artifact as Package
from tools.errors import LakeError, RefusedError, UsageError
from tools.operations import published_code

SINCE = "2026-11-25T08:00:00.000+0000"
ALIAS = "module.transform.aws_lambda_alias.live"
PACKAGE = b"a zip"


@pytest.fixture
def deployment(tmp_path):
    return SimpleNamespace(folder=tmp_path, is_local=False, environment_variables={})


def alias(before="1", after="1", unknown=None):
    old, new = ({"name": "live", "function_name": "f", "function_version": each} for each in (before, after))
    return change(ALIAS, "aws_lambda_alias", ["no-op" if before == after else "update"], old, new, unknown)


def client(service, *answers):
    """A client that gives the answers in order: operation, parameters, members or an error's code."""
    made = boto3.client(service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    stubber = Stubber(made)
    for operation, parameters, answer in answers:
        if isinstance(answer, str):
            stubber.add_client_error(operation, answer, expected_params=parameters)
        else:
            stubber.add_response(operation, answer, parameters)
    stubber.activate()
    return made, stubber


def code(qualifier, sha256, version=None):
    answer = {"Version": version or qualifier, "CodeSha256": encoded(sha256), "LastModified": SINCE}
    return "get_function_configuration", {"FunctionName": "f", "Qualifier": qualifier}, answer


def check_before(deployment, changes, *answers, region="eu-west-1"):
    plan = planned(*changes, after={"region": region})
    made, stubber = client("lambda", *answers)
    published_code.check_before_apply(plan, published_code.identify(plan, None), made, deployment)
    stubber.assert_no_pending_responses()


def check_after(deployment, changes, *answers):
    plan = planned(*changes)
    made, stubber = client("lambda", *answers)
    published_code.check_after_apply(plan, published_code.identify(plan, None), made, deployment)
    stubber.assert_no_pending_responses()


def test_a_plan_that_moves_the_alias_to_a_version_of_other_code_is_refused_with_the_way_out(deployment):
    with pytest.raises(RefusedError) as refusal:
        check_before(
            deployment, [function(has=FOREIGN), alias(after="2")], code("2", FOREIGN), code("$LATEST", FOREIGN)
        )

    said = str(refusal.value)
    assert f"version 2 of function f, there since {SINCE}, is not lake.zip" in said
    assert said.endswith(
        "deploy again: aws lambda update-function-code --function-name f --zip-file fileb:///build/lake.zip "
        "--publish --region eu-west-1"
    )
    assert "\n" not in said


def test_other_code_that_the_alias_points_to_already_is_refused_too(deployment):
    with pytest.raises(RefusedError, match="version 2 of function f"):
        check_before(deployment, [function(), alias("2", "2")], code("2", FOREIGN), code("$LATEST", OURS))


def test_a_changed_setting_would_publish_other_code_and_is_refused(deployment):
    changes = [
        function(("update",), has=FOREIGN, memory_size=2048, unknown={"architectures": [False], "version": True}),
        alias(after=None, unknown={"function_version": True}),
    ]

    with pytest.raises(RefusedError, match=r"the unpublished code \(\$LATEST\) of function f"):
        check_before(deployment, changes, code("$LATEST", FOREIGN))


def test_code_that_is_the_package_everywhere_may_be_deployed(deployment):
    check_before(deployment, [function(), alias(after="3")], code("3", OURS), code("$LATEST", OURS))


@pytest.mark.parametrize("held", [None, b"{}"])
@pytest.mark.parametrize("told", [None, hashlib.sha256(b"{}").hexdigest()])
def test_a_plan_must_tell_the_function_the_settings_of_the_tables_that_its_package_holds(held, told):
    variables = {"LIST_FORMAT": "text"} | ({"TABLE_SETTINGS_SHA256": told} if told else {})
    plan = planned(function(("update",), environment=[{"variables": variables}]))
    package = Package(Path("lake.zip"), 1, OURS, has_native_code=False, table_settings=held)

    if bool(held) == bool(told):
        published_code.check_table_settings(plan, package)
        return
    with pytest.raises(UsageError, match=r"tables: the package holds other rules than the plan .*plain values"):
        published_code.check_table_settings(plan, package)


def test_a_plan_without_a_function_tells_no_settings():
    published_code.check_table_settings(planned(), None)


@pytest.mark.parametrize("actions", [("create",), ("update",)])
def test_a_plan_that_uploads_the_package_need_not_be_compared(deployment, actions):
    check_before(deployment, [function(actions, planned_hash=FOREIGN, has=FOREIGN), alias(after="2")])


def test_after_the_apply_the_alias_must_lead_to_the_package(deployment):
    uploaded = [function(("update",), planned_hash=OURS, filename="/build/new.zip"), alias(after=None)]

    check_after(deployment, uploaded, code("live", OURS, "2"))
    with pytest.raises(
        LakeError, match=r"version 3 of function f.*is not new\.zip.*changed during the deploy"
    ) as failure:
        check_after(deployment, uploaded, code("live", FOREIGN, "3"))
    assert failure.value.exit_code == 1
    assert "--zip-file fileb:///build/new.zip --publish" in str(failure.value)


def test_lambda_that_does_not_answer_is_told_in_one_line(deployment):
    denied = ("get_function_configuration", {"FunctionName": "f", "Qualifier": "$LATEST"}, "AccessDeniedException")

    with pytest.raises(LakeError, match=r"cannot look at the code of function f:\$LATEST .*AccessDeniedException"):
        check_before(deployment, [function()], denied)


IN_S3 = function(filename=None, s3_bucket="b", s3_key="k.zip")
HEAD = {"Bucket": "b", "Key": "k.zip", "ChecksumMode": "ENABLED"}
GET = {"Bucket": "b", "Key": "k.zip"}


def body():
    return {"Body": StreamingBody(io.BytesIO(PACKAGE), len(PACKAGE))}


@pytest.mark.parametrize(
    "answers",
    [
        [("head_object", HEAD, {"ChecksumSHA256": encoded(hashlib.sha256(PACKAGE).hexdigest())})],
        [("head_object", HEAD, {"ChecksumSHA256": f"{encoded(FOREIGN)}-2"}), ("get_object", GET, body())],
        [("head_object", HEAD, {}), ("get_object", GET, body())],
    ],
    ids=["checksum", "checksum of parts", "no checksum"],
)
def test_a_package_in_s3_is_known_by_its_checksum_or_its_bytes(answers):
    s3, stubber = client("s3", *answers)
    (found,) = published_code.identify(planned(IN_S3), s3)

    assert found.sha256 == hashlib.sha256(PACKAGE).hexdigest()
    stubber.assert_no_pending_responses()


def test_a_package_in_s3_that_cannot_be_read_is_named():
    s3, _ = client("s3", ("head_object", HEAD, "403"))

    with pytest.raises(LakeError, match=r"cannot read the function's package s3://b/k\.zip"):
        published_code.identify(planned(IN_S3), s3)


def test_the_command_for_a_package_in_s3_names_bucket_and_key(deployment):
    (found,) = published_code.artifacts.find(planned(IN_S3))

    assert "--s3-bucket b --s3-key k.zip --publish" in published_code.repair_command(found, None, deployment)


def test_the_command_uses_the_credentials_of_the_deployment(deployment):
    (found,) = published_code.artifacts.find(planned(function(filename="../it's.zip")))
    deployment.environment_variables["AWS_PROFILE"] = "lake"

    in_account = published_code.repair_command(found, None, deployment)
    deployment.is_local, deployment.environment_variables["AWS_ACCESS_KEY_ID"] = True, "111111111111"
    on_local_aws = published_code.repair_command(found, None, deployment)

    package = f"fileb://{deployment.folder.parent}/it"
    assert in_account.endswith("--profile lake")
    assert f"'{package}" in in_account
    assert on_local_aws.startswith('eval "$(python -m tools.local env --account 111111111111)" && aws lambda')
    assert "--profile" not in on_local_aws


def test_a_kept_plan_goes_with_the_package_that_it_was_made_with(tmp_path):
    file = tmp_path / "package.zip"
    file.write_bytes(PACKAGE)
    kept = published_code.identify(planned(packaged(file, hashlib.sha256(PACKAGE).hexdigest())), None)

    published_code.check_files(kept)
    file.write_bytes(b"another zip")
    with pytest.raises(LakeError, match=r"package\.zip is another package than when the plan was made; plan again"):
        published_code.check_files(kept)
    file.unlink()
    with pytest.raises(LakeError, match=r"package\.zip, which the plan uploads, cannot be read \(No such file"):
        published_code.check_files(kept)


def packaged(file, sha256):
    """A function that is made with the package in a file."""
    after = {"function_name": "f", "filename": str(file), "source_code_hash": encoded(sha256)}
    return change("module.transform.aws_lambda_function.this", "aws_lambda_function", ["create"], None, after)
