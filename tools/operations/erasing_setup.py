"""Brings together what an erasure needs: the lake, its copies, the table, and who is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tools import paths
from tools.cli import console
from tools.deployments import choose
from tools.errors import UsageError
from tools.lake import delivery_time
from tools.lake.erasure import copies, places
from tools.lake.erasure.places import Bucket
from tools.operations import erasing_around, erasing_target
from tools.operations.erasing import Eraser
from tools.operations.erasing_look import Looker
from tools.operations.erasing_run import ErasureRun
from tools.operations.erasing_target import Target
from tools.operations.summarising import Source

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tools.deployments.outputs import Outputs
    from tools.lake.erasure.notes import Note
    from tools.operations.erasing import Survey
    from tools.operations.erasing_run import Done
    from tools.operations.erasing_target import Asked
    from tools.operations.lake_access import LakeAccess

ITEM_STAYS: Final = "--item-stays"
"""The option that passes over items which are in the table still."""


class Erasure:
    """An erasure that is asked for.

    Attributes:
        table: the table's name.
        plain: the plain keys of the items.
        note: what is noted while it is under way.
        others: how many other erasures are under way.
    """

    def __init__(
        self, access: LakeAccess, table: str | None, asked: Asked, *, replicas: Sequence[Bucket], jobs: int
    ) -> None:
        self._access = access
        self._asked = asked
        self._outputs = access.lake.outputs()
        self.table, described = self._outputs.table(table)
        self._aws = access.lake.aws(self._outputs.region)
        own = Bucket(self._outputs.bucket_name or "", self._outputs.region)
        buckets = copies_of(own, self._outputs, replicas)
        self._places = [
            place
            for bucket in buckets
            for place in places.of_table(bucket, self.table, described, self._outputs.results_prefix)
        ]
        self._sources = {each: Source(self._aws.environment, each.region, each.name) for each in buckets}
        self._looker = Looker(self._sources, jobs)
        self._run = ErasureRun(self._aws, own, self.table, asked)
        self._of_table = access.tables.outputs() if access.tables else self._outputs
        self._described = self._of_table.tables.get(self.table, described)
        self._target = Target(self.table, described, self._table_access())
        with console.telling(f"{self.table}: looking for the items") as tell:
            given = self._target.by_keys(asked, self._aws.client("s3"), own.name) if asked.keys else []
            texts = given or ["=".join(asked.where or ())]
            found, self.others = self._run.begun(texts)
            # What an interrupted run has found, a later one may not find any more.
            known = set(found.keys) if found else set()
            if asked.where:
                known |= set(self._target.by_column(asked.where, self._looker, self._places, tell))
        self.plain = sorted(known | set(given))
        self._is_new = found is None
        self.note: Note = found or self._run.new_note(texts, self.plain)
        self._eraser = Eraser(self._target.subject(self.plain), self._places, self._sources, self._looker)

    def check_table(self, *, may_stay: bool) -> None:
        """Checks that the table has none of the items, unless it may.

        Raises:
            RefusedError: it has some, or cannot be asked.
        """
        if not may_stay:
            self._target.refuse_those_in_table(self.plain, ITEM_STAYS)

    def survey(self) -> Survey:
        """Looks at everything.

        Raises:
            LakeError: something cannot be listed or read.
        """
        with console.telling(f"{self.table}: looking through all versions") as tell:
            return self._eraser.survey(tell)

    def run(self, survey: Survey, *, wait: bool) -> Done:
        """Erases what a look has found, and removes the copies of it on this machine.

        Raises:
            RefusedError: another tool has begun to work with one of the objects.
            LakeError: another has the lease, or AWS refuses.
        """
        around = erasing_around.look(
            self._aws,
            self._outputs,
            self.table,
            self._described,
            tables=self._target.access.aws if self._target.access else None,
            passage=choose.passage_seconds(self._access.tables or self._access.lake, delivery_time.SPARE_SECONDS),
        )
        done = self._run.run(self._eraser, survey, self.note, is_new=self._is_new, around=around, wait=wait)
        base = paths.local_home() if self._access.lake.is_local else paths.BUILD
        digests = [each for each in (paths.BUILD / "digests").glob("*") if each.is_dir()]
        copies.forget([base / "copies", *digests], base / "summaries", self._eraser.touched)
        return done

    def _table_access(self) -> erasing_target.TableAccess | None:
        if self._access.tables is None:
            return None
        aws = self._access.tables.aws(self._of_table.region)
        return erasing_target.table_access(aws, self.table, self._described, self._of_table.function_name)


def copies_of(lake: Bucket, outputs: Outputs, others: Sequence[Bucket]) -> tuple[Bucket, ...]:
    """Returns the lake's bucket, that of its replica, and other copies, each once."""
    own = outputs.replica
    made = (Bucket(own.bucket_name, own.region),) if own else ()
    return tuple(dict.fromkeys((lake, *made, *others)))


def replica(text: str) -> Bucket:
    """Returns the bucket that is written REGION/BUCKET.

    Raises:
        UsageError: it is not.

    >>> replica("eu-west-1/my-lake-replica")
    Bucket(name='my-lake-replica', region='eu-west-1')
    """
    region, slash, name = text.partition("/")
    if not (region and slash and name) or "/" in name:
        raise UsageError(f"--replica {text!r} is not REGION/BUCKET; write it like eu-west-1/my-lake-replica")
    return Bucket(name, region)


def lines_of(file: Path | None) -> list[str]:
    """Returns the lines of a file of keys.

    Raises:
        UsageError: it cannot be read.
    """
    if file is None:
        return []
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--keys {file} cannot be read: {error}") from None
