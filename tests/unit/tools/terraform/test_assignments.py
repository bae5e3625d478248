from __future__ import annotations

import pytest

from tests.unit.tools.terraform.declarations import declared
from tools.terraform import assignments
from tools.terraform.hcl import HclError

DECLARED = """
variable "text" { type = string }
variable "tables" { type = map(object({ shards = optional(number) })) }
variable "free" { type = any }
"""


@pytest.fixture
def variables(tmp_path):
    return declared(tmp_path, DECLARED)


def read(variables, files=(), pairs=(), environ=None, syntax=lambda _text: None):
    return assignments.read(variables, files=files, pairs=pairs, environ=environ or {}, syntax=syntax)


def effective(read_values):
    return {name: (found.value, found.source) for name, found in read_values.effective().items()}


def test_the_last_source_wins_in_terraforms_order(tmp_path, variables, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "terraform.tfvars": 'text = "tfvars"\n',
        "terraform.tfvars.json": '{"text": "tfvars.json"}',
        "a.auto.tfvars": 'text = "a"\n',
        "b.auto.tfvars.json": '{"text": "b"}',
        "given.tfvars": 'text = "given"\n',
        "also.json": '{"text": "also"}',
    }.items():
        (tmp_path / name).write_text(text)
    automatic = assignments.automatic_files(tmp_path)
    given = [tmp_path / "given.tfvars", tmp_path / "also.json"]

    found = read(variables, [*automatic, *given], ["text=one", "text=two"], {"TF_VAR_text": "env", "HOME": "x"})

    assert [(each.value, each.source) for each in found.found] == [
        ("env", "TF_VAR_text"),
        ("tfvars", "terraform.tfvars"),
        ("tfvars.json", "terraform.tfvars.json"),
        ("a", "a.auto.tfvars"),
        ("b", "b.auto.tfvars.json"),
        ("given", "given.tfvars"),
        ("also", "also.json"),
        ("one", "--var"),
        ("two", "--var"),
    ]
    assert effective(found) == {"text": ("two", "--var")}


@pytest.mark.parametrize("source", ["--var", "TF_VAR_"])
def test_a_command_lines_text_is_taken_literally_for_a_primitive_and_as_hcl_for_every_other_type(variables, source):
    texts = {"text": "{ a = 1 }", "tables": "{ a = { shards = 2 } }", "free": "[1, null]", "unknown": "{"}
    if source == "--var":
        found = read(variables, pairs=[f"{name}={text}" for name, text in texts.items()])
    else:
        found = read(variables, environ={f"TF_VAR_{name}": text for name, text in texts.items()})

    assert {each.name: each.value for each in found.found} == {
        "text": "{ a = 1 }",
        "tables": {"a": {"shards": 2}},
        "free": [1, None],
        "unknown": "{",
    }
    assert not found.unreadable


def test_values_that_cannot_be_read_are_told_with_their_source_and_the_others_are_read(
    tmp_path, variables, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tfvars").write_text("text = 1\nb {\n}\n")
    (tmp_path / "b.json").write_text('{\n"text": NaN}')
    (tmp_path / "c.json").write_text("{\n,")
    (tmp_path / "d.json").write_text("[]")
    (tmp_path / "e.tfvars").write_bytes(b"\xff\xfe")
    (tmp_path / "ok.tfvars").write_text('text = "x"\n')
    files = [
        tmp_path / name for name in ("a.tfvars", "b.json", "c.json", "d.json", "e.tfvars", "f.tfvars", "ok.tfvars")
    ]

    found = read(variables, files, ["tables=]", "free=1\nx = 2"], {"TF_VAR_tables": "}"})

    assert [line.partition(":")[0] for line in found.unreadable] == [
        "tables (TF_VAR_tables)",
        "a.tfvars, line 2",
        "b.json",
        "c.json, line 2",
        "d.json, line 1",
        "e.tfvars",
        "f.tfvars",
        "tables (--var)",
        "free (--var)",
    ]
    assert "NaN is no number" in found.unreadable[2]
    assert "not text in UTF-8" in found.unreadable[5]
    assert "No such file" in found.unreadable[6]
    assert effective(found) == {"text": ("x", "ok.tfvars")}


def test_all_hcl_is_judged_before_it_is_read_and_json_and_literal_text_are_not(tmp_path, variables):
    (tmp_path / "a.tfvars").write_text("text = 1\n")
    (tmp_path / "b.json").write_text("{}")
    judged = []

    read(variables, [tmp_path / "a.tfvars", tmp_path / "b.json"], ["tables={}", "text=[", "no=["], syntax=judged.append)

    assert judged == ["text = 1\n", "value = {}"]


def test_what_the_judge_says_is_told_with_its_line(tmp_path, variables):
    def judge(_text):
        raise HclError("Missing item separator", 3)

    (tmp_path / "a.tfvars").write_text("")

    assert read(variables, [tmp_path / "a.tfvars"], syntax=judge).unreadable == (
        f"{tmp_path / 'a.tfvars'}, line 3: Missing item separator",
    )


def test_a_comment_in_json_is_no_variable(tmp_path, variables):
    (tmp_path / "a.json").write_text('{"//": "why", "text": "${x}"}')

    assert effective(read(variables, [tmp_path / "a.json"])) == {"text": ("${x}", str(tmp_path / "a.json"))}


def test_the_place_of_a_value_has_its_line_where_it_is_known(tmp_path, variables, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tfvars").write_text("tables = {\n  a = {\n    shards = 1\n  }\n}\n")

    found = read(variables, [tmp_path / "a.tfvars"], ["text=x"]).effective()

    assert found["tables"].place(("tables", "a", "shards")) == "a.tfvars, line 3"
    assert found["text"].place(("text",)) == "--var"
