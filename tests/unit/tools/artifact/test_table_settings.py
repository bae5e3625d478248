"""The tables' settings in the package are, byte for byte, what Terraform hashes of the same tables."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess

import pytest

from tools import paths
from tools.artifact import table_settings
from tools.terraform import tfvars

NAMES = ["a", "B", "Z_", "price", "é", "e\u0301\u0323", "名前", "\ufb01", "\ufffd", "😀", "a b", "a'b"]
ESCAPED = [
    'q"uote',
    r"back\\slash",
    r"dot\.name",
    "<a>&\u2028\u2029",
    "\b\f\n\r\t\x01\x1f\x7f",
    "$${x} %%{y}",
    "\u0000",
]
TABLES = {
    "orders": {"before": True, "rules": {f"{name}.x..y": {"as": "hash"} for name in [*NAMES, *ESCAPED]}},
    "Customers": {"before": "true", "existing": True, "stream": {"shards": 2}},
    "a.b-c_d": {"rules": {"x": {"as": "text"}, "y": {"as": "json"}, "z": {"as": "drop"}}},
    "plain": {"before": False, "rules": {}},
    "null": {"before": None, "rules": None},
}


@pytest.fixture
def of_terraform(tmp_path):
    """Returns the text that Terraform hashes, evaluated in the module's own words, for a variable file."""
    module = paths.MODULES / "transform"
    for name in ("variables-tables.tf", "table_settings.tf"):
        (tmp_path / name).write_text((module / name).read_text())

    def evaluate(file):
        done = subprocess.run(
            ["terraform", "console", f"-var-file={file}"],
            input="base64encode(jsonencode(local.table_settings))\n",
            cwd=tmp_path,
            env={**os.environ, "TF_VAR_mask_key": "k" * 32},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return base64.b64decode(json.loads(done.stdout))

    return evaluate


def hcl(value):
    """A value in Terraform's own notation, with every character of text as an escape."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{hcl(name)} = {hcl(each)}" for name, each in value.items()) + "}"
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(character):08x}" for character in value) + '"'
    return json.dumps(value)


@pytest.mark.parametrize("suffix", [".tfvars", ".tfvars.json"])
def test_the_files_bytes_are_those_that_terraform_hashes(tmp_path, of_terraform, suffix):
    file = tmp_path / f"given{suffix}"
    text = json.dumps({"tables": TABLES}) if suffix == ".tfvars.json" else f"tables = {hcl(TABLES)}\n"
    file.write_text(text)
    given = tfvars.given(tmp_path, [file], [], {})
    assert list(table_settings.problems(given["tables"])) == []

    made = table_settings.encode(table_settings.of_tables(given["tables"]))

    assert made == of_terraform(file)
    assert sorted(json.loads(made)) == ["Customers", "a.b-c_d", "orders"]


def test_names_that_are_written_plainly_in_a_file_are_read_as_terraform_reads_them(tmp_path, of_terraform):
    file = tmp_path / "given.tfvars"
    file.write_text(
        'tables = { orders = { before = true, rules = { email = { as = "hash" }, "a\\\\.b.é" = { as = "drop" }, '
        '"q\\"x" = { as = "json" }, "$${n}" = { as = "text" } } } }\n'
    )
    given = tfvars.given(tmp_path, [file], [], {})

    assert table_settings.encode(table_settings.of_tables(given["tables"])) == of_terraform(file)


@pytest.mark.parametrize("tables", [None, {}, "${var.x}", {"orders": {}}, {"orders": None}, {"orders": {"rules": {}}}])
def test_tables_without_settings_make_no_file(tables):
    assert table_settings.encode(table_settings.of_tables(tables)) is None


WRONG_PATHS = ["", ".", ".a", "a\\", "a\\b", "\\", "a.\\b", "a.b\\", "\ud800"]


@pytest.mark.parametrize("path", WRONG_PATHS)
def test_a_path_that_is_none_is_told(path):
    (found,) = table_settings.problems({"orders": {"rules": {path: {"as": "hash"}}}})

    assert found[0] == ("tables", "orders", "rules", path)
    assert found[1].startswith("this is no path: use attribute names joined by")


@pytest.mark.parametrize("path", ["a", "a.b", "a.", "a..b", r"a\.b", r"\.a", r"a\\", r"\\.a", "\n", "名前.x"])
def test_a_path_of_names_is_fine(path):
    assert list(table_settings.problems({"orders": {"rules": {path: {"as": "drop"}}}})) == []


@pytest.mark.parametrize("path", [path for path in WRONG_PATHS if path != "\ud800"] + ["a.", "a..b", r"a\\.b\.", "\n"])
def test_terraform_refuses_the_same_paths(tmp_path, path):
    module = (paths.MODULES / "transform" / "variables-tables.tf").read_text()
    (expression,) = set(re.findall(r'can\(regex\((".*"), path\)\)', module))
    question = f"can(regex({expression}, {hcl(path)}))\n"
    done = subprocess.run(
        ["terraform", "console"], input=question, cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == str(path not in WRONG_PATHS).lower()


@pytest.mark.parametrize("rule", [None, {}, {"as": None}, {"as": "mask"}, {"as": 1}, {"as": "HASH"}, "hash"])
def test_a_rule_that_is_none_is_told(rule):
    (found,) = table_settings.problems({"orders": {"rules": {"email": rule}}})

    assert found == (("tables", "orders", "rules", "email", "as"), "use one of json, text, hash, drop")


@pytest.mark.parametrize(
    ("table", "path", "is_key"),
    [
        ({}, "id", True),
        ({"key": {"hash_key": "pk", "range_key": "sk"}}, "pk", True),
        ({"key": {"hash_key": "pk", "range_key": "sk"}}, "sk", True),
        ({"key": {"hash_key": "pk"}}, "id", False),
        ({"key": {"range_key": None}}, "id", True),
        ({"key": {"hash_key": r"a.b\c"}}, r"a\.b\\c", True),
        ({"key": {"hash_key": "a.b"}}, "a.b", False),
        ({"key": {"hash_key": "é"}}, "e\u0301", True),
        ({"existing": True}, "id", False),
        ({"existing": "true"}, "id", False),
        ({}, "id.x", False),
        ({}, "ID", False),
    ],
)
def test_a_key_that_is_dropped_is_told_where_the_key_is_known(table, path, is_key):
    found = list(table_settings.problems({"orders": {**table, "rules": {path: {"as": "drop"}}}}))

    assert [each[0] for each in found] == ([("tables", "orders", "rules", path)] if is_key else [])
    assert list(table_settings.problems({"orders": {**table, "rules": {path: {"as": "hash"}}}})) == []


def test_the_rules_that_need_a_key_are_found():
    tables = {"a": {"rules": {"x": {"as": "hash"}, "y": {"as": "drop"}}}, "b": {"rules": {"z": {"as": "hash"}}}}

    assert table_settings.needing_key(tables) == [("a", "x"), ("b", "z")]
