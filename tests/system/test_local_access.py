"""Nobody who does not hold the home's secret gets into local AWS, and nobody else can read its files."""

from __future__ import annotations

import hashlib
import io
import json
import ssl
import stat
import urllib.error
import urllib.request
import zipfile

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from tools.localaws import service
from tools.localaws.emulator import access
from tools.localaws.state_folder import StateFolder

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("access")]

ACCOUNT = service.SINGLE_ACCOUNT


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    home = tmp_path_factory.mktemp("access") / "home"
    yield service.up(home)
    service.purge(home)


def client(local, name, secret=None, key=ACCOUNT, token=None, **options):
    return boto3.client(
        name,
        endpoint_url=local.endpoint_url,
        region_name=local.region,
        verify=str(local.ca_bundle),
        aws_access_key_id=key,
        aws_secret_access_key=secret or local.secret,
        aws_session_token=token,
        config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, **options),
    )


CALLS = {
    "dynamodb": lambda made: made.list_tables(),
    "kinesis": lambda made: made.list_streams(),
    "iam": lambda made: made.list_roles(),
    "sts": lambda made: made.get_caller_identity(),
    "s3": lambda made: made.list_buckets(),
    "lambda": lambda made: made.list_functions(),
    "kms": lambda made: made.list_keys(),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_roots_of_accounts_need_the_homes_secret(local, name):
    CALLS[name](client(local, name))
    for key in (ACCOUNT, service.CONSUMER, "test"):
        with pytest.raises(ClientError, match=r"signature|Signature"):
            CALLS[name](client(local, name, "local", key))


@pytest.mark.parametrize("name", CALLS)
def test_nothing_is_answered_that_is_not_signed(local, name):
    with pytest.raises(ClientError, match="signed requests only"):
        CALLS[name](client(local, name, signature_version=UNSIGNED))


def test_objects_are_written_and_read_with_each_kind_of_signature(local):
    s3 = client(local, "s3")
    s3.create_bucket(Bucket="signed")
    s3.put_object(Bucket="signed", Key="a key/ü+%", Body=b"content")
    assert s3.get_object(Bucket="signed", Key="a key/ü+%")["Body"].read() == b"content"
    link = client(local, "s3", signature_version="s3v4").generate_presigned_url(
        "get_object", Params={"Bucket": "signed", "Key": "a key/ü+%"}
    )
    assert get(local, link)[1] == b"content"
    forged = client(local, "s3", "local", signature_version="s3v4").generate_presigned_url(
        "get_object", Params={"Bucket": "signed", "Key": "a key/ü+%"}
    )
    assert get(local, forged)[0] == 403


def test_a_session_is_let_in_with_the_keys_that_it_was_given(local):
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    may = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
    iam = client(local, "iam")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]["Arn"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps({"Statement": [may]}))
    given = client(local, "sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    keys = {"key": given["AccessKeyId"], "token": given["SessionToken"]}
    client(local, "dynamodb", given["SecretAccessKey"], **keys).list_tables()
    with pytest.raises(ClientError):
        client(local, "dynamodb", local.secret, **keys).list_tables()


def test_nobody_can_tell_the_keys_of_a_function_from_its_name(local):
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    may = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
    iam, functions = client(local, "iam"), client(local, "lambda")
    role = iam.create_role(RoleName="f", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]["Arn"]
    iam.put_role_policy(RoleName="f", PolicyName="p", PolicyDocument=json.dumps({"Statement": [may]}))
    source = "import os\ndef handler(event, context):\n    return {n: v for n, v in os.environ.items() if 'AWS_' in n}"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", source)
    made = functions.create_function(
        FunctionName="f", Runtime="python3.11", Role=role, Handler="code.handler", Code={"ZipFile": packed.getvalue()}
    )
    own = json.loads(functions.invoke(FunctionName="f")["Payload"].read())
    assert local.secret not in own.values()
    keys = {"key": own["AWS_ACCESS_KEY_ID"], "token": own["AWS_SESSION_TOKEN"]}
    client(local, "dynamodb", own["AWS_SECRET_ACCESS_KEY"], **keys).list_tables()
    known = hashlib.sha256(f"{made['FunctionArn']}:{role}".encode()).hexdigest()
    guessed = {name: hashlib.sha256(f"{name}:{known}".encode()).hexdigest() for name in ("secret", "token")}
    assert own["AWS_ACCESS_KEY_ID"] == f"ASIA{known[:16].upper()}"
    with pytest.raises(ClientError):
        client(local, "dynamodb", guessed["secret"], own["AWS_ACCESS_KEY_ID"], guessed["token"]).list_tables()


def test_the_package_of_a_function_is_fetched_by_the_link_that_lambda_gives(local):
    functions = client(local, "lambda")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    document = json.dumps({"Statement": [trust]})
    role = client(local, "iam").create_role(RoleName="g", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", "def handler(event, context): pass")
    functions.create_function(
        FunctionName="g", Runtime="python3.11", Role=role, Handler="code.handler", Code={"ZipFile": packed.getvalue()}
    )
    link = functions.get_function(FunctionName="g")["Code"]["Location"]

    assert get(local, link) == (200, packed.getvalue())
    assert get(local, link.partition("?")[0])[0] == 403


def get(local, url, method="GET", **headers):
    context = ssl.create_default_context(cafile=str(local.ca_bundle))
    asked = urllib.request.Request(url, headers=headers, method=method)  # noqa: S310  # local AWS
    try:
        with urllib.request.urlopen(asked, context=context) as answer:  # noqa: S310
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_the_emulators_own_paths_need_the_secret(local):
    client(local, "dynamodb").list_tables()
    for method, path in (("POST", "/_ministack/reset"), ("GET", "/_ministack/health"), ("GET", "/health")):
        assert get(local, local.endpoint_url + path, method)[0] == 403
        assert get(local, local.endpoint_url + path, method, **{access.HEADER: "local"})[0] == 403
    assert get(local, f"{local.endpoint_url}/_ministack/health", **{access.HEADER: local.secret})[0] == 200
    assert service.is_healthy(local)


def test_another_host_name_is_not_answered(local):
    headers = {"Host": "rebound.example", access.HEADER: local.secret}
    assert get(local, f"{local.endpoint_url}/_ministack/health", **headers)[0] == 403


def test_files_are_for_their_owner_alone(local):
    home = StateFolder(local.ca_bundle.parents[3])
    client(local, "s3").create_bucket(Bucket="private")
    client(local, "s3").put_object(Bucket="private", Key="x", Body=b"")
    assert home.secret_file.is_file()
    open_to_others = [
        path
        for path in (home.root, *home.root.rglob("*"))
        if stat.S_IMODE(path.lstat().st_mode) & 0o077 and not path.is_symlink()
    ]
    assert open_to_others == []
