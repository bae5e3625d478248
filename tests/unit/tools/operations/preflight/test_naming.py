from __future__ import annotations

import os

import pytest

from tests.unit.tools.operations.preflight.recorded import PLACE
from tools.errors import UsageError
from tools.operations.preflight import naming


def test_names_are_those_of_the_module_whatever_the_user_leaves_out():
    values = {"name": "lake", "tables": {"orders": {"rules": {"note": {"as": "drop"}}}}, "kms_key_alias": None}

    outputs = naming.ask_module(PLACE, values, os.environ)
    assert outputs["bucket_name"] == "lake-datalake-111122223333-us-east-1"
    assert outputs["tables"]["orders"]["delivery_role_name"] == "orders-delivery-stream-us-east-1"
    assert outputs["kms_key_alias"] == "lake-kms-key"


def test_a_name_that_grows_past_a_limit_of_aws_is_refused_in_one_line():
    with pytest.raises(UsageError, match=r"^tables: delivery\.name of o{60} .* use 1 to 64 letters"):
        naming.ask_module(PLACE, {"name": "lake", "tables": {"o" * 60: {}}}, os.environ)
