from __future__ import annotations

import json
import sys
from types import ModuleType

import pytest

from tools.localaws.emulator import request_log


@pytest.fixture
def evaluator(monkeypatch):
    """The part of the emulator that authorises, which lets nobody do anything."""
    module = ModuleType("ministack.core.iam_evaluator")
    module.enforce = lambda _key, action, _service, _region, resource_arn="*": f"{action} on {resource_arn} denied"
    for name in ("ministack", "ministack.core"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def test_each_action_that_is_asked_for_is_a_line_and_is_decided_as_before(evaluator, monkeypatch, tmp_path):
    monkeypatch.setenv(request_log.VARIABLE, str(tmp_path / "log"))
    request_log.log_requests()

    answers = [
        evaluator.enforce("ASIA1", "s3:GetObject", "s3", "us-east-1", resource_arn="arn:aws:s3:::lake/x"),
        evaluator.enforce("ASIA2", "kms:ListAliases", "kms", "us-east-1"),
    ]

    assert answers == ["s3:GetObject on arn:aws:s3:::lake/x denied", "kms:ListAliases on * denied"]
    assert [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()] == [
        {"key": "ASIA1", "action": "s3:GetObject", "resource": "arn:aws:s3:::lake/x"},
        {"key": "ASIA2", "action": "kms:ListAliases", "resource": "*"},
    ]


def test_without_a_file_nothing_is_replaced(evaluator, monkeypatch):
    monkeypatch.delenv(request_log.VARIABLE, raising=False)
    untouched = evaluator.enforce

    request_log.log_requests()

    assert evaluator.enforce is untouched
