from __future__ import annotations

import json

import pytest

from tools import verify
from tools.operations import arrivals


def test_verify_tells_the_changes_in_their_order_though_they_have_one_time_and_arrived_the_other_way(capsys):
    found = {
        event: arrivals.Arrival(f"data/t/{event}", {"cdc_event": event, "cdc_changed_at_us": 7})
        for event in ("MODIFY", "INSERT")
    }

    verify.report(found, {}, as_json=True, ruled=False)
    assert [each["record"]["cdc_event"] for each in json.loads(capsys.readouterr().out)] == ["INSERT", "MODIFY"]
    verify.report(found, {}, as_json=False, ruled=False)
    printed = capsys.readouterr().out
    assert printed.index("data/t/INSERT") < printed.index("data/t/MODIFY")


@pytest.mark.parametrize(
    ("ruled", "said"), [(False, "exactly as written."), (True, "as written, but for what the table's rules say.")]
)
def test_verify_does_not_call_masked_values_exactly_as_written(capsys, ruled, said):
    found = {event: arrivals.Arrival("data/t/x", {"cdc_event": event}) for event in ("MODIFY", "INSERT")}

    verify.report(found, {}, as_json=False, ruled=ruled)

    assert f"Both changes are in the lake, {said}\n" in capsys.readouterr().out


def test_the_copies_in_the_replica_are_told_beside_the_objects(capsys):
    found = {event: arrivals.Arrival("data/t/x", {"cdc_event": event}) for event in ("MODIFY", "INSERT")}
    copied = {"data/t/x": "s3://copy/data/t/x"}

    verify.report(found, copied, as_json=True, ruled=False)
    assert [each["replica"] for each in json.loads(capsys.readouterr().out)] == ["s3://copy/data/t/x"] * 2
    verify.report(found, copied, as_json=False, ruled=False)
    assert capsys.readouterr().out.count("  replica s3://copy/data/t/x, byte for byte the same\n") == 1
