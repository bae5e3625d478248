"""Where a deployment is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """An account, a Region and its partition (`aws`, `aws-cn` or `aws-us-gov`)."""

    account_id: str
    region: str
    partition: str

    def arn(self, template: str, name: str = "") -> str:
        """Returns an ARN of `name` here; `template` has the placeholders of `Kind.arn`."""
        return template.format(partition=self.partition, region=self.region, account=self.account_id, name=name)
