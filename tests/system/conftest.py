"""A lake on local AWS of its own, deployed with the commands that a user would type."""

from __future__ import annotations

import json
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.system import idling
from tests.system.commands import LAKE_SETTINGS, acting_as, done, run
from tests.system.long_form import leave_out_long
from tools.deployments.aws import Aws
from tools.deployments.outputs import Outputs, parse_outputs
from tools.lake import objects
from tools.localaws import installation, service
from tools.localaws.firehose import publishing
from tools.localaws.state_folder import StateFolder


def pytest_collection_modifyitems(config, items):
    leave_out_long(config, items)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    idling.start(item)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item, nextitem):
    idling.stop(item, nextitem)


@dataclass
class Lake:
    """A deployed environment: where its state is, what it says of itself, and clients as its account's root."""

    home: Path
    outputs: Outputs
    aws: Aws
    deploy: tuple[str, ...]

    def client(self, name: str):
        return self.aws.client(name)

    def session(self, role_arn: str) -> Aws:
        """Returns clients that act as a role."""
        return acting_as(self.home, role_arn)

    def verb(self, verb: str, *options: str, **more: object) -> subprocess.CompletedProcess[str]:
        return run(f"tools.{verb}", "single-account", "--local", *options, home=self.home, **more)

    def local(self, *arguments: str) -> str:
        """Runs a verb of local AWS, which must succeed, and returns what it printed."""
        return done("tools.local", *arguments, home=self.home)

    def redeploy(self) -> str:
        return done(*self.deploy, home=self.home)

    def under_way(self, table: str) -> list[str]:
        """Returns what a tool has left in a table's ledger beside what is done, and the plans and gaps that stay."""
        kept = ("/done/", "/plan.json", "/gaps/")
        return [key for key in self.keys(f"ledger/{table}/") if not any(part in key for part in kept)]

    def keys(self, prefix: str) -> list[str]:
        return [found.key for found in objects.list_objects(self.client("s3"), self.outputs.bucket_name, prefix)]


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """Local AWS in a folder of its own, which publishes metrics within seconds."""
    folder = tmp_path_factory.mktemp("local")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(publishing.VARIABLE, "2")
        # No test waits a quarter of an hour for the window of an export.
        with idling.kept("home", folder, LAKE_LOCAL_EXPORT_WINDOW_SECONDS="1"):
            yield folder


@pytest.fixture(scope="session")
def deployed(home):
    """The real environment, with a table of its own, a second one, and one that is there already."""
    local = service.connect(home)
    aws = Aws(local.environment(service.SINGLE_ACCOUNT))
    aws.client("dynamodb").create_table(
        TableName="customers",
        AttributeDefinitions=[{"AttributeName": "CustomerId", "AttributeType": "N"}],
        KeySchema=[{"AttributeName": "CustomerId", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    deploy = ("tools.deploy", "single-account", "--local", "--native", "--yes", *LAKE_SETTINGS)
    done(*deploy, home=home, timeout=600)
    raw = json.loads(
        subprocess.run(
            ["terraform", "output", "-json", f"-state={home}/deployments/single-account/default/terraform.tfstate"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    return Lake(home, parse_outputs("single-account", raw), aws, deploy)


@pytest.fixture(scope="session")
def uncorrected(tmp_path_factory):
    """The emulator as it is released."""
    home = StateFolder(tmp_path_factory.mktemp("uncorrected"))
    home.create()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    local = service.LocalAws(f"https://127.0.0.1:{port}", home.certificate, secret=home.secret())
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


@pytest.fixture(scope="session")
def corrected(tmp_path_factory):
    """The emulator with all corrections, and the delivery worker."""
    home = tmp_path_factory.mktemp("corrected")
    # No test waits a quarter of an hour for the window of an export.
    with idling.kept("corrected", home, LAKE_LOCAL_EXPORT_WINDOW_SECONDS="1"):
        yield service.connect(home)
