from __future__ import annotations

import json

import msgspec
import pytest

from tools.lake.erasure.column_match import ColumnMatch

EMAIL = "adam@example.com"
MAIL = ColumnMatch("contact__email", EMAIL)


def row(**columns):
    return msgspec.json.decode(json.dumps(columns), type=dict[str, msgspec.Raw])


@pytest.mark.parametrize(
    "columns",
    [
        {"contact__email": EMAIL},
        {"contact__email": [EMAIL, "b"]},
        {"contact__email": json.dumps([{"to": EMAIL}])},
        {"cdc_before": json.dumps({"Contact": {"email": EMAIL}})},
        {"cdc_before": json.dumps({"contact": {"email": [{"to": ["x", EMAIL]}]}})},
        {"cdc_overflow": json.dumps({"Contact__Email": EMAIL})},
    ],
    ids=["column", "array", "list as text", "before", "list before", "overflow"],
)
def test_a_value_is_found_wherever_the_column_can_be(columns):
    assert MAIL(row(**columns))


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"contact__email": f"x{EMAIL}"},
        {"other": EMAIL, "cdc_before": json.dumps({"other": EMAIL}), "cdc_overflow": "no json"},
        {"contact__email": json.dumps({EMAIL: 1})},
    ],
    ids=["absent", "longer", "another column", "a name"],
)
def test_what_is_another_value_or_column_is_not_found(columns):
    assert not MAIL(row(**columns))


@pytest.mark.parametrize(("literal", "value"), [("1.50", "1.50"), ("true", "true"), ('"7"', "7")])
def test_a_value_is_written_as_the_line_has_it(literal, value):
    line = msgspec.json.decode(f'{{"n":{literal}}}'.encode(), type=dict[str, msgspec.Raw])
    assert ColumnMatch("n", value)(line)
