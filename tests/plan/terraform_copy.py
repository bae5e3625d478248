"""A copy of the configuration in which Terraform runs: no credentials, no network but the loopback interface."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import threading
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
import tftest

from tests.plan.shared_provider import SharedProvider
from tools import paths
from tools.artifact import glue
from tools.terraform import provider_mirror
from tools.terraform.runner import GARBAGE_COLLECTION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

ACCOUNT = "111111111111"
CONSUMER = "222222222222"


class _CallerIdentity(BaseHTTPRequestHandler):
    """Answers every request as STS answers GetCallerIdentity; an access key of 12 digits names its account.

    But Step Functions finds nothing wrong with any definition: the provider asks it while it plans a state machine.
    """

    def do_POST(self) -> None:
        if self.headers.get("X-Amz-Target") == "AWSStepFunctions.ValidateStateMachineDefinition":
            self._answer("application/x-amz-json-1.0", b'{"result": "OK", "diagnostics": [], "truncated": false}')
            return
        named = re.search(r"Credential=(\d{12})/", self.headers.get("Authorization", ""))
        account = named[1] if named else ACCOUNT
        body = (
            '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
            f"<Arn>arn:aws:iam::{account}:user/test</Arn><UserId>TEST</UserId><Account>{account}</Account>"
            "</GetCallerIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>"
            "</GetCallerIdentityResponse>"
        ).encode()
        self._answer("text/xml", body)

    def _answer(self, content_type: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
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
    provider: SharedProvider
    _ready: set[Path] = field(default_factory=set)

    @property
    def package(self) -> str:
        return str(self.root / "package.zip")

    def folder(self, name: str) -> Path:
        """Returns a folder of the copy, initialised with exactly the locked provider."""
        folder = self.root / name
        if folder not in self._ready:
            folder.mkdir(parents=True, exist_ok=True)
            locked = ["-lockfile=readonly"] if _uses_a_provider(folder) else []
            if locked:
                shutil.copy2(paths.ENVIRONMENTS / "single-account" / ".terraform.lock.hcl", folder)
            if locked and not _has_a_backend(folder):
                self._install(folder)
            else:
                self._run_locally(folder, "init", *locked, "-input=false")
            self._ready.add(folder)
        return folder

    def _install(self, folder: Path) -> None:
        """Does what `terraform init` does in a folder without a backend, but hashes no provider again.

        An environment's init has compared it with the same lock file.
        """
        self._run_locally(folder, "get")
        (folder / ".terraform").mkdir(exist_ok=True)
        providers = self.folder("envs/single-account") / ".terraform" / "providers"
        (folder / ".terraform" / "providers").symlink_to(providers)

    def _run_locally(self, folder: Path, *arguments: str) -> None:
        done = _terraform(folder, self.environment, *arguments, "-no-color")
        assert done.returncode == 0, done.stdout + done.stderr

    def environment_for(self, folder: Path, account: str) -> dict[str, str]:
        """Returns the environment variables for Terraform in an initialised folder, with credentials of `account`."""
        environment = {**self.environment, "AWS_ACCESS_KEY_ID": account}
        return environment | self.provider.variables(folder, environment)

    def run(self, folder: Path, *arguments: str, account: str = "test") -> subprocess.CompletedProcess[str]:
        return _terraform(folder, self.environment_for(folder, account), *arguments)

    def plan(
        self, name: str = "envs/single-account", /, *, account: str = "test", **options: Any
    ) -> tftest.TerraformPlanOutput:
        """Plans a folder of the copy with credentials of `account`; `options` are tftest's, `tf_vars` above all."""
        folder = self.folder(name)
        test = tftest.TerraformTest(str(folder))
        test.env = self.environment_for(folder, account)
        return test.plan(output=True, **options)

    def diagnostics(
        self, folder: str = "envs/single-account", /, *, account: str = "test", **variables: Any
    ) -> list[dict[str, Any]]:
        """Plans a folder that cannot be planned; returns the errors as Terraform describes them."""
        given = [f"-var={key}={text(value)}" for key, value in variables.items()]
        done = self.run(self.folder(folder), "plan", "-json", "-input=false", "-lock=false", *given, account=account)
        assert done.returncode == 1, f"Terraform accepted {variables}"
        found = [json.loads(line).get("diagnostic", {}) for line in done.stdout.splitlines()]
        return [diagnostic for diagnostic in found if diagnostic.get("severity") == "error"]


def _terraform(folder: Path, environment: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["terraform", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def _uses_a_provider(folder: Path) -> bool:
    # Of a module without one, Terraform takes a lock file that names one for out of date.
    versions = folder / "versions.tf"
    return not versions.is_file() or "required_providers" in versions.read_text()


def _has_a_backend(folder: Path) -> bool:
    versions = folder / "versions.tf"
    return versions.is_file() and "backend " in versions.read_text()


def text(value: Any) -> str:
    """Returns a value as `-var` takes it."""
    return value if isinstance(value, str) else json.dumps(value)


def message(diagnostic: Mapping[str, Any]) -> str:
    """Returns what Terraform says of an error."""
    return f"{diagnostic['summary']}: {diagnostic['detail']}"


@contextmanager
def caller_identity() -> Iterator[str]:
    """Yields the address of an STS that knows nothing but who asks, and of Step Functions that take any definition."""
    server = HTTPServer(("127.0.0.1", 0), _CallerIdentity)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextmanager
def opened(root: Path) -> Iterator[Sandbox]:
    """Yields a sandbox in an existing, empty folder."""
    for source in (paths.ENVIRONMENTS, paths.MODULES):
        shutil.copytree(source, root / source.name, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*"))
    with zipfile.ZipFile(root / "package.zip", "w") as package:
        package.writestr("lake_transform/handler.py", "")
    (root / "build").mkdir()
    (root / "build" / glue.NAME).write_bytes(b"")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_VAR_", "TF_LOG"))}
    (root / "tmp").mkdir()
    with pytest.MonkeyPatch.context() as patch, caller_identity() as endpoint:
        # tftest leaves its plan files where temporary files go.
        patch.setattr(tempfile, "tempdir", str(root / "tmp"))
        environment = (
            GARBAGE_COLLECTION
            | provider_mirror.plugin_environment(kept)
            | {
                "AWS_ACCESS_KEY_ID": "test",
                "AWS_SECRET_ACCESS_KEY": "test",
                "AWS_ENDPOINT_URL_SFN": endpoint,
                "AWS_ENDPOINT_URL_STS": endpoint,
                "AWS_EC2_METADATA_DISABLED": "true",
                "CHECKPOINT_DISABLE": "1",
            }
        )
        sandbox = Sandbox(root, environment, SharedProvider(root))
        yield sandbox
        sandbox.provider.stop()
