from __future__ import annotations

import pytest

from tools.deployments import environments
from tools.deployments.outputs import parse_outputs
from tools.errors import LakeError, UsageError
from tools.terraform import backend, tfvars


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


def test_an_unreadable_variable_file_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match=r"absent\.tfvars \(No such file"):
        tfvars.check_files([tmp_path / "absent.tfvars"])
    (tmp_path / "binary.tfvars").write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="not text in UTF-8"):
        tfvars.check_files([tmp_path / "binary.tfvars"])


@pytest.mark.parametrize("pair", ["region", "=x", "a b=c", ""])
def test_a_pair_that_is_no_pair_is_a_usage_error(pair):
    with pytest.raises(UsageError, match="NAME=VALUE"):
        tfvars.check_pairs([pair])


def test_an_unknown_environment_is_a_usage_error_that_lists_the_known_ones():
    with pytest.raises(UsageError, match=r"'singel-account'.*choose one of:.*single-account"):
        environments.find("singel-account")


TABLE = {
    "table_arn": "arn:t",
    "stream_name": "s",
    "stream_arn": "arn:s",
    "delivery_stream_name": "d",
    "delivery_role_arn": "arn:r",
    "data_prefix": "data/t/",
    "error_prefix": "errors/t/",
}


def outputs(*tables):
    values = {"region": "us-east-1", "account_id": "1" * 12, "tables": dict.fromkeys(tables, TABLE), "more": 1}
    return parse_outputs("env", {name: {"value": value} for name, value in values.items()})


def test_the_only_table_need_not_be_named():
    assert outputs("orders").table(None)[0] == "orders"


@pytest.mark.parametrize(("tables", "name"), [(("a", "b"), None), ((), None), (("a",), "c")])
def test_a_table_that_cannot_be_told_is_a_usage_error_that_lists_them(tables, name):
    with pytest.raises(UsageError, match=", ".join(tables) or "none"):
        outputs(*tables).table(name)


def test_no_outputs_mean_not_deployed():
    with pytest.raises(LakeError, match=r"not deployed here; deploy it first: python -m tools\.deploy env"):
        parse_outputs("env", {})


def test_outputs_of_another_shape_are_named():
    with pytest.raises(LakeError, match=r"region"):
        parse_outputs("env", {"account_id": {"value": "1"}})


SETTINGS = 'bucket = "b"\nkey = "k"\nregion = "r"\n'


def test_state_in_s3_is_always_locked_and_encrypted():
    block = backend.s3_block(SETTINGS)

    assert 'backend "s3" {' in block
    assert "use_lockfile = true" in block
    assert "encrypt = true" in block


@pytest.mark.parametrize(
    ("text", "message"),
    [('bucket = "b"\n', "does not set key, region"), (SETTINGS + "encrypt = false\n", "leave out encrypt")],
)
def test_backend_settings_that_lack_something_or_weaken_it_are_usage_errors(text, message):
    with pytest.raises(UsageError, match=message):
        backend.s3_block(text)


def test_a_backend_that_fails_to_open_leaves_the_folder_as_it_was(tmp_path):
    file = tmp_path / "s3.tfbackend"
    file.write_text(SETTINGS)

    def open_backend():
        with backend.in_s3(tmp_path, file):
            assert (tmp_path / backend.OVERRIDE).exists()
            raise LakeError("no such bucket")

    with pytest.raises(LakeError, match="no such bucket"):
        open_backend()

    assert not (tmp_path / backend.OVERRIDE).exists()


def test_a_backend_that_opens_is_remembered(tmp_path):
    file = tmp_path / "s3.tfbackend"
    file.write_text(SETTINGS)

    with backend.in_s3(tmp_path, file):
        pass

    assert 'bucket = "b"' in (tmp_path / backend.OVERRIDE).read_text()
