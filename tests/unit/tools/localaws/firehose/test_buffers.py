from __future__ import annotations

from tools.localaws.firehose.buffers import Incoming, Outgoing, PendingObject
from tools.localaws.firehose.transformation import PAYLOAD_BYTES, payload_size


def test_a_batch_holds_the_wanted_size_or_a_record_more(record):
    incoming = Incoming()
    for number in range(5):
        incoming.add(record(number, b"12345"), 0.0)
    assert len(incoming.take(11).records) == 3
    assert incoming.size == 10


def test_a_batch_of_tiny_records_fits_into_a_request(record):
    incoming = Incoming()
    one = record(1, b"x")
    count = PAYLOAD_BYTES // payload_size(one)
    for _ in range(count + 10):
        incoming.add(one, 0.0)
    assert len(incoming.take(3_000_000).records) == count


def test_a_record_too_large_for_a_request_still_gets_its_turn(record):
    incoming = Incoming()
    incoming.add(record(1, b"x" * PAYLOAD_BYTES), 0.0)
    incoming.add(record(2, b"y"), 0.0)
    assert [len(each.data) for each in incoming.take(1).records] == [PAYLOAD_BYTES]


def test_the_first_record_decides_when_a_batch_is_due(record):
    incoming = Incoming()
    assert not incoming.is_due(100.0, 1, 0.0)
    incoming.add(record(1), 10.0)
    incoming.add(record(2), 19.0)
    assert not incoming.is_due(19.9, 100, 10.0)
    assert incoming.is_due(20.0, 100, 10.0)
    assert incoming.is_due(11.0, 2, 10.0)


def test_an_object_counts_until_it_is_delivered_and_is_due_without_it(record):
    outgoing = Outgoing()
    for number, data in enumerate((b"aa", b"bb", b"cc")):
        outgoing.add(record(number), data, 0.0)
    records, body = outgoing.take(3)
    assert ([each.sequence_number for each in records], body) == (["00000", "00001"], b"aabb")
    outgoing.pending = PendingObject("key", body, records)
    assert (outgoing.size, outgoing.is_due(0.0, 3, 9.0), outgoing.is_due(0.0, 2, 9.0)) == (6, False, True)
    outgoing.delivered(outgoing.pending)
    assert (outgoing.size, outgoing.pending, outgoing.take(3)[1]) == (2, None, b"cc")


def test_a_record_without_output_still_travels_with_its_object(record):
    outgoing = Outgoing()
    outgoing.add(record(1), b"", 0.0)
    records, body = outgoing.take(100)
    assert (len(records), body) == (1, b"")
