"""Compares claims about items with the lines of a lake, as digests.

Both lie on the disk, and are compared in parts, so that memory stays the same for any number of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import duckdb
import msgspec

from tools.errors import LakeError
from tools.lake.reconcile import claims, digests, statements, verdicts
from tools.lake.reconcile.rows import LakeRow
from tools.lake.reconcile.verdicts import State, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tools.lake.reconcile.claims import Window

MEMORY: Final = "1GB"
_ROWS_AT_ONCE: Final = 4_000_000
_FILES_AT_ONCE: Final = 500
_FETCHED: Final = 10_000
_SETTLED: Final = ("equal", "dropped", "other version")
_ROW_NAMES: Final = ("object", "line", "us", "ev", "dig", "seq", "eid")
_STATE_NAMES: Final = (
    "id",
    "version",
    "outcome",
    "dig",
    "same_key",
    "open_k",
    "item_key",
    "lo",
    "before",
    "cdc_key",
    "moving",
    "met",
)


class Open(msgspec.Struct, frozen=True):
    """A key that is not settled.

    Attributes:
        id: digest by which claims name it.
        k: digest of its `cdc_key`; None where that is hidden.
        verdict: what is said of it so far.
        item_key: the item's typed key, as `items.key_text` writes it; None where it is not known.
        cdc_key: the key as the lake has it; None where the lake does not have it.
        row: the lake's latest row from before the window.
        read_us: when the item was read.
        fails: whether the function fails the item.
    """

    id: bytes
    k: bytes | None
    verdict: Verdict
    item_key: bytes | None
    cdc_key: str | None
    row: LakeRow | None
    read_us: int
    fails: bool = False


class Lost(msgspec.Struct, frozen=True):
    """A key whose versions are not all in the lake: the first and last that are, and how many between them are not."""

    cdc_key: str
    first: int
    last: int
    missing: int


class Comparison:
    """The lines of a lake and the claims about a table, in a file of `folder`; `margin_us` is how exact times are."""

    def __init__(self, folder: Path, margin_us: int) -> None:
        self._margin = margin_us
        folder.mkdir(parents=True, exist_ok=True)
        self._db = duckdb.connect(
            str(folder / "comparison.duckdb"),
            config={
                "memory_limit": MEMORY,
                "temp_directory": str(folder / "spill"),
                "preserve_insertion_order": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        self._run(statements.table("lake", digests.LINE_COLUMNS, "object UINTEGER"))

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def add_objects(self, found: Mapping[str, int]) -> None:
        """Adds lines of objects: file with what `digests.lake_lines` yields, packed -> number of the object.

        Raises:
            LakeError: a file is damaged, or the disk is full.
        """
        files = list(found)
        for start in range(0, len(files), _FILES_AT_ONCE):
            chosen = files[start : start + _FILES_AT_ONCE]
            self._run(statements.FILES_TABLE)
            self._run(statements.FILES, files=chosen, objects=[found[file] for file in chosen])
            self._run(statements.load_lines(digests.LINE_COLUMNS), files=chosen)

    def set_claims(self, files: Sequence[str]) -> None:
        """Takes the claims in files, packed, in place of those before.

        Raises:
            LakeError: a file is damaged, or the disk is full.
        """
        self._run(statements.table("claims", claims.CLAIM_COLUMNS))
        if files:
            self._run(statements.load_claims(claims.CLAIM_COLUMNS), files=list(files))

    def first(self, window: Window) -> Iterator[Open | Verdict]:
        """Compares all keys of table and lake; yields each that is open, and the verdict of each that is not.

        Args:
            window: when the table was read, for keys that it does not have.
        """
        ((claimed,),) = self._rows(statements.CLAIMS)
        rows = claimed + self.lines()[0]
        for states in self._states(statements.FIRST_WINDOWS, rows, first=window.first, last=window.last):
            yield _told(states)
        for name, outcome, item_key, read_us in self._rows(statements.HIDDEN):
            if outcome == claims.DROPPED:
                yield "dropped"
            else:
                yield Open(name.bytes, None, "missing", bytes.fromhex(item_key), None, None, read_us, fails=True)

    def again(self, open_keys: Iterable[Open], live_since_us: int = 0) -> Iterator[Open | Verdict]:
        """Compares keys that are open with the claims as they are set, and yields as `first` does.

        Args:
            open_keys: the keys.
            live_since_us: when the deployed version was surely the one that delivery streams call.
        """
        self._run(statements.OPEN_TABLE)
        count = 0
        batch: list[Open] = []
        for each in open_keys:
            batch.append(each)
            count += 1
            if len(batch) == _FETCHED:
                self._open(batch)
                batch = []
        self._open(batch)
        for states in self._states(statements.NEXT_WINDOWS, count):
            yield _told(states, live_since_us)

    def hidden_drops(self) -> int:
        """Returns how many items the hook drops whose keys are hidden, by the claims as they are set."""
        return sum(outcome == claims.DROPPED for _, outcome, *_ in self._rows(statements.HIDDEN))

    def lost_versions(self, until_us: int) -> Iterator[Lost]:
        """Yields the keys of which versions are missing between the first and the last, of changes up to an instant."""
        for key, first, last, missing in self._rows(statements.LOST_VERSIONS, until=until_us):
            yield Lost(bytes.fromhex(key).decode(), first, last, missing)

    def longest_quiet(self, since_us: int, until_us: int, least_us: int) -> tuple[int, int] | None:
        """Returns the longest time without a change of any key between two instants; None where all are shorter."""
        found = self._rows(statements.QUIET, since=since_us, until=until_us, least=least_us)
        return next(((first, later) for first, later in found), None)

    def have(self, keys: Iterable[bytes]) -> set[bytes]:
        """Returns those of the keys, digests of `cdc_key`, that the lake has rows of."""
        return {found.bytes for (found,) in self._rows(statements.HAVE, keys=[key.hex() for key in keys])}

    def rows(self, keys: Iterable[bytes]) -> dict[bytes, list[LakeRow]]:
        """Returns all rows that the lake has of some keys, digests of `cdc_key`, in the order of changes."""
        found: dict[bytes, list[LakeRow]] = {}
        for name, *values in self._rows(statements.ROWS, keys=[key.hex() for key in keys]):
            row = _row(dict(zip(_ROW_NAMES, values, strict=True)))
            if row:
                found.setdefault(name.bytes, []).append(row)
        return found

    def lines(self) -> tuple[int, int]:
        """Returns how many lines the lake has, and how many of them are no lake records."""
        ((count, bad),) = self._rows(statements.COUNTS)
        return count, bad

    def _open(self, batch: Sequence[Open]) -> None:
        keys = [each.k.hex() if each.k else None for each in batch]
        if batch:
            self._run(statements.OPEN, ids=[each.id.hex() for each in batch], keys=keys)

    def _states(self, windows: str, rows: int, **parameters: int) -> Iterator[list[dict[str, Any]]]:
        """Yields the states of one key after the other, the deployed version's first."""
        parts = 1 + rows // _ROWS_AT_ONCE
        for part in range(parts):
            self._run(windows, part=part, parts=parts, **parameters)
            group: list[dict[str, Any]] = []
            for values in self._rows(statements.STATES, margin=self._margin):
                state = dict(zip(_STATE_NAMES, values, strict=True))
                if group and any(group[0][name] != state[name] for name in ("id", "open_k")):
                    yield group
                    group = []
                group.append(state)
            if group:
                yield group

    def _rows(self, sql: str, **parameters: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401  # parameters of SQL
        cursor = self._db.cursor()
        try:
            cursor.execute(sql, parameters or None)
            while found := cursor.fetchmany(_FETCHED):
                yield from found
        except duckdb.Error as error:
            raise _failed(error) from None
        finally:
            cursor.close()

    def _run(self, sql: str, **parameters: Any) -> None:  # noqa: ANN401  # parameters of SQL
        try:
            self._db.execute(sql, parameters or None)
        except duckdb.Error as error:
            raise _failed(error) from None


def _failed(error: duckdb.Error) -> LakeError:
    return LakeError(f"the comparison failed: {' '.join(str(error).split())}")


def _told(states: Sequence[Mapping[str, Any]], live_since_us: int = 0) -> Open | Verdict:
    live = states[0]
    verdict = verdicts.settle([_state(each) for each in states], live_since_us)
    if verdict in _SETTLED:
        return verdict
    return Open(
        live["id"].bytes,
        live["open_k"].bytes if live["open_k"] else None,
        verdict,
        bytes.fromhex(live["item_key"]) if live["item_key"] else None,
        bytes.fromhex(live["cdc_key"]).decode() if live["cdc_key"] else None,
        _row(live["before"]),
        live["lo"],
        live["outcome"] == claims.FAILED,
    )


def _state(found: Mapping[str, Any]) -> State:
    return State(
        found["version"],
        found["outcome"],
        found["dig"].bytes if found["dig"] else None,
        found["same_key"],
        _row(found["before"]),
        found["moving"],
        found["met"],
    )


def _row(found: Mapping[str, Any] | None) -> LakeRow | None:
    if found is None or found["object"] is None:
        return None
    sequence, event_id = (bytes.fromhex(found[name]).decode() for name in ("seq", "eid"))
    return LakeRow(
        found["object"], found["line"], found["us"], found["ev"], found["dig"].bytes, event_id, sequence or None
    )
