from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.unit.tools.aws_answers import failed
from tools.deployments import choose
from tools.deployments.choose import Where
from tools.deployments.credentials import Identities
from tools.deployments.outputs import Monitoring, Outputs, Replica, Table
from tools.health import measuring, measuring_replica
from tools.health.measured import FunctionMeasured, LakeMeasured, PathMeasured, TableMeasured
from tools.operations import drift, health_check
from tools.operations.health_check import HealthCheck

TABLES = {"orders": Table("delivery", "role", "data/orders/", "errors/orders/")}


class Half:
    """A deployment of one half, with the outputs that a status reads."""

    def __init__(self, label, account, alarms=(), replica=None):
        self.label = label
        monitoring = Monitoring("topic", alarms) if alarms else None
        self._outputs = Outputs(
            "us-east-1", account * 12, "lake", tables=TABLES, monitoring=monitoring, replica=replica
        )

    def outputs(self):
        return self._outputs

    def aws(self, region):
        return SimpleNamespace(label=self.label, region=region, client=lambda _service: None)


@pytest.fixture(autouse=True)
def measured(monkeypatch):
    path = PathMeasured(TableMeasured("ACTIVE", "ACTIVE"))
    monkeypatch.setattr(measuring, "measure_pipeline", lambda *_: ({"orders": path}, FunctionMeasured("Active"), ""))
    monkeypatch.setattr(measuring, "measure_lake", lambda *_: LakeMeasured(3, failed_objects=0))
    monkeypatch.setattr(measuring, "alarms", lambda aws, names: tuple(f"{aws.label} {name}" for name in names))


def pair():
    halves = (Half("producer --local", "1", ("late",)), Half("consumer --local", "2", ("full",)))
    return HealthCheck("cross-account --local", *((half, half.outputs()) for half in halves))


def test_a_pair_is_one_path_from_the_producers_table_to_the_consumers_bucket():
    found = pair().measure()

    assert (found.paths["orders"].table.status, found.paths["orders"].lake.objects) == ("ACTIVE", 3)
    assert found.alarms == ("producer --local late", "consumer --local full")


def test_one_half_alone_leaves_the_other_unknown():
    half = Half("consumer", "2")

    found = HealthCheck("consumer", None, (half, half.outputs())).measure()

    assert (found.paths["orders"].table, found.paths["orders"].lake.objects, found.function) == (None, 3, None)
    assert found.alarms is None


def test_alarms_of_one_account_are_read_once():
    half = Half("single-account", "1", ("late",))
    both = (half, half.outputs())

    assert HealthCheck("single-account", both, both).measure().alarms == ("single-account late",)


def test_alarms_that_may_not_be_read_are_not_known(monkeypatch):
    def refuse(*_):
        raise failed("DescribeAlarms", 403, "AccessDenied")

    monkeypatch.setattr(measuring, "alarms", refuse)

    found = pair().measure()

    assert found.alarms is None
    assert "AccessDenied" in found.unseen[0]


def test_drift_of_both_halves_is_told(monkeypatch):
    monkeypatch.setattr(drift, "find", lambda half: (SimpleNamespace(address=f"{half.label}: module.key"),))
    check = pair()

    found = check.with_drift(check.measure())

    assert found.drifted == ("producer --local: module.key", "consumer --local: module.key")


def test_the_producer_alone_may_be_looked_at(monkeypatch):
    half = Half("producer --local", "1")
    monkeypatch.setattr(choose, "choose", lambda *_, **__: half)

    check = health_check.choose_check("producer", Where("default", True), Identities())

    assert (check.label, check.lake) == ("producer --local", None)


def test_the_replica_and_its_alarms_are_looked_at_in_its_own_region(monkeypatch):
    replica = Replica("us-west-2", "copy", "arn:key", "role", ("data/",), "topic", ("replica-late",))
    half = Half("single-account", "1", ("replication-failing",), replica)
    both = (half, half.outputs())
    monkeypatch.setattr(measuring, "alarms", lambda aws, names: tuple(f"{aws.region} {name}" for name in names))
    monkeypatch.setattr(
        measuring_replica, "measure", lambda here, bucket, there, *_: f"{bucket}: {here.region}, {there.region}"
    )

    found = HealthCheck("single-account", both, both).measure()

    assert found.replica == "lake: us-east-1, us-west-2"
    assert found.alarms == ("us-east-1 replication-failing", "us-west-2 replica-late")


def test_a_lake_without_a_replica_has_none_to_look_at():
    assert pair().measure().replica is None
