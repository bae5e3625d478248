from __future__ import annotations

import pytest

from tools.deployments import settings
from tools.deployments.settings import Claim, Settings
from tools.errors import LakeError


def test_what_is_written_is_read_again(tmp_path):
    kept = Settings(
        var_files=("/a.tfvars",), var_names=("x",), profile="prod", claim=Claim("1" * 12, "us-east-1", "n", ("t",))
    )

    settings.write(tmp_path / "new" / "settings.json", kept)

    assert settings.read(tmp_path / "new" / "settings.json") == kept
    assert settings.read(tmp_path / "absent.json") is None


@pytest.mark.parametrize("content", ["{", "[]", '{"var_files": 1}'])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path, content):
    file = tmp_path / "settings.json"
    file.write_text(content)

    with pytest.raises(LakeError, match=r"settings\.json .*remove it: the next deploy"):
        settings.read(file)


def test_a_folder_that_cannot_be_written_to_is_an_error_of_one_line(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(LakeError, match="cannot be written"):
        settings.write(tmp_path / "file" / "settings.json", Settings())
