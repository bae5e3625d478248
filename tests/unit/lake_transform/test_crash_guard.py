"""A process that died while native code ran is known to the next process of its execution environment alone."""

from __future__ import annotations

import pytest

from lake_transform.crash_guard import CrashGuard

_ENVIRONMENT = {"AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/25/[7]0f3c"}


def test_a_process_that_dies_at_work_is_remembered_in_its_execution_environment_alone(tmp_path):
    guard = CrashGuard(_ENVIRONMENT, tmp_path)
    with guard.watch() as may_run:
        assert may_run
        assert CrashGuard(_ENVIRONMENT, tmp_path).has_tripped
        assert not CrashGuard({"AWS_LAMBDA_LOG_STREAM_NAME": "2026/11/25/[7]0f3d"}, tmp_path).has_tripped

    assert not guard.has_tripped
    assert not CrashGuard(_ENVIRONMENT, tmp_path).has_tripped
    assert list(tmp_path.iterdir()) == []


def test_what_died_once_may_not_run_again_in_its_execution_environment(tmp_path):
    (tmp_path / "lake_transform-2026-11-25--7-0f3c").touch()
    guard = CrashGuard(_ENVIRONMENT, tmp_path)
    with guard.watch() as may_run:
        assert not may_run

    assert CrashGuard(_ENVIRONMENT, tmp_path).has_tripped


def test_work_that_raises_has_come_back(tmp_path):
    with pytest.raises(KeyError), CrashGuard(_ENVIRONMENT, tmp_path).watch():
        raise KeyError

    assert not CrashGuard(_ENVIRONMENT, tmp_path).has_tripped


@pytest.mark.parametrize("environment", [{}, {"AWS_LAMBDA_LOG_STREAM_NAME": ""}], ids=str)
def test_outside_lambda_nothing_is_remembered(tmp_path, environment):
    guard = CrashGuard(environment, tmp_path)
    with guard.watch() as may_run:
        assert may_run
        assert list(tmp_path.iterdir()) == []

    assert not guard.has_tripped
