"""What goes wrong says so, loses nothing, and is mended by putting it right."""

from __future__ import annotations

import json

import psutil
import pytest

from tests.system import test_flow as flow
from tests.system.commands import LAKE_SETTINGS, done, shell
from tests.system.waiting import wait_until
from tools.artifact import archive
from tools.localaws.state_folder import StateFolder

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake")]

ARTICLE = flow.ARTICLE


def test_a_second_up_changes_nothing(deployed):
    before = pids(deployed.home)
    done("tools.local", "up", home=deployed.home)

    assert pids(deployed.home) == before


def pids(home):
    return [json.loads(StateFolder(home).process_file(part).read_text())["pid"] for part in ("emulator", "delivery")]


def test_everything_listens_on_the_loopback_interface_only(deployed):
    ours = {child.pid for pid in pids(deployed.home) for child in psutil.Process(pid).children(recursive=True)}
    ours |= set(pids(deployed.home))
    listening = [
        connection.laddr
        for connection in psutil.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN and connection.pid in ours
    ]

    assert listening
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert 443 not in {address.port for address in listening}


def test_a_plan_that_would_lose_a_table_is_refused_and_nothing_happens(deployed):
    result = deployed.verb("deploy", "--yes", "--var", 'tables={"orders"={}}')

    assert result.returncode == 3
    assert "changes made to the table while the destination is off are lost" in result.stderr
    assert deployed.client("dynamodb").describe_table(TableName=ARTICLE)["Table"]["TableStatus"] == "ACTIVE"


def test_code_that_somebody_published_outside_of_terraform_is_not_delivered_with(deployed):
    aws_lambda, name = deployed.client("lambda"), deployed.outputs.function_name
    foreign = archive.pack(
        {"lake_transform/handler.py": b"def lambda_handler(event, context):\n    raise SystemExit\n"}
    )
    settings = ("--native", "--yes", *LAKE_SETTINGS)
    memory = ("--var", "transform={memory_mb=1280}")

    def live():
        return aws_lambda.get_function_configuration(FunctionName=name, Qualifier="live")

    before = live()
    published = aws_lambda.update_function_code(FunctionName=name, ZipFile=foreign, Publish=True)["Version"]
    assert published != before["Version"]

    plain, with_memory = deployed.verb("deploy", *settings), deployed.verb("deploy", *settings, *memory)

    assert (plain.returncode, with_memory.returncode) == (3, 3), plain.stderr + with_memory.stderr
    assert f"version {published} of function {name}, there since " in plain.stderr
    assert f"the unpublished code ($LATEST) of function {name}, there since " in with_memory.stderr
    assert live()["Version"] == before["Version"]

    repair = shell(plain.stderr.rpartition("deploy again: ")[2].strip(), deployed.home)

    assert repair.returncode == 0, repair.stderr
    assert live()["Version"] == before["Version"]

    for options, megabytes in ((memory, 1280), ((), before["MemorySize"])):
        result = deployed.verb("deploy", *settings, *options)
        assert result.returncode == 0, result.stderr
        assert int(live()["Version"]) > int(published)
        assert (live()["CodeSha256"], live()["MemorySize"]) == (before["CodeSha256"], megabytes)


def test_without_one_permission_delivery_stops_names_the_action_and_loses_nothing_once_it_is_back(deployed):
    iam, role = deployed.client("iam"), deployed.outputs.tables[ARTICLE].delivery_role_arn.rpartition("/")[2]
    (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
    whole = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    known = deployed.keys(f"data/{ARTICLE}/")
    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(without(whole, "s3:PutObject")))
    try:
        result = deployed.verb("verify", "--table", ARTICLE, "--timeout", "20", "--keep")
        logs = done("tools.local", "logs", "--lines", "50", home=deployed.home)
        assert result.returncode == 1
        assert "s3:PutObject" in result.stderr
        assert "s3:PutObject" in logs
        assert deployed.keys(f"data/{ARTICLE}/") == known
    finally:
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(whole))

    def arrived():
        rows = map(json.loads, flow.lines_under(deployed, f"data/{ARTICLE}/", known))
        return {row.get("designation") for row in rows if row["id"] == "864732"} >= {"Architect", "Senior Architect"}

    wait_until(arrived, "the changes that were held back")


def without(document, action):
    """Returns a policy that no longer allows `action`."""
    statements = []
    for statement in document["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        left = [each for each in actions if each != action]
        if left:
            statements.append({**statement, "Action": left})
    assert statements != document["Statement"]
    return {**document, "Statement": statements}


def kill(pid):
    """Kills a process and waits until it has ended."""
    process = psutil.Process(pid)
    process.kill()
    wait_until(
        lambda: not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, f"the end of process {pid}"
    )


def test_verify_says_that_nothing_delivers_when_the_worker_has_died(deployed):
    kill(pids(deployed.home)[1])

    result = deployed.verb("verify", "--table", ARTICLE)

    assert result.returncode == 1
    assert "delivery worker of local AWS is not running; start it with: python -m tools.local up" in result.stderr
    done("tools.local", "up", home=deployed.home)


def test_a_power_cut_loses_nothing(deployed):
    known = deployed.keys(f"data/{ARTICLE}/")
    deployed.client("dynamodb").put_item(TableName=ARTICLE, Item={"id": {"S": "before-the-cut"}})
    for pid in pids(deployed.home):
        kill(pid)

    done("tools.local", "up", home=deployed.home)

    wait_until(
        lambda: (
            "before-the-cut"
            in {json.loads(line)["id"] for line in flow.lines_under(deployed, f"data/{ARTICLE}/", known)}
        ),
        "the change from before the cut",
    )
    result = deployed.verb("verify", "--table", "orders")
    assert result.returncode == 0, result.stderr
