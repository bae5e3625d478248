"""A key that is disabled holds delivery, as on AWS, and costs nothing."""

from __future__ import annotations

import pytest

from tests.system.waiting import wait_until

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("faults"), pytest.mark.long]


def test_a_key_that_is_disabled_holds_delivery_until_it_is_enabled(lake):
    lake.kms.disable_key(KeyId=lake.key)
    lake.write(20)
    wait_until(lambda: lake.key in lake.last_error(), lambda: f"{lake.key} in {lake.last_error()!r}")
    lake.kms.enable_key(KeyId=lake.key)
    lake.write(20)
    lake.check()
