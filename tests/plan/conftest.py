"""Real Terraform plans of copies of the configuration: no credentials, no network but the loopback interface."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import zipfile
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import tftest

from tools.core import paths, providers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ACCOUNT = "111111111111"
CONSUMER = "222222222222"
_HERE = paths.REPOSITORY / "tests" / "plan"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == _HERE and "sandbox" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.plan)
            # One worker, because what the tests share takes long to plan.
            item.add_marker(pytest.mark.xdist_group("plan"))


class _CallerIdentity(BaseHTTPRequestHandler):
    """Answers every request as STS answers GetCallerIdentity; an access key of 12 digits names its account."""

    def do_POST(self) -> None:
        named = re.search(r"Credential=(\d{12})/", self.headers.get("Authorization", ""))
        account = named[1] if named else ACCOUNT
        body = (
            '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
            f"<Arn>arn:aws:iam::{account}:user/test</Arn><UserId>TEST</UserId><Account>{account}</Account>"
            "</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
            "</GetCallerIdentityResponse>"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@dataclass
class Sandbox:
    """A copy of modules/ and envs/ in which Terraform may run, and the environment variables that it runs with."""

    root: Path
    environment: Mapping[str, str]
    _ready: set[Path] = field(default_factory=set)

    @property
    def package(self) -> str:
        return str(self.root / "package.zip")

    def folder(self, name: str) -> Path:
        """Returns a folder of the copy, initialised with exactly the locked provider."""
        folder = self.root / name
        if folder not in self._ready:
            folder.mkdir(parents=True, exist_ok=True)
            shutil.copy2(paths.ENVIRONMENTS / "single-account" / ".terraform.lock.hcl", folder)
            done = self.run(folder, "init", "-lockfile=readonly", "-input=false", "-no-color")
            assert done.returncode == 0, done.stdout + done.stderr
            self._ready.add(folder)
        return folder

    def run(self, folder: Path, *arguments: str, account: str = "test") -> subprocess.CompletedProcess[str]:
        command, environment = ["terraform", *arguments], {**self.environment, "AWS_ACCESS_KEY_ID": account}
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    def plan(
        self, name: str = "envs/single-account", /, *, account: str = "test", **options: Any
    ) -> tftest.TerraformPlanOutput:
        """Plans a folder of the copy with credentials of `account`; `options` are tftest's, `tf_vars` above all."""
        test = tftest.TerraformTest(str(self.folder(name)))
        test.env = {**self.environment, "AWS_ACCESS_KEY_ID": account}
        return test.plan(output=True, **options)

    def errors(
        self, folder: str = "envs/single-account", /, *, account: str = "test", **variables: Any
    ) -> dict[str, list[str]]:
        """Plans a folder that cannot be planned; returns file name -> messages of the errors found in it."""
        given = [f"-var={key}={text(value)}" for key, value in variables.items()]
        done = self.run(self.folder(folder), "plan", "-json", "-input=false", "-lock=false", *given, account=account)
        assert done.returncode == 1, f"Terraform accepted {variables}"
        found: dict[str, list[str]] = {}
        for line in done.stdout.splitlines():
            diagnostic = json.loads(line).get("diagnostic", {})
            if diagnostic.get("severity") == "error":
                file = diagnostic.get("range", {}).get("filename", "")
                found.setdefault(file, []).append(f"{diagnostic['summary']}: {diagnostic['detail']}")
        return found


def text(value: Any) -> str:
    """Returns a value as `-var` takes it."""
    return value if isinstance(value, str) else json.dumps(value)


@pytest.fixture(scope="session")
def caller_identity() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _CallerIdentity)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory, caller_identity: str) -> Iterator[Sandbox]:
    root = tmp_path_factory.mktemp("terraform")
    for source in (paths.ENVIRONMENTS, paths.MODULES):
        shutil.copytree(source, root / source.name, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
    with zipfile.ZipFile(root / "package.zip", "w") as package:
        package.writestr("lake_transform/handler.py", "")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_VAR_", "TF_LOG"))}
    environment = providers.plugin_environment(kept) | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_ENDPOINT_URL_STS": caller_identity,
        "AWS_EC2_METADATA_DISABLED": "true",
        "CHECKPOINT_DISABLE": "1",
    }
    (root / "tmp").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        # tftest leaves its plan files where temporary files go.
        patch.setattr(tempfile, "tempdir", str(root / "tmp"))
        yield Sandbox(root, environment)


@pytest.fixture(scope="session")
def default(sandbox: Sandbox) -> tftest.TerraformPlanOutput:
    """Plan of the single-account environment with every variable at its default."""
    return sandbox.plan(tf_vars={"transformation_lambda_file": sandbox.package})


@pytest.fixture(scope="session")
def fleet(sandbox: Sandbox) -> tftest.TerraformPlanOutput:
    """Plan with three unlike tables, the account id given, and the package in a bucket."""
    variables = {
        "account_id": ACCOUNT,
        "region": "eu-west-1",
        "name": "lake",
        "bucket_name": "my-own-lake",
        "artifact_bucket": "artifacts",
        "transformation_lambda_file": "lake_transform/code.zip",
        "kms_key_alias": "lake-key",
        "transform": {"runtime": "python3.12", "architecture": "x86_64", "memory_mb": 512, "path_separator": "__"},
        "tables": {
            "orders": {},
            "customers": {"existing": True},
            "events": {
                "hash_key": "customer",
                "hash_key_type": "N",
                "range_key": "at",
                "stream_name": "event-stream",
                "stream_mode": "ON_DEMAND",
                "stream_retention_hours": 48,
                "delivery_stream_name": "event-delivery",
                "buffering_seconds": 0,
                "buffering_mib": 128,
                "transform_buffering_seconds": 5,
                "transform_buffering_mb": 0.2,
                "compression": "UNCOMPRESSED",
            },
        },
    }
    return sandbox.plan(tf_vars={key: text(value) for key, value in variables.items()})


LAKE = {
    "consumer_account_id": CONSUMER,
    "cross_account_datalake_bucket": f"blog-srca-datalake-{CONSUMER}-us-east-1",
    "cross_account_kms_key_arn": f"arn:aws:kms:us-east-1:{CONSUMER}:key/11111111-2222-3333-4444-555555555555",
}
"""What the consumer hands over."""

FLEET = {"orders": {}, "customers": {"delivery_stream_name": "their-own"}, "events": {"existing": True, "shards": 2}}


@pytest.fixture(scope="session")
def consumer(sandbox: Sandbox) -> tftest.TerraformPlanOutput:
    """Plan of the consumer with only what is required."""
    return sandbox.plan("envs/consumer", account=CONSUMER, tf_vars={"ddb_producer_account_id": ACCOUNT})


@pytest.fixture(scope="session")
def producer(sandbox: Sandbox) -> tftest.TerraformPlanOutput:
    """Plan of the producer with only what is required."""
    return sandbox.plan("envs/producer", tf_vars={**LAKE, "transformation_lambda_file": sandbox.package})


@pytest.fixture(scope="session", params=["eu-west-1", "cn-north-1"])
def fleets(sandbox: Sandbox, request: pytest.FixtureRequest) -> dict[str, tftest.TerraformPlanOutput]:
    """Plans of both halves with the same tables, one with a name of its own, in a Region of another partition too."""
    region = request.param
    shared = {"region": region, "tables": json.dumps(FLEET)}
    key = f"arn:{'aws-cn' if region.startswith('cn-') else 'aws'}:kms:{region}:{CONSUMER}:key/1"
    lake = {**LAKE, "cross_account_datalake_bucket": "the-lake", "cross_account_kms_key_arn": key}
    ours = {**shared, "account_id": ACCOUNT, "transformation_lambda_file": sandbox.package}
    theirs = {**shared, "account_id": CONSUMER, "bucket_name": "the-lake", "ddb_producer_account_id": ACCOUNT}
    return {
        "consumer": sandbox.plan("envs/consumer", account=CONSUMER, tf_vars=theirs),
        "producer": sandbox.plan("envs/producer", account=ACCOUNT, tf_vars=ours | lake),
    }
