from __future__ import annotations

import pytest

from tools.errors import LakeError
from tools.lake.backfill import last_rows


def test_the_last_row_of_each_item_counts_by_time_and_then_by_length_and_text_of_its_number():
    with last_rows.kept() as last:
        for key, order, is_removed in (
            ("by time", (2, 1, "1"), False),
            ("by time", (1, 2, "11"), True),
            ("by length", (1, 2, "11"), False),
            ("by length", (1, 1, "9"), True),
            ("by text", (1, 2, "11"), True),
            ("by text", (1, 2, "12"), False),
            ("removed", (1, 1, "1"), False),
            ("removed", (2, 1, "1"), True),
            ("left out", (1, 1, "1"), False),
        ):
            last.add(key, order, is_removed=is_removed)
        last.forget(["left out", "never there"])

        assert dict(last.there()) == {"by time": (2, 1, "1"), "by length": (1, 2, "11"), "by text": (1, 2, "12")}


def fill(pages):
    with last_rows.kept() as last:
        last._database.execute(f"PRAGMA max_page_count = {pages}")
        for number in range(10_000):
            last.add(f"key-{number}", (number, 0, ""), is_removed=False)


def test_a_disk_that_is_full_is_told():
    with pytest.raises(LakeError, match="set TMPDIR to another folder"):
        fill(pages=10)
