from __future__ import annotations

import base64
import gzip
import hashlib
import io
import random
import tracemalloc

import pytest
from botocore.exceptions import ClientError

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket
from tools.lake.compaction import merging
from tools.lake.compaction.grouping import Source
from tools.lake.packed_file import Packed, PackedFile


@pytest.fixture
def s3():
    return Bucket()


def put(s3, key, body):
    return Source(key, s3.place(key, body).etag, len(body))


def merge(s3, *sources, is_stopped=lambda: False):
    file = io.BytesIO()
    return merging.merge(s3, NAME, sources, PackedFile(file), is_stopped), file.getvalue()


def test_lines_stay_byte_for_byte_and_in_order_whatever_they_are(s3):
    strange = b'{"a":1.10,"b":"\xe2\x80\xa8\r"}\n\nno json\n\xff\xfe\n'
    two_members = gzip.compress(b'{"c":1}\n') + gzip.compress(b'{"d":1}\n')

    merged, packed = merge(
        s3, put(s3, "1", gzip.compress(strange)), put(s3, "2", b'{"e":1}'), put(s3, "3", two_members)
    )

    assert gzip.decompress(packed) == strange + b'{"e":1}\n{"c":1}\n{"d":1}\n'
    assert merged == Packed(len(packed), base64.b64encode(hashlib.sha256(packed).digest()).decode(), 7)


def test_the_same_objects_make_the_same_bytes(s3):
    sources = [put(s3, str(number), gzip.compress(random.Random(number).randbytes(1000))) for number in range(3)]

    assert merge(s3, *sources) == merge(s3, *sources)


def test_an_object_that_is_damaged_is_named(s3):
    with pytest.raises(merging.DamagedSourceError, match="ends early") as error:
        merge(s3, put(s3, "good", gzip.compress(b"{}\n")), put(s3, "bad", gzip.compress(b"{}\n" * 999)[:-9]))
    assert error.value.key == "bad"


def test_an_object_that_was_replaced_since_is_not_read(s3):
    source = put(s3, "1", b"{}\n")
    put(s3, "1", b"[]\n")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        merge(s3, source)


def test_it_stops_when_it_is_told_to(s3):
    with pytest.raises(merging.Stopped):
        merge(s3, put(s3, "1", b"{}\n"), is_stopped=lambda: True)


def test_memory_does_not_grow_with_the_objects(s3):
    class Nowhere(io.RawIOBase):
        def write(self, data):
            return len(data)

    source = put(s3, "1", gzip.compress(b'{"a":"' + b"x" * 1000 + b'"}\n', 1) * 64_000)
    tracemalloc.start()
    merged = merging.merge(s3, NAME, [source], PackedFile(Nowhere()), lambda: False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert merged.lines == 64_000
    assert peak < 16 * 1024 * 1024
