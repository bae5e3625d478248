from __future__ import annotations

import pytest

from tools.errors import LakeError, UsageError
from tools.terraform import backend

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


def test_a_file_of_backend_settings_is_checked_without_being_used(tmp_path):
    backend.check(None)
    file = tmp_path / "s3.tfbackend"
    with pytest.raises(UsageError, match=r"cannot read .*s3\.tfbackend"):
        backend.check(file)
    file.write_text('bucket = "b"\n')
    with pytest.raises(UsageError, match="does not set key, region"):
        backend.check(file)
    file.write_text(SETTINGS)
    backend.check(file)

    assert list(tmp_path.iterdir()) == [file]


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
