"""One run of replay over the tables of a lake, each under its lease."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from tools.cli import console
from tools.deployments import environments
from tools.deployments.outputs import LIVE
from tools.errors import UsageError
from tools.lake import function_log, lease
from tools.lake.deployed_transform import DeployedTransform
from tools.lake.replay import selection
from tools.lake.replay.group_replayer import VERB
from tools.operations.replaying import TableReplayer

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tools.deployments.aws import Aws
    from tools.deployments.outputs import Outputs, Table
    from tools.lake.replay.group_reader import Outcome
    from tools.lake.replay.selection import Survey
    from tools.operations.lake_access import LakeAccess
    from tools.operations.replaying import Settings

_METRICS: Final = "replay"
"""What the function counts the records of a replay under, in the place of a delivery stream's name."""

_ANSWER_MS: Final = 1000
"""Milliseconds by which the clocks of the function's log and of Firehose may differ."""


class Function:
    """The function of the account that has the tables."""

    def __init__(self, aws: Aws, outputs: Outputs) -> None:
        self._aws = aws
        self._outputs = outputs

    def transform(self) -> DeployedTransform:
        """Returns the function as delivery streams call it."""
        here = f"{self._outputs.region}:{self._outputs.account_id}"
        return DeployedTransform(
            self._aws.client("lambda"),
            self._outputs.function_name or "",
            delivery_stream_arn=f"arn:aws:firehose:{here}:deliverystream/{_METRICS}",
            region=self._outputs.region,
        )

    def failures(self, table: Table, surveys: Sequence[Survey]) -> Counter[tuple[str, str]] | None:
        """Returns what the function's log says of the time in which records were tried: (hour, reason) -> records.

        None where the log cannot be found.
        """
        tallies = selection.total(surveys).values()
        first = min((each.first_ms for each in tallies if each.first_ms), default=0)
        last = max((each.tried_ms for each in tallies), default=0)
        try:
            described = self._aws.client("lambda").get_function_configuration(
                FunctionName=self._outputs.function_name or "", Qualifier=LIVE
            )
        except (BotoCoreError, ClientError):
            return None
        group = described["LoggingConfig"]["LogGroup"]
        return function_log.failures_between(
            self._aws.client("logs"), group, table.delivery_stream_name, first, last + _ANSWER_MS
        )


def find_function(access: LakeAccess, lake: Outputs) -> Function | None:
    """Returns the function; None where it is in an account that is not named. `lake` are the lake's outputs.

    Raises:
        LakeError: the producer is not deployed.
    """
    if access.tables is None:
        return None
    outputs = lake if access.tables is access.lake else access.tables.outputs()
    return Function(access.tables.aws(outputs.region), outputs)


def require(function: Function | None) -> Function:
    """Returns the function.

    Raises:
        UsageError: it is in an account that is not named.
    """
    if function is None:
        raise UsageError(
            f"{environments.CONSUMER} has the failed records, and the producer the function that makes rows of them: "
            f"name both accounts: python -m tools.replay {environments.CROSS_ACCOUNT} --producer-profile NAME "
            "--consumer-profile NAME"
        )
    return function


class ReplayRun:
    """A run: `aws` reaches the lake's account, `tables` are the tables with what the outputs say of them."""

    def __init__(self, aws: Aws, bucket: str, tables: Mapping[str, Table], settings: Settings) -> None:
        self._aws = aws
        self._s3 = aws.client("s3")
        self._bucket = bucket
        self._tables = {
            name: TableReplayer(self._s3, bucket, (name, table), settings) for name, table in sorted(tables.items())
        }

    def survey(self) -> dict[str, list[Survey]]:
        """Returns what has failed, table by table.

        Raises:
            LakeError: the lake cannot be read.
        """
        found: dict[str, list[Survey]] = {}
        with console.telling("looking for failed records") as tell:
            for name, replayer in self._tables.items():
                seen = 0

                def done(survey: Survey, name: str = name) -> None:
                    nonlocal seen
                    seen += survey.lines
                    tell(f"{name}: {console.counted(seen, 'failed record')} found")

                found[name] = replayer.survey(done)
        return found

    def try_out(self, found: Mapping[str, Sequence[Survey]], function: Function) -> dict[str, Outcome]:
        """Returns what a replay would do, table by table; writes nothing.

        Raises:
            LakeError: the lake cannot be read, or the function cannot be called.
        """
        outcomes = {}
        for name, surveys in found.items():
            with _progress(name, surveys) as done:
                outcomes[name] = self._tables[name].try_out(surveys, function.transform(), done)
        return outcomes

    def replay(self, found: Mapping[str, Sequence[Survey]], function: Function) -> dict[str, Outcome]:
        """Replays what was found, table by table, and returns what was done.

        Raises:
            LakeError: another has the lease on a table, S3 refuses, or the function cannot be called.
        """
        outcomes = {}
        for name, surveys in found.items():
            who, host = self._aws.caller_arn(), socket.gethostname()
            with (
                lease.held(self._s3, self._bucket, name, who=who, host=host, verb=VERB) as held,
                _progress(name, surveys) as done,
            ):
                outcomes[name] = self._tables[name].replay(surveys, function.transform(), held, done)
        return outcomes


@contextmanager
def _progress(table: str, surveys: Sequence[Survey]) -> Iterator[Callable[[Outcome], None]]:
    """Shows how many failed records are done; yields the function that is told what became of a group's."""
    seen, total = 0, sum(survey.lines for survey in surveys if survey.chosen)
    with console.telling(f"{table}: replaying") as tell:

        def done(outcome: Outcome) -> None:
            nonlocal seen
            seen += outcome.counts.rows + outcome.counts.dropped + outcome.counts.left
            tell(f"{table}: {seen} of {console.counted(total, 'failed record')}")

        yield done
