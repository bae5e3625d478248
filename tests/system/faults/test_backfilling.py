"""The past of a table comes into the lake once and whole while changes go on, however often the load is killed."""

from __future__ import annotations

import os
import time
from collections import Counter

import pytest

from tests.system import idling
from tests.system.faults import adoption, item_versions
from tests.system.faults.adoption import EXPORT, PROOF, ROWS, Adopted
from tests.system.waiting import wait_until

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-backfilling"),
    pytest.mark.timeout(7200),
    pytest.mark.long,
]

ITEMS = int(os.environ.get("BACKFILL_ITEMS", "100000"))
KILLS = int(os.environ.get("BACKFILL_KILLS", "30"))


@pytest.fixture
def adopted(tmp_path):
    home = tmp_path / "local"
    with idling.kept("adopted", home):
        yield Adopted(home, ITEMS)


def test_a_table_is_adopted_whole_and_once_whatever_kills_the_command_while_changes_go_on(adopted):
    began, met = time.monotonic(), Counter()
    with adopted.writing():
        while met.total() < KILLS:
            at = adopted.killed()
            assert at, f"the load had ended before it was killed {KILLS} times: {met}"
            met[at] += 1
        killed_for = time.monotonic() - began
        last = adopted.begin()
        wait_until(lambda: adopted.stage() == PROOF or last.poll() is not None, "the rows of the load")
    said, _ = last.communicate(timeout=1800)
    assert last.returncode == 0, said
    code, report = adopted.reconcile()
    took = time.monotonic() - began
    found, log = adopted.rows(), adopted.writer.log
    snapshots = [row for row in found if row.event == "SNAPSHOT"]
    print(
        f"kills {dict(met)} in {killed_for:.0f} s, all in {took:.0f} s; {len(log)} writes, "
        f"{len(found)} rows, {len(snapshots)} of them SNAPSHOT; {report}"
    )

    assert code == 0, report
    assert met[ROWS]
    assert set(met) <= {EXPORT, ROWS, PROOF}
    assert item_versions.latest(found) == adopted.in_the_table()
    streamed = Counter((write.key, write.version) for write in log if write.streamed)
    changes = Counter(
        (row.key, None if row.event == "REMOVE" else row.version) for row in found if row.event != "SNAPSHOT"
    )
    assert streamed - changes == Counter() == changes - streamed
    (export,) = adopted.exports()
    states = item_versions.states_at(log, export["ExportTime"].timestamp())
    assert len({row.key for row in snapshots}) == len(snapshots) == export["ItemCount"]
    told_states = dict.fromkeys(states) | {row.key: row.version for row in snapshots}
    assert {key: told for key, told in told_states.items() if told not in states.get(key, ())} == {}
    assert [key for key in adopted.keys(f"ledger/{adoption.TABLE}/") if "/open/" in key] == []
