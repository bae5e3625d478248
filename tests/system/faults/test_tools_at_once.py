"""Two tools that write to the same table at once: the second waits, or says who is at work, and nothing goes wrong."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import product
from types import SimpleNamespace

import pytest

from tests.system.faults.part import COMPACT, MERGE, REPAIR, REPLAY, TOOLS, Part
from tests.system.test_flow import ARTICLE
from tests.system.test_truth import state_machine
from tools.errors import LakeError
from tools.lake.packed_file import PackedFile
from tools.operations import reconciled_table

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake-queries")]

SHORT = ((REPLAY, REPAIR), (COMPACT, MERGE))
"""Pairs of the short form. Of two merges one ends by itself: tests/plan/test_state_lease.py."""

PAIRS = [
    pytest.param(*pair, marks=() if pair in SHORT else pytest.mark.long)
    for pair in product(TOOLS, repeat=2)
    if pair != (MERGE, MERGE)
]


@pytest.fixture
def part(deployed, request, monkeypatch):
    first, second = (request.node.callspec.params[name] for name in ("first", "second"))
    # What a deployment is to the tools, without Terraform.
    access = SimpleNamespace(outputs=lambda: deployed.outputs, aws=lambda _: deployed.aws)
    table = reconciled_table.find(access, access, ARTICLE)
    glue, outputs = deployed.client("glue"), deployed.outputs
    catalog = glue.get_table(DatabaseName=outputs.database_name, Name=outputs.tables[ARTICLE].catalog_table)["Table"]
    part = Part(deployed, table, state_machine(deployed), catalog, f"at-once-{first}-{second}")
    put = PackedFile.put

    def held_put(*arguments, **options):
        part.writes.hold()
        return put(*arguments, **options)

    monkeypatch.setattr(PackedFile, "put", held_put)
    part.plant()
    return part


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_second_of_two_tools_waits_or_says_who_is_at_work_and_nothing_is_doubled_or_lost(part, first, second):
    with ThreadPoolExecutor(2) as pool:
        at_work = pool.submit(part.run, first)
        try:
            assert part.writes.is_reached(), at_work.result()
            if second == MERGE:
                waiting = pool.submit(part.run, second)
                assert part.waits.is_reached(), waiting.result()
            else:
                with pytest.raises(LakeError, match=f"{first} is at work since 20"):
                    part.run(second)
        finally:
            part.writes.open()
        at_work.result()
        part.waits.open()
        if second == MERGE:
            waiting.result()
        else:
            part.run(second)

    assert part.wrong() == []
