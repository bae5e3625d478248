"""Erasure by a role that may do exactly what docs/erasure.md lists; each action that is taken away is named."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.docs import permissions
from tests.system import checkouts, idling, profiles
from tests.system.accounts import Account
from tests.system.commands import done
from tests.system.faults.test_deploying import DEPLOY, TABLE, Deployed
from tests.system.narrow_role import NarrowRole
from tests.system.waiting import wait_until
from tools.deployments.outputs import parse_outputs
from tools.lake.erasure import versions
from tools.localaws import service

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-erasing-permissions"),
    pytest.mark.timeout(1800),
    pytest.mark.long,
]

LISTED = permissions.listed("erasure.md", "Who may run it")
ACTIONS = sorted({action for actions in LISTED.values() for action in actions})
ANYWHERE = ("dynamodb:ListBackups", "dynamodb:ListExports", "cloudwatch:GetMetricStatistics")
"""Actions that AWS allows on no resource but all (Service Authorization Reference)."""

KEY = "subject-of-the-erasure"
ERASE = ("single-account", "--table", TABLE, "--key", KEY, "--yes", "--json")


class Restricted(Deployed):
    """A lake, and a checkout whose commands the role runs."""

    def __init__(self, home):
        super().__init__(home)
        local = service.connect(home)
        self.account = Account(local, service.SINGLE_ACCOUNT)
        state = profiles.state_of(home, "single-account")
        self.outputs = parse_outputs("single-account", json.loads(state.read_text())["outputs"])
        self.role = NarrowRole(self.account, "eraser", dict(self._allowed()))
        environment = local.environment(service.SINGLE_ACCOUNT)
        self.checkout = checkouts.copy(home.parent / "checkout", {**environment, **self.role.keys()})
        shutil.copy2(state, self.checkout.folder / "envs" / "single-account")

        self._export()

    def _export(self):
        """Exports the table, so that there is an export to be described."""
        arn, place = self.outputs.tables[TABLE].table_arn, {"S3Bucket": self.bucket, "S3Prefix": f"exports/{TABLE}"}
        begun = self.dynamodb.export_table_to_point_in_time(TableArn=arn, **place)["ExportDescription"]["ExportArn"]

        def status():
            return self.dynamodb.describe_export(ExportArn=begun)["ExportDescription"]["ExportStatus"]

        wait_until(lambda: status() == "COMPLETED", status)

    def _allowed(self):
        bucket, table = f"arn:aws:s3:::{self.bucket}", self.outputs.tables[TABLE]
        account = f"{self.outputs.region}:{self.outputs.account_id}"
        function = f"arn:aws:lambda:{account}:function:{self.outputs.function_name}"
        stream = f"arn:aws:firehose:{account}:deliverystream/{table.delivery_stream_name}"
        places = [f"{each}/{TABLE}" for each in ("data", "errors", "exports", "ledger")]
        resources = {
            "each bucket": [bucket],
            "its objects under the places above": [f"{bucket}/{each}/*" for each in (*places, "results")],
            "the keys of the buckets": [self.outputs.kms_key_arn],
            "the table": [table.table_arn, f"{table.table_arn}/*"],
            "the function": [function, f"{function}:*"],
            "the streams": [table.stream_arn, stream],
        }
        for place, actions in LISTED.items():
            for arn in resources[place]:
                yield arn, [each for each in actions if each not in ANYWHERE]
        yield "*", [each for each in ANYWHERE if each in ACTIONS]

    def plant(self):
        """Puts something of the subject wherever it can be: what is rewritten, what is removed, and old versions."""
        mine, others = row(KEY), row("other")
        folder = f"data/{TABLE}/cdc_date=2026-02-01/cdc_hour=05"
        for key, texts in {
            f"{folder}/both": (mine, mine + others),
            f"{folder}/mine": (mine,),
            f"errors/{TABLE}/processing-failed/cdc_date=2026-02-01/cdc_hour=05/f": (mine + others,),
            f"exports/{TABLE}/AWSDynamoDB/1/data/f.json": (exported(KEY) + exported("other"),),
            "results/1.csv": (f'"name"\n"name of {KEY}"\n',),
        }.items():
            for text in texts:
                self.s3.put_object(Bucket=self.bucket, Key=key, Body=text.encode())

    def left(self):
        found = (each for each in versions.listed(self.s3, self.bucket, "") if isinstance(each, versions.Version))
        return [
            each.key
            for each in found
            if KEY.encode() in self.s3.get_object(Bucket=self.bucket, Key=each.key, VersionId=each.id)["Body"].read()
        ]


def row(key):
    return json.dumps({"cdc_key": json.dumps({"id": key}, separators=(",", ":")), "name": f"name of {key}"}) + "\n"


def exported(key):
    return json.dumps({"Item": {"id": {"S": key}}}) + "\n"


@pytest.fixture(scope="module")
def restricted(tmp_path_factory):
    home = tmp_path_factory.mktemp("erasing-permissions") / "local"
    with idling.kept("restricted", home):
        done(*DEPLOY, home=home, timeout=900)
        yield Restricted(home)


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_that_the_role_lacks_is_named(restricted, action):
    restricted.plant()

    with restricted.role.lacking(action):
        ended = restricted.checkout.run("erase", *ERASE)
    # Who may not delete gives no lease back: so it is five minutes later.
    restricted.s3.delete_object(Bucket=restricted.bucket, Key=f"ledger/{TABLE}/lease.json")

    assert ended.code == 1, ended.out
    assert action in ended.err
    assert "Traceback" not in ended.err


def test_what_is_listed_is_enough(restricted):
    restricted.plant()

    ended = restricted.checkout.run("erase", *ERASE)

    assert ended.code == 0, ended.err
    assert restricted.left() == []
