"""The settings come from the environment; a wrong one stops the function with one clear message."""

from __future__ import annotations

import pytest

from lake_transform.errors import SettingsError
from lake_transform.settings import Settings, from_environment

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
