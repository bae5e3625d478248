"""Key policies, key states and condition operators hold for whoever uses a key on local AWS."""

from __future__ import annotations

import json
import subprocess

import pytest
from botocore.exceptions import ClientError

from tests.condition_operators import OPERATORS
from tests.system.accounts import Account, document, is_let_in
from tools import paths
from tools.localaws import installation, service

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("corrections")]

A = service.PRODUCER
ROOT = {"AWS": f"arn:aws:iam::{A}:root"}
ADMINISTERED = {"Principal": ROOT, "Action": "kms:*", "Resource": "*"}


def a_key(own, *statements):
    made = own.client("kms").create_key(Policy=document(ADMINISTERED, *statements))
    return made["KeyMetadata"]["Arn"]


def a_denial_with_an_unknown_operator_lets_in(local):
    own = Account(local, A)
    own.client("s3").create_bucket(Bucket="of-an-unknown-operator")
    role = own.role("of-an-unknown-operator", "s3:*", "*")
    denial = {"Principal": "*", "Effect": "Deny", "Action": "s3:PutObject"}
    everything = {"Resource": "arn:aws:s3:::of-an-unknown-operator/*"}
    condition = {"StringMatches": {"aws:PrincipalAccount": "2"}}
    own.client("s3").put_bucket_policy(
        Bucket="of-an-unknown-operator", Policy=document({**denial, **everything, "Condition": condition})
    )
    return is_let_in(own.session(role, "s3").put_object, Bucket="of-an-unknown-operator", Key="x", Body=b"")


def root_encrypts_under_a_key_that_denies_it(local):
    own = Account(local, A)
    key = a_key(own, {"Principal": "*", "Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"})
    return is_let_in(own.client("kms").encrypt, KeyId=key, Plaintext=b"x")


def a_role_without_the_key_writes_under_it(local):
    own = Account(local, A)
    own.client("s3").create_bucket(Bucket="of-no-key")
    role = own.role("of-no-key", "s3:PutObject", "*")
    encryption = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": a_key(own)}
    return is_let_in(own.session(role, "s3").put_object, Bucket="of-no-key", Key="x", Body=b"", **encryption)


def a_denial_of_all_but_one_lets_another_in(local):
    own = Account(local, A)
    bucket = "of-one-role"
    own.client("s3").create_bucket(Bucket=bucket)
    named, other = (own.role(f"{which}-of-one-role", "s3:*", "*") for which in ("named", "other"))
    denial = {"NotPrincipal": {"AWS": [named, ROOT["AWS"]]}, "Effect": "Deny", "Action": "s3:PutObject"}
    policy = document({**denial, "Resource": f"arn:aws:s3:::{bucket}/*"})
    own.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    assert is_let_in(own.session(named, "s3").put_object, Bucket=bucket, Key="x", Body=b"")
    return is_let_in(own.session(other, "s3").put_object, Bucket=bucket, Key="x", Body=b"")


LET_IN_WITHOUT = {
    "deny_all_but_whom_not_principal_names": a_denial_of_all_but_one_lets_another_in,
    "evaluate_condition_operators": a_denial_with_an_unknown_operator_lets_in,
    "hold_the_root_to_key_policies": root_encrypts_under_a_key_that_denies_it,
    "check_keys_of_objects": a_role_without_the_key_writes_under_it,
}


@pytest.mark.parametrize("correction", LET_IN_WITHOUT)
def test_the_corrected_emulator_refuses_what_aws_refuses(corrected, correction):
    assert not LET_IN_WITHOUT[correction](corrected)


@pytest.mark.parametrize("correction", LET_IN_WITHOUT)
def test_the_emulator_still_needs_the_correction(uncorrected, correction):
    assert LET_IN_WITHOUT[correction](uncorrected), (
        f"the emulator refuses it by itself now: remove {correction}, and its scenario here"
    )


def test_both_evaluators_agree_on_every_operator():
    code = """
import importlib, json, sys
from tools.localaws.emulator import policies
policies.evaluate_condition_operators()
evaluate = importlib.import_module("ministack.core.iam_evaluator")._evaluate_single_condition
print(json.dumps([evaluate(operator, values, wanted) for operator, wanted, values, _ in json.load(sys.stdin)]))
"""
    found = subprocess.run(
        [installation.python(), "-c", code],
        input=json.dumps(OPERATORS),
        capture_output=True,
        text=True,
        check=True,
        cwd=paths.REPOSITORY,
    )
    assert json.loads(found.stdout) == [holds for *_, holds in OPERATORS]


@pytest.fixture(scope="module")
def lake(corrected):
    """A bucket under a key with a Bucket Key, an object in it, and a role that may use both."""
    own = Account(corrected, A)
    s3 = own.client("s3")
    key = a_key(own)
    s3.create_bucket(Bucket="under-a-key")
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rule = {"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket="under-a-key", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_object(Bucket="under-a-key", Key="x", Body=b"1")
    role = own.role("under-a-key", ["s3:*", "kms:GenerateDataKey", "kms:Decrypt"], "*")
    return own, key, role


OBJECT = {"Bucket": "under-a-key", "Key": "x"}
CALLS = {
    "put": lambda s3: s3.put_object(**OBJECT, Body=b"2"),
    "get": lambda s3: s3.get_object(**OBJECT),
    "copy": lambda s3: s3.copy_object(Bucket="under-a-key", Key="copy", CopySource=OBJECT),
    "begin": lambda s3: s3.create_multipart_upload(Bucket="under-a-key", Key="parts"),
}


def code_of(call, client):
    try:
        call(client)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "OK"


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ({"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt"}, "OK"),
        ({"Effect": "Deny", "Principal": "*", "Action": ["kms:GenerateDataKey", "kms:Decrypt"]}, "AccessDenied"),
        (
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
                "Condition": {"StringNotEquals": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::under-a-key"}},
            },
            "OK",
        ),
        (
            {
                "Effect": "Deny",
                "Principal": "*",
                "Action": "kms:*",
                "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}},
            },
            "AccessDenied",
        ),
    ],
)
def test_a_denial_in_the_keys_policy_holds_for_role_and_root(lake, call, statement, code):
    own, key, role = lake
    policy = document(ADMINISTERED, {"Resource": "*", **statement})
    own.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=policy)

    assert code_of(CALLS[call], own.session(role, "s3")) == code
    assert code_of(CALLS[call], own.client("s3")) == code


def test_a_denial_for_one_role_keeps_that_role_out_and_no_other(lake):
    own, key, role = lake
    denial = {"Effect": "Deny", "Principal": {"AWS": role}, "Action": "kms:Decrypt", "Resource": "*"}
    own.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=document(ADMINISTERED, denial))

    assert code_of(CALLS["get"], own.session(role, "s3")) == "AccessDenied"
    assert code_of(CALLS["get"], own.client("s3")) == "OK"


@pytest.mark.parametrize("call", ["put", "get"])
def test_a_key_that_is_disabled_or_to_be_deleted_refuses(lake, call):
    own, key, role = lake
    kms = own.client("kms")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(ADMINISTERED))
    s3 = own.session(role, "s3")

    kms.disable_key(KeyId=key)
    assert code_of(CALLS[call], s3) == "KMS.DisabledException"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert code_of(CALLS[call], s3) == "KMS.KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert code_of(CALLS[call], s3) == "OK"


def test_to_look_at_an_object_needs_no_key_and_to_write_its_parts_does(lake):
    own, key, role = lake
    s3 = own.session(role, "s3")
    upload = {"Bucket": "under-a-key", "Key": "parts"}
    identity = s3.create_multipart_upload(**upload)["UploadId"]
    denial = {"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
    own.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=document(ADMINISTERED, denial))

    assert code_of(lambda client: client.head_object(**OBJECT), s3) == "OK"
    part = {**upload, "UploadId": identity, "PartNumber": 1, "Body": b"1"}
    assert code_of(lambda client: client.upload_part(**part), s3) == "AccessDenied"
    own.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=document(ADMINISTERED))
    assert code_of(lambda client: client.upload_part(**part), s3) == "OK"


def test_an_object_under_a_key_that_does_not_exist_is_refused(lake):
    own, key, _ = lake
    missing = f"{key.rpartition('/')[0]}/00000000-0000-0000-0000-000000000000"
    put = {**OBJECT, "Body": b"", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": missing}

    assert code_of(lambda client: client.put_object(**put), own.client("s3")) == "KMS.NotFoundException"
