from __future__ import annotations

import pytest

from tests.unit.tools.terraform.declarations import TABLES_IN_BLOCKS, declared
from tools.terraform.assignments import Assignment
from tools.terraform.variable_check import missing, unknown, unsuitable

DECLARED = (
    TABLES_IN_BLOCKS
    + """
variable "region" {
  type    = string
  default = "us-east-1"
}
variable "account_id" { type = string }
variable "size" { type = number }
"""
)


@pytest.fixture
def variables(tmp_path):
    return declared(tmp_path, DECLARED)


@pytest.mark.parametrize(
    ("assignment", "line"),
    [
        (Assignment("tabels", {}, "--var"), "tabels (--var): there is no such variable; did you mean tables?"),
        (
            Assignment("regon", "x", "lake.tfvars", {("regon",): 7}),
            "regon (lake.tfvars, line 7): there is no such variable; did you mean region?",
        ),
        (
            Assignment("shards", "2", "--var"),
            "shards (--var): there is no such variable; did you mean tables.NAME.stream.shards?",
        ),
        (
            Assignment("zzz", "2", "--var"),
            "zzz (--var): there is no such variable; there are: tables, region, account_id, size",
        ),
        (
            Assignment("tabels", "", "TF_VAR_tabels"),
            "TF_VAR_tabels: there is no variable tabels; did you mean TF_VAR_tables?",
        ),
    ],
)
def test_an_unknown_variable_is_told_with_its_source_and_the_nearest_name(variables, assignment, line):
    assert list(unknown(variables, [assignment])) == [line]


def test_an_environment_variable_of_another_project_or_environment_is_ignored_as_terraform_does(variables):
    given = [Assignment("zzz", "x", "TF_VAR_zzz"), Assignment("account_ids", "x", "TF_VAR_account_ids")]

    assert list(unknown(variables, given, elsewhere={"account_ids"})) == []
    assert len(list(unknown(variables, given))) == 1


def test_a_value_is_told_with_its_source_and_line(variables):
    lines = {("tables", "a", "shard"): 3}
    effective = {
        "tables": Assignment("tables", {"a": {"shard": 2}}, "lake.tfvars", lines),
        "size": Assignment("size", "x", "TF_VAR_size"),
        "unknown": Assignment("unknown", {}, "--var"),
    }

    assert list(unsuitable(variables, effective, {})) == [
        "tables.a.shard (lake.tfvars, line 3): there is no such setting; did you mean stream.shards?",
        'size (TF_VAR_size): needs a number, not the text "x"',
    ]


def test_the_old_name_of_a_setting_is_told_with_its_place(variables):
    effective = {"tables": Assignment("tables", {"a": {"shards": 2}}, "--var")}

    (line,) = unsuitable(variables, effective, {"tables": {"shards": "stream.shards"}})

    assert line == (
        "tables.a.shards (--var): there is no such setting: its place is stream.shards, "
        "written stream = { shards = ... }"
    )


@pytest.mark.parametrize("source", ["--var", "TF_VAR_region"])
def test_null_for_a_text_on_a_command_line_is_refused_because_terraform_takes_its_letters(variables, source):
    (line,) = unsuitable(variables, {"region": Assignment("region", "null", source)}, {})

    assert line.startswith(f'region ({source}): null is the text "null" there; leave the variable out')


def test_null_in_a_file_and_the_text_in_a_file_are_what_they_are(variables):
    for value in (None, "null"):
        assert list(unsuitable(variables, {"region": Assignment("region", value, "lake.tfvars.json")}, {})) == []


def test_what_must_be_set_and_is_not_is_missing(variables):
    assert missing(variables, {"size"}) == ["account_id"]
    assert missing(variables, {"size", "account_id"}) == []
