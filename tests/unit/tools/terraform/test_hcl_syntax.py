from __future__ import annotations

import os

import pytest

from tools.errors import LakeError
from tools.terraform import hcl_syntax
from tools.terraform.hcl import HclError

TWO_ERRORS = """\
There are some problems with the CLI configuration:
╷
│ Warning: Unable to open CLI configuration file
│
╵

Error: Invalid multi-line string

  on <stdin> line 2:
   2:  password = "secret
   3: }

Quoted strings may not be split over multiple lines. To produce a multi-line
string, use the "heredoc" syntax.


Error: Unterminated template string

  on <stdin> line 2:
   2:  password = "secret
"""


def test_the_first_error_is_told_with_its_line_and_without_the_text_around_it():
    error = hcl_syntax.read_failure(TWO_ERRORS)

    assert isinstance(error, HclError)
    assert error.line == 2
    assert str(error) == (
        "Invalid multi-line string: Quoted strings may not be split over multiple lines. "
        'To produce a multi-line string, use the "heredoc" syntax.'
    )


def test_a_failure_that_is_not_about_the_text_is_terraforms():
    error = hcl_syntax.read_failure("╷\n│ Error: Failed to load plugin schemas\n╵\n")

    assert isinstance(error, LakeError)
    assert "Failed to load plugin schemas" in str(error)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = [1 2]\n", 1),
        ("a = { b = 1 c = 2 }\n", 1),
        ("a = 1 b = 2\n", 1),
        ("a = 1\na = 2\n", 2),
        ('a = 1\nb = "x\n', 2),
        ("a = {\n  b =\n}\n", 2),
    ],
)
def test_terraform_judges_notation_that_the_parser_alone_would_let_pass_or_hang_on(text, line):
    with pytest.raises(HclError) as caught:
        hcl_syntax.check(text, os.environ)
    assert caught.value.line == line


def test_options_of_the_users_for_fmt_change_nothing():
    hcl_syntax.check("a   =  1\n", {**os.environ, "TF_CLI_ARGS_fmt": "-check -no-such-option"})


def test_without_terraform_the_refusal_says_so():
    with pytest.raises(LakeError, match="terraform is not on PATH"):
        hcl_syntax.check("a = 1\n", {"PATH": "/no/such/folder"})
