"""A table that is compared with its lake: where both are, and what makes the lines between them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.errors import LakeError
from tools.lake import function_versions
from tools.lake.export import Exporter
from tools.lake.reconcile import items
from tools.operations.reading_table import TableSource
from tools.operations.summarising import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from tools.deployments.aws import Aws
    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Table
    from tools.lake.export import Export
    from tools.lake.function_versions import Versions


@dataclass(frozen=True)
class ReconciledTable:
    """One table and its part of the lake.

    Attributes:
        name: the table's name.
        outputs: what the deployment says of it.
        aws: access to the account of the table.
        source: the table and its function, for other processes.
        lake: the lake, for other processes.
        versions: the versions of the function.
        kms_key_arn: the lake's key.
        lake_account: the lake's account, where it is another than the table's.
    """

    name: str
    outputs: Table
    aws: Aws
    source: TableSource
    lake: Source
    versions: Versions
    kms_key_arn: str | None
    lake_account: str | None

    def refreshed(self) -> ReconciledTable:
        """Returns the table with the versions of the function as they are now: a deploy may have come between.

        Raises:
            LakeError: the function cannot be looked at.
        """
        versions = function_versions.find(self.aws.client("lambda"), self.source.function)
        schema = msgspec.structs.replace(self.source.schema, has_older=bool(versions.older))
        source = msgspec.structs.replace(self.source, versions=versions.all, schema=schema)
        return replace(self, versions=versions, source=source)

    def exporter(self, prefix: str) -> Exporter:
        """Returns what exports the table to the lake, below `prefix`."""
        return Exporter(
            self.aws.client("dynamodb"),
            self.outputs.table_arn or "",
            bucket=self.lake.bucket,
            prefix=prefix,
            kms_key_arn=self.kms_key_arn,
            owner=self.lake_account,
        )

    def exported(self, arn: str | None, tell: Callable[[str], None]) -> Export:
        """Returns an export of the table: the one that `arn` names, or a new one, when it is finished.

        Raises:
            LakeError: DynamoDB does not export it.
        """
        exporter = self.exporter(f"exports/{self.name}")
        begun = arn or exporter.start()
        tell(f"the export is {begun}")
        return exporter.follow(begun, tell)


def find(tables: Deployment, lake: Deployment, name: str | None) -> ReconciledTable:
    """Returns the table called `name` of a deployment, whose lake is that of another or of the same.

    Raises:
        UsageError: there is no such table, or no name was given and there are several.
        LakeError: the table or its function cannot be looked at.
    """
    outputs = tables.outputs()
    chosen, described = outputs.table(name)
    aws, lake_aws = tables.aws(outputs.region), lake.aws(outputs.region)
    try:
        table = aws.client("dynamodb").describe_table(TableName=chosen)["Table"]
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"table {chosen} cannot be looked at: {reason(error)}") from None
    function = outputs.function_name or ""
    versions = function_versions.find(aws.client("lambda"), function)
    schema = items.described(table, described.rules, has_older=bool(versions.older))
    return ReconciledTable(
        chosen,
        described,
        aws,
        TableSource(dict(aws.environment), outputs.region, schema, function, versions.all),
        Source(lake_aws.environment, outputs.region, outputs.bucket_name or ""),
        versions,
        outputs.cross_account_kms_key_arn or outputs.kms_key_arn,
        outputs.consumer_account_id,
    )
