"""Change record -> line, and exported item -> line: the whole transform, without AWS around it."""

from __future__ import annotations

from sys import getrefcount
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
import orjson

from lake_transform import hook, instants, literals
from lake_transform.change import Change, decode_change, decode_item
from lake_transform.columns import Columns
from lake_transform.errors import RecordError
from lake_transform.flatten import Flattener
from lake_transform.keys import key_text, keys_of
from lake_transform.values import ABSENCES, ABSENT, AttributeValue, Tally, check_types, may_hold_two_types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lake_transform.flatten import Row
    from lake_transform.settings import Settings

_OPTIONS: Final = orjson.OPT_APPEND_NEWLINE
_TOO_DEEP: Final = "nested too deeply, or text that is not Unicode"


class Line(msgspec.Struct, gc=False):
    """One line of the lake.

    Attributes:
        data: the line, ended by a newline; None if the hook dropped it.
        overflowed: how many values of the item could not have a column of their own.
    """

    data: bytes | None
    overflowed: int


class Transform:
    """Makes lines by one set of settings. It remembers column names, so make one and keep it; not for two threads."""

    def __init__(self, settings: Settings) -> None:
        """Prepares to transform.

        Raises:
            SettingsError: the hook cannot be imported.
        """
        self.columns: Final = Columns(settings.path_separator)
        self._hook: Final = hook.load(settings.hook) if settings.hook else None
        number = literals.Number if self._hook else orjson.Fragment
        self._flattener: Final = Flattener(self.columns, settings.list_format, number)

    def change(
        self, document: bytes, *, sequence_number: str | None = None, unchecked: list[str] | None = None
    ) -> Line:
        """Makes the line of one change record.

        Args:
            document: the change record as DynamoDB wrote it, JSON in UTF-8.
            sequence_number: the record's sequence number in the Kinesis stream, if it is known.
            unchecked: checking the numbers of many records at once is faster. Given a list, this adds the record's
                literals to it instead of checking them, and the line is good only if `literals.check` finds them so.
                With a hook they are checked here all the same, because the hook comes after the check. Only one thread
                of the process may decode records meanwhile, see `values.ABSENCES`.

        Raises:
            RecordError: the record cannot become a line.
        """
        values_before, absences_before = getrefcount(AttributeValue), getrefcount(ABSENT)
        change = decode_change(document)
        images = change.images
        keys = images.keys
        is_removal = change.event == "REMOVE"
        image = change.image if is_removal else images.new_image or keys
        instant = instants.microseconds(images.creation_time, images.precision)
        row: Row = {
            "cdc_event": change.event,
            "cdc_event_id": change.event_id,
            "cdc_table": change.table_name or change.table,
            "cdc_changed_at": instants.text(instant),
            "cdc_changed_at_us": instant,
            "cdc_sequence_number": sequence_number,
            "cdc_key": key_text(keys),
            "cdc_ttl": is_removal and change.is_ttl,
        }
        tally = Tally([])
        try:
            overflowed = self._flattener.fill(row, image, tally)
            if unchecked is None or is_removal:
                doubtful = may_hold_two_types(document)
            else:
                # All values that were decoded have been walked: those of the image, and those of the key if it is
                # another. (A removal may come with a new image, which nobody walks.)
                values = tally.values if image is keys else tally.values + len(keys)
                doubtful = (
                    getrefcount(AttributeValue) - values_before != values
                    or getrefcount(ABSENT) - absences_before != ABSENCES * values
                )
            if doubtful:
                check_types(keys.values())
                check_types(image.values())
            if unchecked is None or self._hook is not None:
                return self._checked_line(row, overflowed, tally, change)
            unchecked += tally.literals
            return Line(orjson.dumps(row, option=_OPTIONS), overflowed)
        except (orjson.JSONEncodeError, RecursionError):
            raise RecordError(_TOO_DEEP) from None

    def item(self, line: bytes, *, table: str, key_names: Sequence[str], snapshot_id: str, instant: int) -> Line:
        """Makes the line of one item of a table export, a SNAPSHOT row.

        Args:
            line: the export's line, `{"Item": {...}}`, JSON in UTF-8.
            table: the table's name.
            key_names: the attributes of the table's primary key.
            snapshot_id: the export's identity; with the key it makes the row's `cdc_event_id`, so that a backfill that
                runs twice writes the same rows twice.
            instant: when the export was taken, in microseconds since the epoch.

        Raises:
            RecordError: the item cannot become a line.
        """
        image = decode_item(line)
        key = key_text(keys_of(image, key_names))
        row: Row = {
            "cdc_event": "SNAPSHOT",
            "cdc_event_id": f"{snapshot_id}:{key}",
            "cdc_table": table,
            "cdc_changed_at": instants.text(instant),
            "cdc_changed_at_us": instant,
            "cdc_sequence_number": None,
            "cdc_key": key,
            "cdc_ttl": False,
        }
        tally = Tally([])
        try:
            return self._checked_line(row, self._flattener.fill(row, image, tally), tally, None)
        except (orjson.JSONEncodeError, RecursionError):
            raise RecordError(_TOO_DEEP) from None

    def _checked_line(self, row: Row, overflowed: int, tally: Tally, change: Change | None) -> Line:
        literals.check(tally.literals)
        finished = cast("dict[str, Any]", row)
        if self._hook is not None:
            changed = hook.apply(self._hook, finished, change)
            if changed is None:
                return Line(None, overflowed)
            finished = changed
        return Line(orjson.dumps(finished, option=_OPTIONS), overflowed)
