from __future__ import annotations

import pytest

from tools.errors import UsageError
from tools.sizing import usage
from tools.sizing.usage import Lake, Usage, Workload

WHOLE = Usage({"orders": Workload(writes_per_second=2, item_bytes=900, peak_over_mean=3)}, Lake(kept_months=6))


def test_what_is_written_is_read_as_it_was(tmp_path):
    (tmp_path / "usage.yaml").write_text(usage.written(WHOLE))

    assert usage.read(tmp_path / "usage.yaml") == WHOLE


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tables: {orders: {writes: 3}}", "unknown field `writes`"),
        ("tables: {orders: {update_share: 1.5}}", r"<= 1\.0.*update_share"),
        ("tables: {orders: {writes_per_second: many}}", "Expected `float"),
        ("tables: {orders: {writes_per_second: .inf}}", "<= "),
        ("tables: {orders: {writes_per_second: .nan}}", ">= "),
        ("tables: {orders: {peak_over_mean: 0.5}}", r">= 1\.0"),
        ("tables: [", "is not YAML"),
        ("- a", "Expected `object`"),
    ],
)
def test_a_file_that_is_none_says_what_is_wrong_and_where(tmp_path, text, says):
    (tmp_path / "usage.yaml").write_text(text)

    with pytest.raises(UsageError, match=says):
        usage.read(tmp_path / "usage.yaml")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"none\.yaml cannot be read"):
        usage.read(tmp_path / "none.yaml")
