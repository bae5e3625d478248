"""Each correction of the emulator is still needed, and does what AWS does."""

from __future__ import annotations

import json
import socket
import subprocess
from time import monotonic, sleep

import pytest
from botocore.exceptions import ClientError

from commands import done
from tools.core.aws import Aws
from tools.localaws import installation, service
from tools.localaws.home import Home

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("corrections")]

A, B = service.PRODUCER, service.CONSUMER


class Account:
    """Clients of an account's root, and of sessions of its roles."""

    def __init__(self, local, account):
        self.account = account
        self._environment = local.environment(account)

    def client(self, name, **keys):
        return Aws({**self._environment, **keys}).client(name)

    def session(self, role, name):
        given = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return self.client(
            name,
            AWS_ACCESS_KEY_ID=given["AccessKeyId"],
            AWS_SECRET_ACCESS_KEY=given["SecretAccessKey"],
            AWS_SESSION_TOKEN=given["SessionToken"],
        )

    def role(self, name, action, resource, **trust):
        """Makes a role that the account's root may assume (or what `trust` says) and returns its ARN."""
        who = trust or {"Principal": {"AWS": f"arn:aws:iam::{self.account}:root"}}
        iam = self.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document({"Action": "sts:AssumeRole", **who}))[
            "Role"
        ]["Arn"]
        iam.put_role_policy(
            RoleName=name, PolicyName="p", PolicyDocument=document({"Action": action, "Resource": resource})
        )
        return arn


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})


def is_let_in(call, **request):
    """Returns whether AWS lets a caller do something; fails on any other error."""
    try:
        call(**request)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("AccessDenied", "AccessDeniedException"):
            raise
        return False
    return True


@pytest.fixture(scope="module")
def uncorrected(tmp_path_factory):
    """The emulator as it is released."""
    home = Home(tmp_path_factory.mktemp("uncorrected"))
    home.create()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    local = service.LocalAws(f"https://127.0.0.1:{port}", home.certificate)
    with home.log("emulator").open("wb") as log:
        process = subprocess.Popen(
            [installation.python(), "-P", "-c", "import ministack.app; ministack.app.main()"],
            env=service._emulator_environment(home, port),
            cwd=home.root,
            stdout=log,
            stderr=log,
        )
    deadline = monotonic() + 60
    while not service.is_healthy(local):
        assert process.poll() is None, home.log("emulator").read_text()
        assert monotonic() < deadline
        sleep(0.1)
    yield local
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def corrected(tmp_path_factory):
    home = tmp_path_factory.mktemp("corrected")
    done("tools.local", "up", home=home, timeout=600)
    yield service.connect(home)
    done("tools.local", "down", home=home)


def a_named_role_of_another_account_writes(local):
    """The bucket's policy names one role of A, by its root and aws:PrincipalArn: that role may write."""
    producer, consumer = Account(local, A), Account(local, B)
    objects = "arn:aws:s3:::lake-of-b/*"
    writer = producer.role("writer", "s3:PutObject", objects)
    consumer.client("s3").create_bucket(Bucket="lake-of-b")
    named = {
        "Principal": {"AWS": f"arn:aws:iam::{A}:root"},
        "Action": "s3:PutObject",
        "Resource": objects,
        "Condition": {"ArnEquals": {"aws:PrincipalArn": writer}},
    }
    consumer.client("s3").put_bucket_policy(Bucket="lake-of-b", Policy=document(named))
    return is_let_in(producer.session(writer, "s3").put_object, Bucket="lake-of-b", Key="x", Body=b"")


def a_session_is_known_by_its_roles_arn(local):
    """A condition on aws:PrincipalArn in a role's own policy holds for the role's ARN."""
    own = Account(local, A)
    own.client("s3").create_bucket(Bucket="of-the-known")
    role = own.role("known", "s3:PutObject", "arn:aws:s3:::nothing/*")
    allowed = {
        "Action": "s3:PutObject",
        "Resource": "arn:aws:s3:::of-the-known/*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": role}},
    }
    own.client("iam").put_role_policy(RoleName="known", PolicyName="p", PolicyDocument=document(allowed))
    return is_let_in(own.session(role, "s3").put_object, Bucket="of-the-known", Key="x", Body=b"")


def a_log_stream_is_authorized_as_a_log_stream(local):
    """A permission on the streams of a log group lets a role write to one."""
    own = Account(local, A)
    logs = own.client("logs")
    logs.create_log_group(logGroupName="group")
    logs.create_log_stream(logGroupName="group", logStreamName="stream")
    streams = f"arn:aws:logs:us-east-1:{A}:log-group:group:log-stream:*"
    role = own.role("logger", "logs:PutLogEvents", streams)
    events = [{"timestamp": 1, "message": "x"}]
    return is_let_in(
        own.session(role, "logs").put_log_events, logGroupName="group", logStreamName="stream", logEvents=events
    )


def a_write_under_another_key_is_refused(local):
    """A bucket's policy that demands one key keeps out a write that names another."""
    own = Account(local, A)
    own.client("s3").create_bucket(Bucket="one-key-only")
    objects = "arn:aws:s3:::one-key-only/*"
    other_keys = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": objects,
        "Condition": {"StringNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:the-key"}},
    }
    own.client("s3").put_bucket_policy(Bucket="one-key-only", Policy=document(other_keys))
    role = own.role("encrypter", "s3:PutObject", objects)
    put, encryption = own.session(role, "s3").put_object, {"ServerSideEncryption": "aws:kms"}
    assert not is_let_in(put, Bucket="one-key-only", Key="x", Body=b"", SSEKMSKeyId="arn:another", **encryption)
    return is_let_in(put, Bucket="one-key-only", Key="x", Body=b"", SSEKMSKeyId="arn:the-key", **encryption)


def root_acts_as_a_role_of_firehose(local):
    """The worker, as an account's root, takes on a role that trusts Firehose alone."""
    own = Account(local, A)
    trust = {
        "Principal": {"Service": "firehose.amazonaws.com"},
        "Condition": {"StringEquals": {"sts:ExternalId": A}},
    }
    role = own.role("of-firehose", "s3:PutObject", "*", **trust)
    return is_let_in(own.client("sts").assume_role, RoleArn=role, RoleSessionName="test")


SCENARIOS = {
    "judge_foreign_callers_as_themselves": a_named_role_of_another_account_writes,
    "know_a_role_by_its_own_arn": a_session_is_known_by_its_roles_arn,
    "authorize_log_streams": a_log_stream_is_authorized_as_a_log_stream,
    "judge_writes_by_their_encryption": a_write_under_another_key_is_refused,
    "let_root_stand_in_for_services": root_acts_as_a_role_of_firehose,
}


@pytest.mark.parametrize("correction", SCENARIOS)
def test_the_corrected_emulator_does_what_aws_does(corrected, correction):
    assert SCENARIOS[correction](corrected)


@pytest.mark.parametrize("correction", SCENARIOS)
def test_the_emulator_still_needs_the_correction(uncorrected, correction):
    assert not SCENARIOS[correction](uncorrected), (
        f"the emulator does what AWS does by itself now: remove {correction} from "
        "tools/localaws/emulator/corrections.py, and its scenario here"
    )
