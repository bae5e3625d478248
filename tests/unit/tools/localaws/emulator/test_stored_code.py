from __future__ import annotations

import pytest

from tools.localaws.emulator import stored_code
from tools.localaws.emulator.database import UnusableStateError


def test_a_package_is_read_as_it_was_written(tmp_path):
    digest = stored_code.write(tmp_path / "code", b"package")
    assert stored_code.write(tmp_path / "code", b"package") == digest
    assert stored_code.read(tmp_path / "code", digest) == b"package"


def test_a_package_that_is_damaged_or_gone_is_named(tmp_path):
    digest = stored_code.write(tmp_path, b"package")
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"pacKage")
    with pytest.raises(UnusableStateError, match=rf"{digest}\.zip is damaged.*down --purge"):
        stored_code.read(tmp_path, digest)
    file.unlink()
    with pytest.raises(UnusableStateError, match=rf"{digest}\.zip cannot be read.*down --purge"):
        stored_code.read(tmp_path, digest)


def test_a_package_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "code").write_bytes(b"")
    with pytest.raises(UnusableStateError, match="cannot be written"):
        stored_code.write(tmp_path / "code", b"package")
