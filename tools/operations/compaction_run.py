"""One run of compaction over the tables of a lake, each under its lease."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tools.cli import console
from tools.lake import lease
from tools.operations.compacting import TableCompactor

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tools.deployments.aws import Aws
    from tools.lake.lease import Lease
    from tools.operations.compacting import Result, Settings, Work

VERB = "compact"


class CompactionRun:
    """A run: `aws` reaches the lake's account, `wait` says to remove in this run what is replaced in it."""

    def __init__(self, aws: Aws, bucket: str, settings: Settings, *, wait: bool) -> None:
        self._aws = aws
        self._s3 = aws.client("s3")
        self._bucket = bucket
        self._settings = settings
        self._wait = wait
        self._tables: dict[str, TableCompactor] = {}

    def survey(self, prefixes: Mapping[str, str]) -> dict[str, list[Work]]:
        """Returns what there is to do in tables, which are given with their data prefixes.

        Raises:
            LakeError: the lake cannot be listed.
        """
        plans = {}
        with console.telling("looking for small objects") as tell:
            for table, prefix in sorted(prefixes.items()):
                tell(f"{table}: looking for small objects")
                self._tables[table] = TableCompactor(self._s3, (self._bucket, table, prefix), self._settings)
                plans[table] = self._tables[table].survey(datetime.now(UTC))
        return plans

    def has_to_do(self, plans: Mapping[str, Sequence[Work]]) -> bool:
        """Tells whether this run writes or removes anything."""
        return any(map(self._is_to_do, plans.values()))

    def run(self, plans: Mapping[str, Sequence[Work]]) -> dict[str, list[Result]]:
        """Does what is to be done, table by table, and returns what was done.

        Raises:
            LakeError: another has the lease on a table.
        """
        results = {}
        for table, works in plans.items():
            if self._is_to_do(works):
                who, host = self._aws.caller_arn(), socket.gethostname()
                with lease.held(self._s3, self._bucket, table, who=who, host=host, verb=VERB) as held:
                    results[table] = self._run(table, works, held)
        return results

    def _is_to_do(self, works: Sequence[Work]) -> bool:
        return any(work.step != "wait" or self._wait for work in works)

    def _run(self, table: str, works: Sequence[Work], held: Lease) -> list[Result]:
        finished = 0
        with console.telling(f"{table}: compacting") as tell:

            def done(_result: Result) -> None:
                nonlocal finished
                finished += 1
                tell(f"{table}: {finished} of {console.counted(len(works), 'folder')}")

            def waiting(seconds: int) -> None:
                tell(f"{table}: old objects can be removed in {seconds} s")

            compactor = self._tables[table]
            return (
                compactor.run_to_the_end(works, held, done, waiting) if self._wait else compactor.run(works, held, done)
            )
