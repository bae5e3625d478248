from __future__ import annotations

import pytest

from tools.lake import objects


class FakeBody:
    def __init__(self, data):
        self.data = data

    def read(self):
        return self.data


@pytest.mark.parametrize("packed", [True, False])
def test_lake_records_are_read_packed_or_not_and_keep_every_digit(packed):
    import gzip

    text = '{"n":0.12345678901234567890123456789012345678}\n{"n":2,"s":"a\u2028b"}\n'.encode()
    data = gzip.compress(text) if packed else text
    s3 = type("S3", (), {"get_object": staticmethod(lambda **_: {"Body": FakeBody(data)})})

    assert objects.read_records(s3, "b", "k") == [
        {"n": "0.12345678901234567890123456789012345678"},
        {"n": 2, "s": "a\u2028b"},
    ]
