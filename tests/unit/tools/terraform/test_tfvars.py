from __future__ import annotations

import pytest

from tools.errors import UsageError
from tools.terraform import tfvars


def test_later_sources_of_a_variable_win_in_terraforms_order(tmp_path):
    (tmp_path / "terraform.tfvars").write_text('a = "tfvars"\nb = "tfvars"\nc = "tfvars"\nd = "tfvars"\n')
    (tmp_path / "x.auto.tfvars.json").write_text('{"b": "auto", "c": "auto", "d": "auto"}')
    file = tmp_path / "given.tfvars"
    file.write_text('c = "file"\nd = "file"\n')

    found = tfvars.given(tmp_path, [file], ["d=pair"], {"TF_VAR_a": "env", "TF_VAR_z": "env", "HOME": "x"})

    assert found == {"z": "env", "a": "tfvars", "b": "auto", "c": "file", "d": "pair"}


def test_structured_values_are_read_from_pairs_and_files(tmp_path):
    file = tmp_path / "f.tfvars"
    file.write_text('transform = {\n  runtime = "python3.12"\n}\n')

    assert tfvars.given(tmp_path, [file], [], {})["transform"] == {"runtime": "python3.12"}
    assert tfvars.given(tmp_path, [], ['transform={ architecture = "x86_64" }'], {})["transform"] == {
        "architecture": "x86_64"
    }
    assert tfvars.given(tmp_path, [], ["artifact_bucket=null"], {}) == {"artifact_bucket": None}


def test_a_file_that_does_not_parse_is_left_for_terraform_to_judge(tmp_path):
    file = tmp_path / "broken.tfvars"
    file.write_text("this is { not hcl\n")

    assert tfvars.given(tmp_path, [file], [], {}) == {}


def test_numbers_and_bools_of_a_command_line_stay_text_and_an_expression_is_marked(tmp_path):
    pairs = ["size=3", "flag=true", "text=[x", 'list=["a", upper("x")]']

    assert tfvars.given(tmp_path, [], pairs, {"TF_VAR_map": "{ a = 1 }"}) == {
        "map": {"a": 1},
        "size": "3",
        "flag": "true",
        "text": "[x",
        "list": ["a", '${upper("x")}'],
    }


@pytest.mark.parametrize("pair", ["region", "=x", "a b=c", ""])
def test_a_pair_that_is_no_pair_is_a_usage_error(pair):
    with pytest.raises(UsageError, match="NAME=VALUE"):
        tfvars.check_pairs([pair])
