"""Finds out whom an erasure is about: the items that are meant, and whether their table still has them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from tools.deployments import mask_key
from tools.deployments.aws import reason
from tools.errors import LakeError, RefusedError, UsageError
from tools.lake import item_keys, table_keys
from tools.lake.column_names import DEFAULT_SEPARATOR
from tools.lake.erasure import searching, subject
from tools.lake.erasure.column_match import ColumnMatch
from tools.lake.reconcile import items, readings

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from mypy_boto3_s3 import S3Client

    from tools.deployments.aws import Aws
    from tools.deployments.outputs import Table
    from tools.lake.erasure.places import Place
    from tools.lake.erasure.subject import Subject
    from tools.lake.reconcile.items import Schema
    from tools.operations.erasing_look import Looker

_SEPARATOR: Final = "PATH_SEPARATOR"
"""The variable of the function that has `transform.path_separator`."""

_HASH: Final = re.compile("[0-9a-f]{64}")


class Asked(msgspec.Struct, frozen=True):
    """What the user asked for: keys as they were written, or a column's value."""

    keys: tuple[str, ...] = ()
    where: tuple[str, str] | None = None

    @property
    def by(self) -> Literal["key", "column"]:
        """What the items are told by."""
        return "column" if self.where else "key"


def read(keys: Sequence[str], where: str | None) -> Asked:
    """Returns what is asked for; `where` is COLUMN=VALUE.

    Raises:
        UsageError: neither is given, or both are, or `where` has another form.
    """
    given = tuple(key for key in (each.strip() for each in keys) if key)
    if bool(given) == (where is not None):
        raise UsageError("say whom to erase: --key or --keys, or --where COLUMN=VALUE")
    if where is None:
        return Asked(given)
    column, equals, value = where.partition("=")
    if not equals or not column.strip() or not value:
        raise UsageError(f"--where {where!r} is not COLUMN=VALUE; write it like --where email=adam@example.com")
    return Asked((), (column.strip(), value))


@dataclass(frozen=True)
class TableAccess:
    """The table whose changes the lake has.

    Attributes:
        aws: access to its account.
        schema: its key; None where the table is gone.
        mask_keys: the keys with which the function may have hashed.
        rules: its rules.
        separators: what joined the names of a path in columns of any version of the function.
    """

    aws: Aws
    schema: Schema | None
    mask_keys: frozenset[bytes]
    rules: dict[str, str]
    separators: frozenset[str] = frozenset((DEFAULT_SEPARATOR,))


def table_access(aws: Aws, name: str, described: Table, function: str | None) -> TableAccess:
    """Returns access to a table, which may be gone.

    Raises:
        LakeError: it, or its function, cannot be looked at.
    """
    dynamodb = aws.client("dynamodb")
    schema = None
    try:
        schema = items.described(dynamodb.describe_table(TableName=name)["Table"], described.rules)
    except dynamodb.exceptions.ResourceNotFoundException:
        pass
    except (BotoCoreError, ClientError) as error:
        raise LakeError(f"table {name} cannot be looked at: {reason(error)}") from None
    variables = mask_key.environments(aws.client("lambda"), function) if function else []
    separators = frozenset(each.get(_SEPARATOR) or DEFAULT_SEPARATOR for each in variables)
    keys = mask_key.of_environments(variables)
    return TableAccess(aws, schema, keys, described.rules, separators or TableAccess.separators)


class Target:
    """The items that are meant, of one table; `access` is None where the table's account is not named."""

    def __init__(self, name: str, described: Table, access: TableAccess | None) -> None:
        self.name: Final = name
        self._described = described
        self.access: Final = access

    def by_keys(self, asked: Asked, s3: S3Client, bucket: str) -> list[str]:
        """Returns the plain keys that were written.

        Raises:
            UsageError: one is no key of the table, or hashes cannot be made here.
            LakeError: what the key of the table is cannot be looked up.
        """
        schema = self.access.schema if self.access else None
        example = self._example(schema) if schema else self._seen(s3, bucket)
        return sorted({item_keys.spell(each, example) for each in asked.keys})

    def by_column(
        self, where: tuple[str, str], looker: Looker, places: Sequence[Place], tell: Callable[[str], None]
    ) -> list[str]:
        """Returns the plain keys of items of which any row, in any version, has a value in a column.

        Raises:
            UsageError: the lake has hashes of the keys.
            LakeError: the lake cannot be read.
        """
        separators = self.access.separators if self.access else TableAccess.separators
        how = searching.keys_where(ColumnMatch(*where, separators))
        rows = [place for place in places if place.kind == "rows"]
        seen = [each for place in rows for each in looker.look(place, how, tell, again=False).found]
        found = {key for each in seen for key in each.values}
        if any(self._may_be_hashed(key) for key in found):
            raise UsageError(f"the lake has hashes of the keys of {self.name}: give the keys themselves, with --key")
        return sorted({self._plain(key) for key in found})

    def subject(self, plain: Collection[str]) -> Subject:
        """Returns the items with these plain keys, in every spelling that the lake may have."""
        keys = self.access.mask_keys if self.access else frozenset[bytes]()
        return subject.of_keys(plain, keys, self._key_rules())

    def refuse_those_in_table(self, plain: Collection[str], option: str) -> None:
        """Checks that the table has none of the items any more; `option` is what passes this over.

        Raises:
            RefusedError: it has some, or its account is not named.
            LakeError: it cannot be read.
        """
        if self.access is None:
            raise RefusedError(
                f"refused: from here it cannot be seen whether table {self.name} still has the items; give "
                f"cross-account and name both accounts, or say {option}"
            )
        count = self._count_in_table(self.access, plain)
        if count:
            raise RefusedError(
                f"refused: table {self.name} still has {count} of {len(plain)} items, whose next change would bring "
                f"them back to the lake; delete them first, or say {option}"
            )

    def _count_in_table(self, access: TableAccess, plain: Collection[str]) -> int:
        if access.schema is None:
            return 0
        schema = items.Schema(access.schema.table, access.schema.attributes)
        typed = [schema.of_cdc_key(key) for key in plain]
        texts = [items.key_text(key) for key in typed if key]
        try:
            pages = readings.get(access.aws.client("dynamodb"), schema, texts)
            return sum(len(page.items) for page, _ in pages)
        except (BotoCoreError, ClientError) as error:
            raise LakeError(f"table {self.name} cannot be read: {reason(error)}") from None

    @staticmethod
    def _example(schema: Schema) -> str:
        return json.dumps({name: 0 if kind == "N" else "" for name, kind in schema.attributes.items()})

    def _seen(self, s3: S3Client, bucket: str) -> str:
        example = table_keys.example(s3, bucket, self.name, self._described.data_prefix)
        hashed = [name for name, rule in self._key_rules().items() if rule == "hash" and f'"{name}":' in example]
        if hashed:
            raise UsageError(
                f"the lake has hashes of {', '.join(hashed)}, which the function of {self.name} makes: give "
                "cross-account and name both accounts"
            )
        return example

    def _key_rules(self) -> dict[str, str]:
        rules = self.access.rules if self.access else self._described.rules
        return {path.replace("\\.", ".").replace("\\\\", "\\"): rule for path, rule in rules.items()}

    def _may_be_hashed(self, key: str) -> bool:
        hashes = "hash" in self._described.rules.values() or (self.access is not None and self.access.mask_keys)
        return bool(hashes) and any(_HASH.fullmatch(value) for value in item_keys.values(key))

    def _plain(self, key: str) -> str:
        if self.access is None or self.access.schema is None:
            return key
        typed: Any = items.Schema(self.name, self.access.schema.attributes).of_cdc_key(key)
        return item_keys.of_typed(typed) if typed else key
