"""Looks at the data path of a deployment: one account, one half of a pair, or both halves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments import choose, environments
from tools.deployments.aws import reason
from tools.deployments.recall import Given, Purpose
from tools.health import measuring, measuring_replica
from tools.health.measured import Measured, PathMeasured
from tools.operations import drift
from tools.operations.lake_access import choose_lake

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tools.deployments.choose import Where
    from tools.deployments.credentials import Identities
    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Outputs
    from tools.health.measured import Alarm, ReplicaMeasured


@dataclass(frozen=True)
class HealthCheck:
    """The deployment that has the tables and the one that has the lake, with their outputs; None: not asked."""

    label: str
    pipeline: tuple[Deployment, Outputs] | None
    lake: tuple[Deployment, Outputs] | None

    def measure(self) -> Measured:
        """Returns how everything is now."""
        now = datetime.now(UTC)
        paths: dict[str, PathMeasured] = {}
        function, unseen = None, []
        if self.pipeline:
            deployment, outputs = self.pipeline
            aws = deployment.aws(outputs.region)
            paths, function, why = measuring.measure_pipeline(aws, outputs, outputs.tables, now)
            unseen += [f"metrics: {why}"] if why else []
        if self.lake:
            deployment, outputs = self.lake
            s3 = deployment.aws(outputs.region).client("s3")
            for name, table in outputs.tables.items():
                lake = measuring.measure_lake(s3, outputs.bucket_name or "", name, table, now)
                paths[name] = replace(paths.get(name, PathMeasured()), lake=lake)
        alarms, why = self._alarms()
        unseen += [why] if why else []
        return Measured(now, paths, function, self._replica(now), alarms, unseen=tuple(unseen))

    def with_drift(self, measured: Measured) -> Measured:
        """Returns the same with the resources that were changed outside of Terraform, which takes a plan."""
        found = [item.address for deployment in self._deployments() for item in drift.find(deployment)]
        return replace(measured, drifted=tuple(found))

    def _deployments(self) -> Iterable[Deployment]:
        halves = [half[0] for half in (self.pipeline, self.lake) if half]
        return halves if len({half.label for half in halves}) > 1 else halves[:1]

    def _replica(self, now: datetime) -> ReplicaMeasured | None:
        if self.lake is None:
            return None
        deployment, outputs = self.lake
        if (replica := outputs.replica) is None:
            return None
        here, there = deployment.aws(outputs.region), deployment.aws(replica.region)
        return measuring_replica.measure(here, outputs.bucket_name or "", there, replica, now)

    def _alarms(self) -> tuple[tuple[Alarm, ...] | None, str]:
        halves = {half[0].label: half for half in (self.pipeline, self.lake) if half}
        named = [
            (deployment.aws(region), names)
            for deployment, outputs in halves.values()
            for region, names in outputs.alarm_names().items()
        ]
        if not named:
            return None, ""
        try:
            return tuple(alarm for aws, names in named for alarm in measuring.alarms(aws, names)), ""
        except (BotoCoreError, ClientError) as error:
            return None, reason(error)


def choose_check(env: str, where: Where, identities: Identities) -> HealthCheck:
    """Returns what looks at ENV, with its outputs, which are read once.

    Raises:
        LakeError: it is not deployed here, or its outputs cannot be read.
    """
    if env == environments.PRODUCER:
        given = Given(identity=identities.for_environment(env))
        deployment = choose.choose(environments.find(env), where, given, Purpose.READ, quiet=True)
        return HealthCheck(deployment.label, (deployment, deployment.outputs()), None)
    access = choose_lake(env, where, identities, quiet=True)
    lake = (access.lake, access.lake.outputs())
    if access.tables is None or access.tables is access.lake:
        return HealthCheck(access.lake.label, lake if access.tables else None, lake)
    return HealthCheck(access.label, (access.tables, access.tables.outputs()), lake)
