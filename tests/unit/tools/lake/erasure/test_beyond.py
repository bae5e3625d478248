from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tools.lake.erasure import beyond
from tools.lake.erasure.beyond import Surroundings

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def gone_by(**around):
    return {each.what: each.gone_by for each in beyond.listed(Surroundings("t", **around), NOW)}


def test_each_copy_has_the_date_by_which_the_settings_let_it_go():
    found = gone_by(
        is_known=True,
        stream="s",
        retention=timedelta(hours=48),
        in_flight=NOW + timedelta(minutes=5),
        recovery_days=7,
        backups={"old": None, "new": NOW + timedelta(days=1)},
        other_exports=("elsewhere",),
        state_table="db.t_state",
        workgroup="w",
    )
    assert list(found.values()) == [
        "2026-02-02T12:00:00Z",
        "2026-01-31T12:05:00Z",
        "2026-02-07T12:00:00Z",
        None,
        "2026-02-01T12:00:00Z",
        None,
        None,
        "2026-03-17T12:00:00Z",
        None,
    ]


def test_where_the_account_of_the_table_is_not_named_it_says_so():
    (first, _) = gone_by(is_known=False)
    assert first == "the data stream of t, its point-in-time recovery, backups and exports"
