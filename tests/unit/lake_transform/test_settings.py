"""The settings come from the environment; a wrong one stops the function with one clear message."""

from __future__ import annotations

import hashlib

import pytest

from lake_transform.errors import SettingsError
from lake_transform.settings import Settings, from_environment
from lake_transform.table_settings import TableSettings

_FOR_TABLES = ("TABLE_SETTINGS_SHA256", "MASK_KEY")


@pytest.mark.parametrize(
    "environment",
    [
        {},
        dict.fromkeys(
            ("PATH_SEPARATOR", "LIST_FORMAT", "LOG_LEVEL", "TRANSFORM_HOOK", "NATIVE_CODE", *_FOR_TABLES), ""
        ),
    ],
)
def test_absent_or_empty_variables_have_defaults(environment):
    assert from_environment(environment) == Settings("__", "text", "INFO", None, native_code=True)


def test_every_variable_is_read():
    environment = {
        "PATH_SEPARATOR": "_0_",
        "LIST_FORMAT": "array",
        "LOG_LEVEL": "warning",
        "TRANSFORM_HOOK": "ours.privacy:mask",
        "NATIVE_CODE": "off",
    }

    assert from_environment(environment) == Settings("_0_", "array", "WARNING", "ours.privacy:mask", native_code=False)


def test_native_code_is_asked_for_by_name_too():
    assert from_environment({"NATIVE_CODE": "on"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PATH_SEPARATOR", "."),
        ("PATH_SEPARATOR", "A"),
        ("PATH_SEPARATOR", "_\n"),
        ("PATH_SEPARATOR", "_" * 17),
        ("LIST_FORMAT", "json"),
        ("LIST_FORMAT", "Array"),
        ("LOG_LEVEL", "LOUD"),
        ("TRANSFORM_HOOK", "module"),
        ("TRANSFORM_HOOK", "module:"),
        ("TRANSFORM_HOOK", ":function"),
        ("TRANSFORM_HOOK", "module:a.b"),
        ("TRANSFORM_HOOK", "module:function()"),
        ("NATIVE_CODE", "true"),
        ("NATIVE_CODE", "Off"),
    ],
)
def test_a_wrong_value_is_named_with_its_variable_in_one_line(name, value):
    with pytest.raises(SettingsError) as wrong:
        from_environment({name: value})

    message = str(wrong.value)
    assert message.startswith(f"{name} is ")
    assert "give" in message
    assert "\n" not in message


@pytest.fixture
def with_tables(tmp_path):
    """Reads the settings of a package that holds table settings; keyword arguments are environment variables."""

    def read(document, **variables):
        file = tmp_path / "table_settings.json"
        file.write_bytes(document)
        return from_environment({"TABLE_SETTINGS_SHA256": hashlib.sha256(document).hexdigest(), **variables}, file)

    return read


def test_tables_and_key_are_read(with_tables):
    settings = with_tables(b'{"orders":{"before":true,"rules":{"a.b":"hash"}}}', MASK_KEY="é" * 32)

    assert settings.tables == {"orders": TableSettings(before=True, rules={("a", "b"): "hash"})}
    assert settings.mask_key == ("é" * 32).encode()


def test_a_key_is_needed_for_hashes_alone(with_tables):
    document = b'{"a":{"before":true},"b":{"rules":{"x":"json","y":"text","z":"drop"}}}'

    assert with_tables(document).mask_key == b""


@pytest.mark.parametrize("variables", [{}, {"MASK_KEY": ""}])
def test_a_hash_without_key_is_refused_with_its_table(with_tables, variables):
    with pytest.raises(SettingsError) as wrong:
        with_tables(b'{"a":{"rules":{"x":"drop"}},"orders":{"rules":{"x":"json","y":"hash"}}}', **variables)

    assert str(wrong.value) == "MASK_KEY is not set, and table orders has a rule `hash`: give a key"


def test_no_error_tells_the_key(with_tables):
    for document in (b"[]", b'{"t":{"rules":{"":"hash"}}}', b'{"t":{"rules":{"a":"mask"}}}'):
        with pytest.raises(SettingsError) as wrong:
            with_tables(document, MASK_KEY="s3cr3t" * 6)
        assert "s3cr3t" not in str(wrong.value)
    with pytest.raises(SettingsError) as wrong:
        from_environment({"MASK_KEY": "s3cr3t" * 6, "LIST_FORMAT": "x"})
    assert "s3cr3t" not in str(wrong.value)
