"""What a table says of its keys: a claim is what one version of the function makes of one item, as a digest.

An item is read in a window of time, because the moment itself is not told. Claims of an older version say what a line
may be that this version has written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tools.errors import LakeError
from tools.lake import item_keys
from tools.lake.deployed_transform import FunctionFailedError, Record
from tools.lake.reconcile import digests, items

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

    from tools.lake.deployed_transform import DeployedTransform, Result
    from tools.lake.lines import Row
    from tools.lake.reconcile.items import Schema
    from tools.lake.reconcile.rows import LakeRow

CLAIM_COLUMNS: Final = {
    "id": "UUID",
    "version": "UTINYINT",
    "k": "UUID",
    "outcome": "VARCHAR",
    "dig": "UUID",
    "lo": "BIGINT",
    "hi": "BIGINT",
    "item_key": "VARCHAR",
}
"""Columns of a claim in CSV, in DuckDB's types.

`id` is the item's, `version` 0 for the deployed version and 1, 2, … for older ones; `outcome` is one of those below.
`k` is the digest of `cdc_key`, null where the function gives none and a rule hides it. `lo` and `hi` are the window in
microseconds since the epoch, `item_key` is the typed key in hexadecimal digits.
"""

WRITTEN: Final = "O"
DROPPED: Final = "D"
FAILED: Final = "F"
ABSENT: Final = "A"

_EVENTS: Final = {"M": "MODIFY"}
_OUTCOMES: Final = {"Ok": WRITTEN, "Dropped": DROPPED, "ProcessingFailed": FAILED}
ROW: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Window(msgspec.Struct, frozen=True):
    """When something was read: between two instants, in microseconds since the epoch."""

    first: int
    last: int


class Claimant:
    """Makes claims about items of one table.

    Args:
        schema: the table's key.
        versions: the deployed version of the function, then older ones.
    """

    def __init__(self, schema: Schema, versions: Sequence[DeployedTransform]) -> None:
        self._schema = schema
        self._versions = versions

    def present(
        self, found: Sequence[Mapping[str, Any]], window: Window, rows: Sequence[LakeRow | None] | None = None
    ) -> Iterator[bytes]:
        """Yields the claims of items, as lines of CSV, for each version.

        Args:
            found: the items.
            window: when they were read.
            rows: the lake's row of each, where it has one. Then the function is told of that row's change, so that a
                hook makes the same columns of its time.

        Raises:
            LakeError: the function cannot be called.
        """
        latest = rows or [None] * len(found)
        records = [self._record(item, row, window) for item, row in zip(found, latest, strict=True)]
        keys = [self._schema.key_of(item) for item in found]
        for version, transform in enumerate(self._versions):
            results = _made(transform, records) if version else transform.transform(records)
            for key, result in zip(keys, results, strict=True):
                if result is not None:
                    yield self._claim(key, version, result, window)

    def expected(self, item: Mapping[str, Any], row: LakeRow | None, window: Window) -> Row | None:
        """Returns the row that the deployed version makes of an item, as `present` asks for it; None if it makes none.

        Raises:
            LakeError: the function cannot be called.
        """
        (result,) = self._versions[0].transform([self._record(item, row, window)])
        return read_row(result.line) if result.outcome == "Ok" else None

    def absent(self, keys: Iterable[Mapping[str, Any]], window: Window) -> Iterator[bytes]:
        """Yields the claim that the table has no item of a key, for each; older versions say how they spell the key.

        Raises:
            LakeError: the function cannot be called.
        """
        gone = list(keys)
        for key in gone:
            yield _line(items.key_text(key), 0, None, ABSENT, None, window)
        records = [Record(items.insert_record(self._schema, key, window.first)) for key in gone]
        for version, transform in enumerate(self._versions[1:], start=1):
            for key, result in zip(gone, _made(transform, records), strict=True):
                spelled = digests.row_key(read_row(result.line)) if result and result.line else None
                yield _line(items.key_text(key), version, spelled, ABSENT, None, window)

    def unread(self, name: bytes, window: Window) -> bytes:
        """Returns the claim that the table has no item of a key that cannot be read; `name` is what claims call it."""
        return _fields(name, 0, None, ABSENT, None, window, b"")

    def _record(self, item: Mapping[str, Any], row: LakeRow | None, window: Window) -> Record:
        if row is None or row.is_removal:
            return Record(items.insert_record(self._schema, item, window.first))
        event = _EVENTS.get(row.event, "INSERT")
        document = items.change_record(self._schema, item, event=event, event_id=row.event_id, instant=row.us)
        return Record(document, row.sequence_number)

    def _claim(self, key: Mapping[str, Any], version: int, result: Result, window: Window) -> bytes:
        text, outcome = items.key_text(key), _OUTCOMES[result.outcome]
        if outcome != WRITTEN:
            return _line(text, version, self._key_without_line(key), outcome, None, window)
        row = read_row(result.line)
        return _line(text, version, digests.row_key(row), outcome, digests.digest(row), window)

    def _key_without_line(self, key: Mapping[str, Any]) -> bytes | None:
        text = cdc_key(self._schema, key)
        return None if text is None else items.key_digest(text.encode())


def _made(transform: DeployedTransform, records: Sequence[Record]) -> Sequence[Result | None]:
    """Returns what an older version makes of records; None of those that make it fail as a whole."""
    try:
        return transform.transform(records)
    except FunctionFailedError:
        pass
    try:
        transform.check()
    except FunctionFailedError:
        # It fails whatever it is given, and has never written a line.
        return [None] * len(records)
    results: list[Result | None] = []
    for record in records:
        try:
            results += transform.transform([record])
        except FunctionFailedError:
            results.append(None)
    return results


def cdc_key(schema: Schema, key: Mapping[str, Any]) -> str | None:
    """Returns the `cdc_key` of an item of which there is no line; None where a rule hides it."""
    if schema.hashed:
        return None
    return item_keys.of_typed(msgspec.json.decode(items.key_text(key)))


def read_row(line: bytes) -> Row:
    """Returns the row of a line that the function wrote.

    Raises:
        LakeError: it is none.
    """
    try:
        return ROW.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise LakeError("the function answers with a line that is no lake record; look at its hook") from None


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _line(  # noqa: PLR0917  # the columns, in their order
    text: bytes, version: int, key: bytes | None, outcome: str, digest: bytes | None, window: Window
) -> bytes:
    return _fields(items.key_digest(text), version, key, outcome, digest, window, text)


def _fields(  # noqa: PLR0917  # as above
    name: bytes, version: int, key: bytes | None, outcome: str, digest: bytes | None, window: Window, text: bytes
) -> bytes:
    fields = (
        name.hex(),
        str(version),
        key.hex() if key else "",
        outcome,
        digest.hex() if digest else "",
        str(window.first),
        str(window.last),
        text.hex(),
    )
    return (",".join(fields) + "\n").encode()
