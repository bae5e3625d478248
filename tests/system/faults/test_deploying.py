"""Deploying and destroying while changes flow, when interrupted, and with damaged files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.system.commands import run
from tests.system.faults import home_files
from tests.system.faults.lake import EVERY, FAILING, Lake
from tests.system.waiting import wait_until
from tools import paths
from tools.localaws import service
from tools.localaws.state_folder import StateFolder

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-deploying"),
    pytest.mark.timeout(1800),
    pytest.mark.long,
]

ENVIRONMENT = ("single-account", "--local")
DEPLOY = ("tools.deploy", *ENVIRONMENT, "--yes", "--var-file", "envs/single-account/demo.tfvars")
DESTROY = ("tools.destroy", *ENVIRONMENT, "--yes", "--purge-bucket")
TABLE = "blog-srsa-ddb-table"
FILES = {
    "settings": "settings.json",
    "state": "terraform.tfstate",
    "a module": "configuration/modules/bucket/main.tf",
    "the lock of providers": "configuration/envs/single-account/.terraform.lock.hcl",
    "the package": "artifact/*.zip",
    "where modules are": "data/modules/modules.json",
}
"""Files of a deployment, each by a path or pattern in its folder."""


class Deployed(Lake):
    """The lake of the real environment: what `Lake` writes and checks, with the real function."""

    def __init__(self, home):
        self.home, self.table = StateFolder(home), TABLE
        self.name = "deployed"
        self.versions, self.settings, self.turn = {}, [], 0
        self.connect()
        (self.bucket,) = (bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"])

    def write_one(self, **more):
        # The function fails for none of these.
        self.turn += self.turn % EVERY == FAILING
        super().write_one(**more)

    def report(self):
        ended = run("tools.reconcile", *ENVIRONMENT, "--table", TABLE, "--margin", "2", "--json", home=self.home.root)
        return json.loads(ended.stdout)

    def last_error(self):
        return ""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deploying")
    yield folder
    service.purge(folder)


def begin(home, *command):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=paths.REPOSITORY,
        env={**environment, "LAKE_LOCAL_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def resources(home):
    """Returns how many resources the state holds."""
    try:
        return len(json.loads((home / "deployments/single-account/default/terraform.tfstate").read_text())["resources"])
    except (OSError, ValueError):
        return 0


@pytest.fixture(scope="module")
def deployed(home):
    """The environment: its deploy was interrupted, and then run again, twice at once and beside a start."""
    interrupted = begin(home, *DEPLOY)
    wait_until(lambda: resources(home) > 10 or interrupted.poll() is not None, "some resources")
    os.killpg(interrupted.pid, signal.SIGINT)
    said, _ = interrupted.communicate(timeout=300)
    assert interrupted.returncode
    assert "Traceback" not in said
    with ThreadPoolExecutor() as pool:
        deploys = [pool.submit(run, *DEPLOY, home=home, timeout=600) for _ in range(2)]
        up = pool.submit(run, "tools.local", "up", home=home)
    assert up.result().returncode == 0, up.result().stderr
    first, second = sorted((each.result() for each in deploys), key=lambda each: each.returncode)
    assert first.returncode == 0, said + first.stderr
    assert second.returncode == 0 or "another command" in second.stderr, second.stderr
    return Deployed(home)


def test_a_deploy_that_is_interrupted_goes_on_when_it_is_run_again_beside_another_and_a_start(home, deployed):
    assert len(home_files.processes(home)) == 2
    deployed.write(20)
    deployed.check()


def test_a_deploy_while_changes_flow_loses_none(home, deployed):
    done = threading.Event()
    settings = "{stream={shards=2},transform={buffering_seconds=1},delivery={buffering_seconds=1}}"
    with ThreadPoolExecutor() as pool:
        deploy = pool.submit(run, *DEPLOY, "--var", f'tables={{"{TABLE}"={settings}}}', home=home, timeout=600)
        deploy.add_done_callback(lambda _: done.set())
        deployed.write_until(done.is_set)
    assert deploy.result().returncode == 0, deploy.result().stderr
    deployed.write(20)
    deployed.check()


def test_a_wrong_byte_in_a_deployments_file_is_harmless_or_named(home, deployed):
    for pattern in FILES.values():
        (found,) = (home / "deployments/single-account/default").glob(pattern)
        whole = found.read_bytes()
        home_files.flip(found, 0.5)
        result = run(*DEPLOY, home=home, timeout=600)
        said = result.stdout + result.stderr
        assert "Traceback" not in said
        if result.returncode:
            assert found.name in said
            found.write_bytes(whole)
    again = run(*DEPLOY, home=home, timeout=600)
    assert again.returncode == 0, again.stderr
    verified = run("tools.verify", *ENVIRONMENT, home=home)
    assert verified.returncode == 0, verified.stderr


def test_a_destroy_that_is_killed_goes_on_when_it_is_run_again(home, deployed):
    for left in (40, 20):
        destroy = begin(home, *DESTROY)
        wait_until(lambda left=left, running=destroy: resources(home) < left or running.poll() is not None, "progress")
        os.killpg(destroy.pid, signal.SIGKILL)
        destroy.communicate()
    again = run(*DESTROY, home=home, timeout=600)
    assert again.returncode == 0, again.stdout + again.stderr
    lake_is_gone = run("tools.verify", *ENVIRONMENT, home=home)
    assert "not deployed here" in lake_is_gone.stderr
    local = run("tools.local", "objects", home=home)
    assert local.stdout == ""
