from __future__ import annotations

from tools import paths
from tools.terraform import lock_file


def test_the_version_stays_and_the_checksums_go(tmp_path):
    whole = (paths.ENVIRONMENTS / "producer" / lock_file.NAME).read_text()
    file = tmp_path / lock_file.NAME
    file.write_text(whole)

    lock_file.drop_checksums(tmp_path)
    once = file.read_text()
    lock_file.drop_checksums(tmp_path)

    assert '  version     = "5.' in once
    assert "hashes" not in once
    assert [line for line in whole.splitlines() if '"h1:' not in line and '"zh:' not in line and line.strip()][
        -1
    ] == "}"
    assert once.splitlines()[-1] == "}"
    assert file.read_text() == once
