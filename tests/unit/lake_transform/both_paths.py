"""Native code and Python side by side, and change records to try them on."""

from __future__ import annotations

import pytest

from lake_transform.errors import RecordError
from lake_transform.one_pass import OnePass
from lake_transform.settings import Settings
from lake_transform.shapes import Shapes
from lake_transform.transform import Transform
from tests.unit.lake_transform import native_library
from tests.unit.lake_transform.legal_items import change, encoded

DECLINED = b""
DEEPEST = 40
MOST_NAMES = 4_096
SETTINGS = [
    {"path_separator": separator, "list_format": list_format}
    for separator in ("__", "_", "0")
    for list_format in ("text", "array")
]

needs_native_code = pytest.mark.skipif(native_library.path() is None, reason="native code is compiled for Linux alone")


class Both:
    """Native code and Python with the same settings, each with its own count of columns."""

    def __init__(self, **settings):
        chosen = Settings(**settings)
        self.native_shapes = Shapes()
        self.python_shapes = Shapes()
        self.native = OnePass(native_library.path(), chosen, self.native_shapes)
        self.transform = Transform(chosen, self.python_shapes)

    def native_line(self, document, number=""):
        (line,) = self.native.lines([document], [number])
        return line

    def python_line(self, document, number=""):
        try:
            return self.transform.change(document, sequence_number=number or None)
        except RecordError:
            return None

    def agree(self, document, number=""):
        """Says whether native code declined the record, or wrote what Python writes of it."""
        line = self.native_line(document, number)
        if line == DECLINED:
            return True
        expected = self.python_line(document, number)
        return expected is not None and (expected.data, expected.overflowed) == (line, 0)


def changed(document=None, **images):
    """Returns a change record whose images are replaced by those given."""
    document = document or change({"id": {"S": "1"}, "a": {"S": "x"}})
    document["dynamodb"] |= images
    return encoded(document)


def with_image(text):
    """Returns a change record whose new image is spelled like this."""
    return changed(NewImage="@").replace(b'"@"', text)


def nested(depth, tag, value=None):
    """Returns a value inside `depth` maps (M) or lists (L)."""
    value = value or {"S": "x"}
    for _ in range(depth):
        value = {"M": {"a": value}} if tag == "M" else {"L": [value]}
    return value
