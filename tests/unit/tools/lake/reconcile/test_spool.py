from __future__ import annotations

from tools.lake.reconcile.comparison import Open
from tools.lake.reconcile.rows import LakeRow
from tools.lake.reconcile.spool import Spool


def test_keys_come_back_as_they_were_added_however_often(tmp_path):
    spool = Spool(tmp_path / "open")
    keys = [
        Open(b"\n\0" * 8, None, "missing", b'{"id":{"S":"\xc3\xab\\n"}}', None, None, 7, fails=True),
        Open(b"1" * 16, b"2" * 16, "extra", None, "Zoë", LakeRow(1, 2, 3, "M", b"d", "e", "49"), 8),
    ]
    for each in keys:
        spool.add(each)

    assert (list(spool), list(spool), len(spool)) == (keys, keys, 2)
    spool.close()
