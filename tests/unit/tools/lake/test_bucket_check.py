from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.unit.tools.aws_answers import failed, raising
from tools.errors import LakeError
from tools.lake import bucket_check

A = "111111111111"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (raising(failed("HeadBucket", 404)), "there is no bucket lake; deploy the consumer first"),
        (lambda **_: {}, f"lake belongs to this account \\({A}\\)"),
        (
            raising(failed("HeadBucket", 403, **{"x-amz-bucket-region": "eu-west-1"})),
            "lies in eu-west-1, the producer in us",
        ),
    ],
)
def test_a_bucket_that_cannot_be_the_consumers_is_refused(answer, message):
    with pytest.raises(LakeError, match=message):
        bucket_check.check(SimpleNamespace(head_bucket=answer), "lake", account_id=A, region="us-east-1")


@pytest.mark.parametrize("headers", [{}, {"x-amz-bucket-region": "us-east-1"}])
def test_a_bucket_that_is_closed_to_us_is_just_what_is_expected(headers):
    client = SimpleNamespace(head_bucket=raising(failed("HeadBucket", 403, **headers)))

    bucket_check.check(client, "lake", account_id=A, region="us-east-1")
