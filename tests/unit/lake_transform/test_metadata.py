"""The metadata columns are the same in the list, in the README, in native code and in every line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lake_transform import metadata
from lake_transform.settings import Settings
from lake_transform.table_settings import TableSettings
from lake_transform.transform import Transform
from tests.unit.lake_transform import reading_back
from tests.unit.lake_transform.both_paths import needs_native_code
from tests.unit.lake_transform.legal_items import change, encoded

_LAMBDA = Path(__file__).parents[3] / "lambda"
_README = _LAMBDA / "lake_transform" / "README.md"
_ZIG = _LAMBDA / "native" / "metadata.zig"
_IN_EVERY_ROW = [column.name for column in metadata.COLUMNS if column.presence != "optional"]
_VALUES = {"string": str, "bigint": int, "boolean": bool}


def test_the_readme_lists_each_column_with_its_type_presence_and_meaning():
    rows = re.findall(r"^\| `(cdc_\w+)` \| (\w+) \| (\w+) \| (.+) \|$", _README.read_text(), re.MULTILINE)

    assert rows == [tuple(column) for column in metadata.COLUMNS]


def test_native_code_lists_the_columns_of_every_row_in_the_same_order():
    source = _ZIG.read_text()
    (names,) = re.findall(r"pub const Column = enum \{([^}]*)\}", source)

    assert re.findall(r"\w+", names) == _IN_EVERY_ROW
    assert f'pub const prefix = "{metadata.PREFIX}";' in source


@needs_native_code
def test_the_compiled_library_writes_the_columns_of_every_row_in_the_same_order(both):
    line = json.loads(both.native_line(encoded(change({"id": {"S": "1"}}))))

    assert [name for name in line if name.startswith(metadata.PREFIX)] == _IN_EVERY_ROW


def test_every_name_starts_with_the_prefix_and_two_columns_are_optional():
    optional = [column.name for column in metadata.COLUMNS if column.presence == "optional"]

    assert all(column.name.startswith(metadata.PREFIX) for column in metadata.COLUMNS)
    assert optional == [metadata.OVERFLOW, metadata.BEFORE]
    assert tuple(_IN_EVERY_ROW) == reading_back.CHANGE_COLUMNS
    assert tuple(optional) == reading_back.OPTIONAL_COLUMNS


_IMAGES = {
    "ApproximateCreationDateTime": 1_700_000_000_123_456,
    "Keys": {"id": {"S": "1"}},
    "NewImage": {"id": {"S": "1"}, "ID": {"S": "2"}},
    "OldImage": {"id": {"S": "1"}},
}


@pytest.mark.parametrize("sequence_number", [None, "49640"])
def test_every_value_has_the_type_of_its_column_and_is_null_only_where_it_can_be(read_line, sequence_number):
    transform = Transform(Settings(tables={"orders": TableSettings(before=True)}))
    document = encoded(change({"id": {"S": "1"}}, "MODIFY") | {"dynamodb": _IMAGES})
    item = encoded({"Item": _IMAGES["NewImage"]})
    snapshot = {"table": "orders", "key_names": ["id"], "snapshot_id": "s", "instant": 0}
    all_columns = [column.name for column in metadata.COLUMNS]
    for line, expected in (
        (transform.change(document, sequence_number=sequence_number), all_columns),
        (transform.item(item, **snapshot), [name for name in all_columns if name != metadata.BEFORE]),
    ):
        row = read_line(line.data)
        assert [name for name in row if name.startswith(metadata.PREFIX)] == expected
        for column in metadata.COLUMNS:
            if column.name not in expected:
                continue
            value = row[column.name]
            assert type(value) is _VALUES[column.type] or (value is None and column.presence == "nullable")
