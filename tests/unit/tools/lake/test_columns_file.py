from __future__ import annotations

import json

import pytest

from tools.errors import LakeError, UsageError
from tools.lake import columns_file


def test_a_file_is_flat_sorted_and_ended_by_a_newline(tmp_path):
    file = columns_file.write(tmp_path / "columns", "orders", {"b": "string", "a": "decimal(38,2)"})

    assert file == tmp_path / "columns" / "orders.json"
    assert file.read_bytes() == b'{\n  "a": "decimal(38,2)",\n  "b": "string"\n}\n'
    assert file.stat().st_mode & 0o777 == 0o644
    assert columns_file.read(tmp_path / "columns", "orders") == {"a": "decimal(38,2)", "b": "string"}


def test_without_a_file_nothing_is_declared(tmp_path):
    assert columns_file.read(tmp_path, "orders") == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "not a JSON object"),
        ('{"a":', "not JSON"),
        ('{"a": {"type": "string"}}', "type of a"),
        ('{"A": "string"}', "'A'"),
        ('{"cdc_key": "string"}', "cdc_key"),
        (json.dumps({"a" * 256: "string"}), "aaaa"),
    ],
)
def test_a_file_that_terraform_would_refuse_is_refused_with_its_name(tmp_path, text, said):
    (tmp_path / "orders.json").write_text(text)

    with pytest.raises(UsageError, match=r"orders\.json") as refused:
        columns_file.read(tmp_path, "orders")
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "columns").write_text("")

    with pytest.raises(LakeError, match=r"orders\.json cannot be written"):
        columns_file.write(tmp_path / "columns", "orders", {})


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a1_b", True), ("A", False), ("_a", False), ("1a", False), ("cdc_x", False), ("a-b", False), ("", False)],
)
def test_columns_are_those_that_the_function_makes(name, expected):
    from lake_transform.columns import is_column

    assert columns_file.is_column(name) is expected
    assert columns_file.is_column(name) is (is_column(name) and not name.startswith("cdc_"))
