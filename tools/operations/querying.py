"""Answers what an analyst asks of a lake: in SQL, by a ready question, or by the objects themselves."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from tools.cli import console
from tools.deployments import choose, environments
from tools.deployments.aws import reason
from tools.deployments.recall import Given, Purpose
from tools.errors import LakeError, StoppedError, UsageError
from tools.lake import data_objects, downloads, gaps, glue_catalog, item_keys, questions, table_keys
from tools.lake.engines.results import Column, Result
from tools.lake.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from tools.deployments.aws import Aws
    from tools.deployments.choose import Where
    from tools.deployments.credentials import Identities
    from tools.deployments.outputs import Outputs, Table
    from tools.lake.engines.results import Query
    from tools.lake.objects import LakeObject
    from tools.operations.query_request import Request


def find_lake(env: str, where: Where, identities: Identities) -> Lake:
    """Returns the lake of ENV; that of a pair is the consumer's.

    Raises:
        UsageError: ENV is the producer's half, which has none.
        LakeError: as `choose.choose`.
    """
    name = environments.CONSUMER if env == environments.CROSS_ACCOUNT else env
    environment = environments.find(name)
    if name == environments.PRODUCER:
        raise UsageError(f"the lake of a pair is the consumer's: python -m tools.query {environments.CONSUMER}")
    given = Given(identity=identities.for_environment(name))
    deployment = choose.choose(environment, where, given, Purpose.READ, quiet=True)
    outputs = deployment.outputs()
    return Lake(deployment.aws(outputs.region), outputs, deployment.label, is_local=deployment.is_local)


@dataclass(frozen=True)
class Lake:
    """A lake to ask, with the credentials of whoever asks; `label` is what its deployment is called."""

    aws: Aws
    outputs: Outputs
    label: str
    is_local: bool = False

    @property
    def bucket(self) -> str:
        """The lake's bucket."""
        return self.outputs.bucket_name or ""

    @property
    def database(self) -> str:
        """The catalog's database.

        Raises:
            LakeError: the deployment has no catalog.
        """
        if self.outputs.database_name is None or self.outputs.workgroup_name is None:
            raise LakeError(f"{self.label} has no catalog yet; deploy it again: python -m tools.deploy {self.label}")
        return self.outputs.database_name

    def answer(self, request: Request, tell: Callable[[str], None]) -> Result:
        """Returns the answer to SQL or to a ready question.

        Raises:
            LakeError: it cannot be answered.
        """
        if request.lists:
            return self.objects(request)
        if request.sql is None:
            return self._ask(self._question(request), request, tell)
        try:
            return self._ask(request.sql, request, tell)
        except StoppedError:
            raise
        except LakeError as error:
            raise type(error)(f"{error}{self._hint(str(error), request.sql.sql)}") from None

    def _ask(self, query: Query, request: Request, tell: Callable[[str], None]) -> Result:
        return self._athena(query, tell) if request.engine == "athena" else self._duckdb(query, request, tell)

    def _hint(self, why: str, sql: str) -> str:
        from tools.lake.engines import name_hints  # noqa: PLC0415  # where a query fails

        names = {name: table.catalog_table for name, table in self.outputs.tables.items() if table.catalog_table}
        spelt = name_hints.catalog_name(sql, names)
        if spelt or "NOT_FOUND" not in why:
            return spelt
        try:
            return name_hints.missing_name(why, sql, glue_catalog.relations(self.aws.client("glue"), self.database))
        except LakeError:
            # Who may not read the catalog is still told what Athena says.
            return ""

    def _question(self, request: Request) -> Query:
        name, table = self.outputs.table(request.table)
        in_catalog = table.catalog_table
        if in_catalog is None:
            raise LakeError(f"{self.label} has no catalog yet; deploy it again: python -m tools.deploy {self.label}")
        if request.current:
            return questions.current(self.database, in_catalog)
        if request.as_of is not None:
            return questions.as_of(self.database, in_catalog, request.as_of)
        if request.failed:
            return questions.failed(self.database, in_catalog, request.period)
        asked = questions.history if request.history is not None else questions.changes
        return asked(self.database, in_catalog, self._key(request.history or request.changes or "", name, table))

    def _key(self, given: str, name: str, table: Table) -> str:
        example = table_keys.example(self.aws.client("s3"), self.bucket, name, table.data_prefix)
        hashed = [path for path, rule in table.rules.items() if rule == "hash" and f'"{path}":' in example]
        if hashed:
            console.warn(f"{', '.join(hashed)}: the lake of {name} has the hash of it, so give the hash")
        return item_keys.spell(given, example)

    def _athena(self, query: Query, tell: Callable[[str], None]) -> Result:
        from tools.lake.engines.athena import Athena  # noqa: PLC0415  # each engine where it is asked

        workgroup = self.outputs.workgroup_name or ""
        clients = (self.aws.client("athena"), self.aws.client("s3"))
        return Athena(*clients, workgroup, self.database, tell, costs=not self.is_local).ask(query)

    def _duckdb(self, query: Query, request: Request, tell: Callable[[str], None]) -> Result:
        from tools.lake.engines.duckdb import DuckDb  # noqa: PLC0415  # takes a moment to load
        from tools.lake.engines.object_cache import ObjectCache  # noqa: PLC0415

        catalog = glue_catalog.read(self.aws.client("glue"), self.database)
        cache = ObjectCache(request.cache, request.cache_bytes)
        return DuckDb(self.aws.client("s3"), catalog, cache, request.cache_bytes, request.period, tell).ask(query)

    def objects(self, request: Request) -> Result:
        """Returns which objects there are, of one table or of all, in the period that is asked for."""
        columns = (Column("key", "varchar"), Column("bytes", "bigint"), Column("written_at", "varchar"))
        found = self._found(request)
        return Result(columns, ((each.key, str(each.size), each.written_at.isoformat()) for each in found))

    def download(self, request: Request, folder: Path, tell: Callable[[str], None]) -> str:
        """Copies the objects that are asked for into `folder`, and returns what is said of it.

        Raises:
            LakeError: one of them cannot be copied; the same command goes on with the rest.
        """
        s3 = self.aws.client("s3")
        copied = kept = size = 0
        for found in self._found(request):
            if downloads.download(s3, self.bucket, found, folder):
                copied += 1
                size += found.size
                tell(f"{copied} objects copied, {console.mib(size)}")
            else:
                kept += 1
        return f"{copied} objects copied to {folder}, {console.mib(size)}; {kept} were there already"

    def gaps(self, request: Request) -> list[str]:
        """Returns where versions may be missing, for a question that the history of a table answers."""
        if not request.asks_history:
            return []
        name, _ = self.outputs.table(request.table)
        try:
            found = gaps.find(self.aws.client("s3"), self.bucket, name)
        except LakeError as error:
            return [f"whether versions of {name} are missing cannot be seen: {error}"]
        return [f"{name}: versions between {each.since} and {each.until} may be missing" for each in found]

    def tail(self, request: Request, now: datetime) -> Tail:
        """Returns what follows the changes of a table."""
        _, table = self.outputs.table(request.table)
        place = (self.bucket, table.data_prefix)
        return Tail(
            self.aws.client("s3"),
            place,
            lambda bad: console.warn(f"s3://{self.bucket}/{bad.key}, line {bad.line}: {bad.reason}"),
            now,
            request.period.first,
        )

    def _found(self, request: Request) -> Iterator[LakeObject]:
        tables = [self.outputs.table(request.table)[1]] if request.table else self.outputs.tables.values()
        s3 = self.aws.client("s3")
        listed = (data_objects.list_data(s3, self.bucket, table.data_prefix, request.period) for table in tables)
        try:
            yield from chain.from_iterable(listed)
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"s3://{self.bucket} cannot be listed: {reason(error)}") from None
