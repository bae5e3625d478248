"""The versions of the function that may have written lines of the lake: each is code, rules, hook and settings.

AWS documentation: AWS Lambda Developer Guide, "Manage Lambda function versions".
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments.aws import reason
from tools.deployments.outputs import LIVE
from tools.errors import LakeError
from tools.lake import instants

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_lambda.type_defs import FunctionConfigurationTypeDef

OLDER: Final = 5
"""So many older versions are looked at."""

_LATEST: Final = "$LATEST"


class Versions(msgspec.Struct, frozen=True):
    """Versions of a function: that of the alias, and older ones with other code or settings, the newest first.

    `since_us` is when the first of all these was published, in microseconds since the epoch: what wrote a line before
    is not known.
    """

    live: str
    older: tuple[str, ...]
    live_since_us: int
    since_us: int

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, that of the alias first."""
        return (self.live, *self.older)


def find(client: LambdaClient, function: str) -> Versions:
    """Returns the versions of a function.

    Raises:
        LakeError: Lambda does not tell.
    """
    try:
        live = client.get_alias(FunctionName=function, Name=LIVE)["FunctionVersion"]
        pages = client.get_paginator("list_versions_by_function").paginate(FunctionName=function)
        published = [each for page in pages for each in page["Versions"] if each["Version"] != _LATEST]
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"function {function}: its versions cannot be listed: {reason(error)}") from None
    return chosen(live, published)


def chosen(live: str, published: list[FunctionConfigurationTypeDef]) -> Versions:
    """Returns the versions to look at, of all that are published."""
    deployed = next(each for each in published if each["Version"] == live)
    seen = [_content(deployed)]
    older: list[FunctionConfigurationTypeDef] = []
    for each in sorted(published, key=_published_at, reverse=True):
        if _content(each) not in seen and len(older) < OLDER:
            seen.append(_content(each))
            older.append(each)
    first = min(_published_at(each) for each in (deployed, *older))
    # Where none is left out, nothing else has written lines since the first that was published.
    if len(older) < OLDER:
        first = min(map(_published_at, published))
    return Versions(live, tuple(each["Version"] for each in older), _published_at(deployed), first)


def _content(each: FunctionConfigurationTypeDef) -> tuple[str, object]:
    return each["CodeSha256"], each.get("Environment", {}).get("Variables", {})


def _published_at(each: FunctionConfigurationTypeDef) -> int:
    return instants.microseconds(datetime.fromisoformat(each["LastModified"]))
