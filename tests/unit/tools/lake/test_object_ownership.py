from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.unit.tools.aws_answers import failed, raising
from tools.errors import LakeError
from tools.lake import object_ownership

KEY = "arn:aws:kms:us-east-1:222222222222:key/1"


class Bucket:
    """One object of the consumer's lake."""

    def __init__(self, key=KEY, owner="b", answer=None):
        self.key, self.owner, self.answer = key, owner, answer

    def head_object(self, **_):
        return {"SSEKMSKeyId": self.key} if self.key else {}

    def list_objects_v2(self, **_):
        return {"Contents": [{"Owner": {"ID": self.owner}}]}

    def list_buckets(self):
        return {"Owner": {"ID": "b"}}


CLOSED = SimpleNamespace(get_object=raising(failed("GetObject", 403, "AccessDenied")))


def test_an_object_of_the_consumers_is_seen_as_such_from_both_sides():
    lines = object_ownership.check(Bucket(), CLOSED, "lake", "data/x", KEY)

    assert lines == [
        f"encrypted with {KEY}",
        "owned by the lake's account",
        "closed to the delivering account (AccessDenied)",
    ]


@pytest.mark.parametrize(
    ("reader", "writer", "message"),
    [
        (Bucket(key="arn:other"), CLOSED, "encrypted with arn:other, not"),
        (Bucket(key=None), CLOSED, "encrypted with no customer managed key, not"),
        (Bucket(owner="a"), CLOSED, "belongs to another account"),
        (Bucket(), SimpleNamespace(get_object=lambda **_: {}), "the delivering account can read s3://lake/data/x"),
    ],
)
def test_an_object_that_is_not_the_consumers_alone_fails_the_check(reader, writer, message):
    with pytest.raises(LakeError, match=message):
        object_ownership.check(reader, writer, "lake", "data/x", KEY)
