from __future__ import annotations

import json

from tests.unit.tools.operations.preflight.recorded import ACCOUNT
from tools.operations.preflight.findings import hurts, note, stops
from tools.operations.preflight.looking import Look

FOUND = Look(
    "single-account",
    ACCOUNT,
    (
        stops("bucket lake", "it is taken", "choose another"),
        hurts("key", "it is not rotated", "rotate it"),
        note("x", "y"),
    ),
)


def test_each_finding_is_one_line_and_the_verdict_counts_them(capsys):
    FOUND.tell()
    Look("single-account", ACCOUNT, ()).tell()

    out, err = capsys.readouterr()
    assert err.splitlines() == [
        "error: bucket lake: it is taken; choose another",
        "warning: key: it is not rotated; rotate it",
        "x: y",
    ]
    assert out.splitlines() == [
        f"    account {ACCOUNT} for single-account: 1 that would stop the apply, 1 warning",
        f"    account {ACCOUNT} for single-account: nothing that would stop the apply, 0 warnings",
    ]


def test_as_json_each_finding_has_its_parts():
    found = json.loads(json.dumps(FOUND.to_json()))

    assert (found["deployment"], found["account_id"]) == ("single-account", ACCOUNT)
    assert found["findings"][0] == {
        "kind": "stops",
        "where": "bucket lake",
        "what": "it is taken",
        "remedy": "choose another",
    }
    assert [finding["kind"] for finding in found["findings"]] == ["stops", "hurts", "note"]
