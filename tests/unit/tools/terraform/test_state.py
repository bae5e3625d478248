from __future__ import annotations

from types import SimpleNamespace

import pytest

from tools.errors import LakeError
from tools.terraform import state


@pytest.mark.parametrize(
    "address",
    [
        "aws_kms_key.this",
        'module.pipeline.module.table["a.data.b"].aws_dynamodb_table.this["a.data.b"]',
        "module.data.aws_kms_key.this",
        "module.monitoring[0].aws_sns_topic.alarms[0]",
    ],
)
def test_what_terraform_makes_is_told_from_what_it_only_reads(address):
    assert state.is_managed(address)
    modules, dot, name = address.rpartition("aws_")
    assert not state.is_managed(f"{modules}data.{dot}{name}")


def answering(text="", error=None):
    def call(*_):
        if error:
            raise LakeError(error)
        return text

    return SimpleNamespace(state=call)


def test_an_empty_state_is_no_missing_one_and_a_damaged_one_is_neither():
    assert state.resources(answering("data.aws_region.this\naws_kms_key.this\n")) == ["aws_kms_key.this"]
    assert state.resources(answering("")) == []
    assert state.resources(answering(error="terraform state failed: No state file was found! State ...")) is None
    with pytest.raises(LakeError, match="denied"):
        state.resources(answering(error="terraform state failed: denied"))
