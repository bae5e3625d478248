"""An engine is refused before anything is exported where it cannot do what is asked for."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tools.errors import UsageError
from tools.operations import backfill_engines, glue_runs


def table(lake_account=None):
    aws = SimpleNamespace(client=lambda service: service)
    return SimpleNamespace(aws=aws, lake_account=lake_account, source=SimpleNamespace(environment={}, region="r"))


def choose(engine, *, job="lake-backfill", since=None, lake_account=None):
    outputs = SimpleNamespace(backfill_job_name=job)
    return backfill_engines.choose(engine, table(lake_account), outputs, since=since, jobs=2)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"engine": "glue", "since": "2026-01-31"}, "--engine glue loads a whole table"),
        ({"engine": "spark", "lake_account": "2"}, "--engine spark needs table and lake in one account"),
        ({"engine": "glue", "job": None}, r"deploy it with --var 'backfill=\{\}'"),
    ],
    ids=["a catch-up", "two accounts", "no job"],
)
def test_what_an_engine_cannot_do_is_refused_with_the_way_out(asked, says):
    with pytest.raises(UsageError, match=says) as refused:
        choose(**asked)
    assert "--engine local" in str(refused.value)


def test_this_machine_needs_no_job_and_glue_runs_that_of_the_deployment(monkeypatch):
    seen = []
    monkeypatch.setattr(glue_runs, "run", lambda *words: seen.append(words))
    assert choose("local", job=None, since="2026-01-31", lake_account="2") is None

    choose("glue")("a-plan", print)

    assert seen == [("glue", "lake-backfill", "a-plan", print)]
