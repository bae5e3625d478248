"""Change record -> line, and exported item -> line: the whole transform, without AWS around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import msgspec
import orjson

from lake_transform import hook, instants, literals, metadata
from lake_transform.change import HookChange, decode_change, decode_item
from lake_transform.columns import Columns
from lake_transform.errors import RecordError
from lake_transform.flatten import Flattener
from lake_transform.keys import key_attributes, key_text
from lake_transform.rules import Rules
from lake_transform.shapes import Shapes
from lake_transform.values import AttributeValue, check_types, json_text, may_have_two_types, plain_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lake_transform.flatten import Row
    from lake_transform.settings import Settings

_LINE_OPTIONS: Final = orjson.OPT_APPEND_NEWLINE
_UNWRITABLE: Final = (orjson.JSONEncodeError, RecursionError, UnicodeEncodeError)
_TOO_DEEP: Final = "nested too deeply, or text that is not Unicode"


class Line(msgspec.Struct, gc=False):
    """One line of the lake.

    Attributes:
        data: the line, ended by a newline; None if the hook dropped it.
        overflowed: how many values of the item could not have a column of their own.
    """

    data: bytes | None
    overflowed: int


class _Table(NamedTuple):
    before: bool
    rules: Rules | None


_ORDINARY: Final = _Table(before=False, rules=None)


class Transform:
    """Makes lines with fixed settings.

    It remembers column names, so make one and use it for all records. One thread at a time may use it.
    """

    def __init__(self, settings: Settings, shapes: Shapes | None = None) -> None:
        """Prepares to transform.

        Args:
            settings: how to flatten.
            shapes: counts the columns of each row.

        Raises:
            SettingsError: the hook cannot be imported.
        """
        self.columns: Final = Columns(settings.path_separator)
        number = literals.number if settings.hook else orjson.Fragment
        self._flattener: Final = Flattener(self.columns, settings.list_format, number)
        self._shapes: Final = shapes or Shapes()
        self._hooked_rows: Final = hook.HookedRows(hook.load(settings.hook), self._shapes) if settings.hook else None
        self._has_arrays: Final = settings.list_format == "array"
        self._tables: Final = {
            name: _Table(table.before, Rules(table.rules, settings.mask_key) if table.rules else None)
            for name, table in settings.tables.items()
        }

    def change(
        self, document: bytes, *, sequence_number: str | None = None, unchecked: list[str] | None = None
    ) -> Line:
        """Makes the line of one change record.

        Args:
            document: the change record as DynamoDB wrote it, JSON in UTF-8.
            sequence_number: the record's sequence number in the Kinesis stream, if it is known.
            unchecked: a list for the literals of the record's numbers, because checking the numbers of many records
                together is faster. If it is given, the literals are added to it and not checked here: the line is valid
                only if `literals.check` accepts them. With a hook they are checked here all the same, because the hook
                must not see a number that is none.

        Raises:
            RecordError: the record cannot become a line.
        """
        change = decode_change(document)
        images = change.images
        keys = images.keys
        is_removal = change.event == "REMOVE"
        image = change.image if is_removal else images.new_image or keys
        instant = instants.microseconds(images.creation_time, images.precision)
        table_name = change.table_name or change.table
        table = self._tables.get(table_name, _ORDINARY)
        old_image = change.old_image if table.before and change.event == "MODIFY" else None
        numbers: list[str] = []
        try:
            if may_have_two_types(document):
                check_types(keys.values())
                check_types(image.values())
                check_types((old_image or {}).values())
            if table.rules is not None:
                keys = table.rules.apply_to_key(keys)
                image = table.rules.apply(image, numbers)
                old_image = None if old_image is None else table.rules.apply(old_image, numbers)
            row = metadata.first_columns(
                event=change.event,
                event_id=change.event_id,
                table=table_name,
                instant=instant,
                sequence_number=sequence_number,
                key=key_text(keys),
                is_ttl=is_removal and change.is_ttl,
            )
            overflowed = self._flattener.add_columns(row, image, numbers)
            if old_image is not None:
                row[metadata.BEFORE] = json_text(plain_value(AttributeValue(M=old_image), numbers))
            if unchecked is None or self._hooked_rows is not None:
                seen_by_hook = HookChange(change, table.rules) if self._hooked_rows else None
                return self._checked_line(row, overflowed, numbers, seen_by_hook)
            unchecked += numbers
            self._shapes.add_row(row)
            return Line(orjson.dumps(row, option=_LINE_OPTIONS), overflowed)
        except _UNWRITABLE:
            raise RecordError(_TOO_DEEP) from None

    def hooked(self, line: bytes, document: bytes) -> Line:
        """Makes the line of a change record anew, as the hook changes the row of the line that native code wrote.

        Args:
            line: the line that native code wrote for a hook.
            document: the change record.

        Raises:
            RecordError: the hook raised, or did not return a row.
        """
        if self._hooked_rows is None:
            return Line(line, 0)
        row = hook.row_of(line)
        # A hook can change an array in its place, so arrays are looked at again.
        known = {} if self._has_arrays else row.copy()
        change = HookChange(document, self._tables.get(row[metadata.TABLE], _ORDINARY).rules)
        try:
            return Line(self._hooked_rows.line(row, change, known), 0)
        except _UNWRITABLE:
            raise RecordError(_TOO_DEEP) from None

    def item(self, line: bytes, *, table: str, key_names: Sequence[str], snapshot_id: str, instant: int) -> Line:
        """Makes the line of one item of a table export, a SNAPSHOT row.

        Args:
            line: the export's line, `{"Item": {...}}`, JSON in UTF-8.
            table: the table's name.
            key_names: the attributes of the table's primary key.
            snapshot_id: the export's identity. The row's `cdc_event_id` is made of it and the key, so a backfill that
                runs twice writes rows with the same identities.
            instant: time of the export in microseconds since the epoch.

        Raises:
            RecordError: the item cannot become a line.
        """
        image = decode_item(line)
        keys = key_attributes(image, key_names)
        rules = self._tables.get(table, _ORDINARY).rules
        numbers: list[str] = []
        try:
            if rules is not None:
                keys, image = rules.apply_to_key(keys), rules.apply(image, numbers)
            key = key_text(keys)
            row = metadata.first_columns(
                event="SNAPSHOT",
                event_id=f"{snapshot_id}:{key}",
                table=table,
                instant=instant,
                sequence_number=None,
                key=key,
                is_ttl=False,
            )
            return self._checked_line(row, self._flattener.add_columns(row, image, numbers), numbers, None)
        except _UNWRITABLE:
            raise RecordError(_TOO_DEEP) from None

    def _checked_line(self, row: Row, overflowed: int, numbers: list[str], change: HookChange | None) -> Line:
        """Checks the numbers, calls the hook if there is one, and encodes the row."""
        literals.check(numbers)
        finished = cast("dict[str, Any]", row)
        if self._hooked_rows is not None:
            return Line(self._hooked_rows.line(finished, change, {}), overflowed)
        self._shapes.add_row(finished)
        return Line(orjson.dumps(finished, option=_LINE_OPTIONS), overflowed)
