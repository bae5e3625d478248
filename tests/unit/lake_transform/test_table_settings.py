"""Settings of tables are read as the package holds them, and refused if they are not those of the deployment."""

from __future__ import annotations

import hashlib
import json
import sys
import unicodedata

import pytest

from lake_transform import table_settings
from lake_transform.errors import SettingsError
from lake_transform.table_settings import TableSettings, from_package, has_other_spellings, parse_path, read

_DOCUMENT = b'{"orders":{"before":true,"rules":{"card.number":"drop"}}}'
_TABLES = {"orders": TableSettings(before=True, rules={("card", "number"): "drop"})}


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "table_settings.json"
    file.write_bytes(_DOCUMENT)
    return file


def _variables(document):
    return {"TABLE_SETTINGS_SHA256": hashlib.sha256(document).hexdigest()}


def test_the_settings_of_the_package_are_taken_if_the_deployment_names_them(file):
    assert from_package(_variables(_DOCUMENT), file) == _TABLES


@pytest.mark.parametrize("variables", [{}, {"TABLE_SETTINGS_SHA256": ""}])
def test_a_package_without_settings_needs_no_variable(tmp_path, variables):
    assert from_package(variables, tmp_path / "absent.json") == {}


def test_the_file_lies_beside_the_code():
    assert table_settings.FILE.name == "table_settings.json"
    assert table_settings.FILE.parent.joinpath("table_settings.py").is_file()
    assert not table_settings.FILE.exists()


@pytest.mark.parametrize(
    "variables", [{}, {"TABLE_SETTINGS_SHA256": ""}, _variables(b"{}"), _variables(_DOCUMENT[:-1])]
)
def test_a_package_that_was_built_for_other_settings_is_refused(file, variables):
    with pytest.raises(SettingsError) as refused:
        from_package(variables, file)

    message = str(refused.value)
    assert hashlib.sha256(_DOCUMENT).hexdigest() in message
    assert f"TABLE_SETTINGS_SHA256 is {variables.get('TABLE_SETTINGS_SHA256') or 'not set'}: build" in message
    assert "python -m tools.build" in message
    assert "\n" not in message


def test_a_package_without_the_settings_of_the_deployment_is_refused(tmp_path):
    with pytest.raises(SettingsError, match=r"^the package holds table settings with SHA-256 \(none\), and TABLE_"):
        from_package(_variables(_DOCUMENT), tmp_path / "absent.json")


@pytest.mark.parametrize(
    ("document", "tables"),
    [
        (b"{}", {}),
        (b'{"orders":{}}', {"orders": TableSettings()}),
        (b'{"orders":{"before":true}}', {"orders": TableSettings(before=True, rules={})}),
        (
            b'{"a":{"rules":{"x":"json","y.z":"text"}},"b":{"rules":{"x":"hash"}}}',
            {
                "a": TableSettings(rules={("x",): "json", ("y", "z"): "text"}),
                "b": TableSettings(rules={("x",): "hash"}),
            },
        ),
        (
            rb'{"a":{"rules":{"\u003ca\u003e\u0026\u2028":"drop"}}}',
            {"a": TableSettings(rules={("<a>&\u2028",): "drop"})},
        ),
    ],
)
def test_each_member_is_read_and_each_has_a_default(document, tables):
    assert read(document) == tables


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (b"", "the table settings are no JSON: "),
        (b"{", "the table settings are no JSON: "),
        (b"[]", "the table settings are no object"),
        (b'{"t":[]}', "the settings of table t are not an object of before, rules"),
        (b'{"t":{"rule":{}}}', "the settings of table t are not an object of before, rules"),
        (b'{"t":{"before":"true"}}', "the settings of table t: before is a boolean, rules an object"),
        (b'{"t":{"before":null}}', "the settings of table t: before is a boolean, rules an object"),
        (b'{"t":{"rules":[]}}', "the settings of table t: before is a boolean, rules an object"),
        (b'{"t":{"rules":{"a":"mask"}}}', "the rule a of table t is 'mask': give one of json, text, hash, drop"),
        (b'{"t":{"rules":{"a":null}}}', "the rule a of table t is None: give one of json, text, hash, drop"),
        (b'{"t":{"rules":{"a":{"as":"drop"}}}}', "the rule a of table t is {'as': 'drop'}: give one of"),
        (b'{"t":{"rules":{"":"drop"}}}', "the rule '' names no attribute"),
        (b'{"t":{"rules":{".a":"drop"}}}', "the rule '.a' names no attribute"),
    ],
)
def test_what_are_no_settings_is_refused_with_the_table_and_the_rule(document, message):
    with pytest.raises(SettingsError) as refused:
        read(document)

    assert str(refused.value).startswith(message)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("email", ("email",)),
        ("card.number", ("card", "number")),
        ("a.b.c", ("a", "b", "c")),
        (r"a\.b", ("a.b",)),
        (r"a\\", ("a\\",)),
        (r"a\\.b", ("a\\", "b")),
        (r"a\\\.b", ("a\\.b",)),
        (r"\..\\", (".", "\\")),
        ("a.", ("a", "")),
        ("a..b", ("a", "", "b")),
        ("a b-c/名[0]*", ("a b-c/名[0]*",)),
        (" ", (" ",)),
    ],
)
def test_a_path_is_names_joined_by_dots(text, path):
    assert parse_path(text) == path


@pytest.mark.parametrize("names", [(r"a.b\c", ""), ("\\", ".", "x"), ("\\.",), (".\\.", "\\\\")])
def test_every_path_can_be_written(names):
    text = ".".join(name.replace("\\", r"\\").replace(".", r"\.") for name in names)

    assert parse_path(text) == names


@pytest.mark.parametrize("text", ["\\", r"a\b", "a\\", r"a.\n", "a\\\\\\"])
def test_a_backslash_before_anything_else_is_refused(text):
    with pytest.raises(SettingsError) as refused:
        parse_path(text)

    assert str(refused.value) == rf"the rule {text}: a backslash stands before a dot or a backslash: \. or \\"


def test_every_name_that_others_are_normalized_to_is_known_to_have_other_spellings():
    characters = [chr(point) for point in range(sys.maxunicode + 1) if not 0xD800 <= point < 0xE000]
    forms = {unicodedata.normalize("NFC", each) for each in characters if not each.isascii()}

    assert all(has_other_spellings(form) for form in forms)


@pytest.mark.parametrize("name", ["email", "a.b", "k", "", "byUser", "x" * 255])
def test_ordinary_names_have_one_spelling(name):
    assert not has_other_spellings(name)


def test_settings_as_terraform_writes_them_are_read_back():
    rules = {'a"b': "json", "<>&\u2028\u2029": "text", "é": "hash", r"x\.y": "drop"}
    text = json.dumps({"t": {"rules": rules}}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")

    assert read(text.encode()) == {"t": TableSettings(rules={parse_path(path): kind for path, kind in rules.items()})}
