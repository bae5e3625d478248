from __future__ import annotations

import pytest

from tools.terraform import hcl
from tools.terraform.hcl import Expression, HclError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("1.5", 1.5),
        ('"3"', "3"),
        ("true", True),
        ('"true"', "true"),
        ("null", None),
        ("(7)", 7),
        ("[]", []),
        ('[1, "a", null,]', [1, "a", None]),
        ("{}", {}),
        ('{ a = 1, "b.c" : { d = [] } }', {"a": 1, "b.c": {"d": []}}),
        ('{ ("a") = 1, 2 = 3, true = 4 }', {"a": 1, "2": 3, "true": 4}),
        ("{\n  # one\n  a = 1 // two\n\n  /* three */\n  b = 2\n}", {"a": 1, "b": 2}),
        (r'"\"\\ \n\té☃ $${x} %%{y} 100% $5"', '"\\ \n\té☃ ${x} %{y} 100% $5'),
        ("<<EOT\n  a \\n\n  b\nEOT", "  a \\n\n  b\n"),
        ("<<-EOT\n    a\n      b\n    EOT", "a\n  b\n"),
    ],
)
def test_a_literal_value_is_read_as_terraform_reads_it(text, value):
    found = hcl.parse(f"x = {text}\n").values["x"]

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        '"${1 + 1}"',
        '"%{ if true }x%{ endif }"',
        "1 + 2",
        "true ? 1 : 2",
        "[for x in [1] : x]",
        '{ for n in ["a"] : n => 1 }',
        'upper("x")',
        "[1][0]",
        "<<EOT\n${1}\nEOT",
        "-(true)",
        "!true",
        "region",
        '{ ("${1}") = 2 }',
    ],
)
def test_what_must_be_evaluated_is_an_expression(text):
    assert isinstance(hcl.parse(f"x = {text}\n").values["x"], Expression)


def test_an_expression_inside_leaves_the_rest_readable():
    found = hcl.parse("x = { a = 1 + 1, b = 2 }").values["x"]

    assert found == {"a": Expression("1 + 1"), "b": 2}


def test_every_value_has_its_line():
    document = hcl.parse("# first\na = 1\nb = {\n  c = [\n    1,\n    { d = 2 }\n  ]\n}\n")

    assert document.lines == {
        ("a",): 2,
        ("b",): 3,
        ("b", "c"): 4,
        ("b", "c", 0): 5,
        ("b", "c", 1): 6,
        ("b", "c", 1, "d"): 6,
    }


def test_an_empty_text_sets_nothing():
    assert hcl.parse("").values == {}
    assert hcl.parse("# nothing\n").values == {}


def test_a_block_has_no_place_among_values():
    with pytest.raises(HclError, match="block has no place here") as caught:
        hcl.parse("a = 1\nb {\n}\n")
    assert caught.value.line == 2


def test_a_notation_that_is_not_understood_is_told_with_its_line():
    with pytest.raises(HclError, match="cannot read this notation") as caught:
        hcl.parse("a = 1\nb = ]\n")
    assert caught.value.line == 2


def test_blocks_of_another_kind_are_left_out():
    text = 'variable "a" {\n  type = string\n}\nlocals {\n  b = 1\n}\noutput "c" {\n  value = 1\n}\n'

    (block,) = hcl.blocks(text, "variable")

    assert block.label == "a"
    assert list(block.attributes) == ["type"]
