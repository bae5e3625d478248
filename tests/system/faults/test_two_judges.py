"""What the judge of the faults sees, `reconcile` sees too; in the long form both judge after each fault."""

from __future__ import annotations

import pytest

from tests.system.faults import judge

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("faults")]


def test_changes_that_are_taken_out_of_the_lake_are_missing_to_both_until_they_are_back(lake):
    lake.write(20)
    lake.check()
    taken = judge.read_objects(lake.s3, lake.bucket, "data/")
    for name in taken:
        lake.s3.delete_object(Bucket=lake.bucket, Key=name)

    assert judge.missing(lake.faults())
    assert lake.report()["counts"]["missing"] > 0

    for name, content in taken.items():
        lake.s3.put_object(Bucket=lake.bucket, Key=name, Body=content)
    lake.reconcile()
    assert judge.missing(lake.faults()) == []
