"""Builds change records as bytes, because how their JSON is spelled matters to native code as much as what it says."""

from __future__ import annotations

import itertools

ONE = b'{"id":{"S":"1"}}'
OTHER = b'{"b":{"S":"2"}}'
STREAM_ARN = b"arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2023-11-14T22:13:20.123"
TIME_TO_LIVE = b'{"principalId":"dynamodb.amazonaws.com","type":"Service"}'
LAST_SECOND = 253_402_300_799


def record(image=None, *, event=b"INSERT", keys=ONE, old=None, time=1_700_000_000_123_456, precision=None, **members):
    """Returns a change record with its members in the real stream's order; an image is given as JSON."""
    images = b'"ApproximateCreationDateTime":%b,' % str(time).encode()
    images += b'"ApproximateCreationDateTimePrecision":"%b",' % precision if precision else b""
    images += b'"Keys":%b,' % keys
    images += b'"NewImage":%b,' % image if image is not None else b""
    images += b'"OldImage":%b,' % old if old is not None else b""
    chosen = {
        b"eventID": b'"3d3f1c0e-5f6a-4d0e-9d3a-2f3f5c1b7a01"',
        b"eventName": b'"%b"' % event,
        b"userIdentity": b"null",
        b"recordFormat": b'"application/json"',
        b"tableName": b'"orders"',
        b"dynamodb": b'{%b"SizeBytes":57}' % images,
    } | {name.encode(): value for name, value in members.items()}
    return b'{"awsRegion":"eu-west-1",%b,"eventSource":"aws:dynamodb"}' % b",".join(
        b'"%b":%b' % member for member in chosen.items()
    )


def image_of(*members):
    """Returns an image whose attributes are called `a0`, `a1` and so on."""
    return b"{%b}" % b",".join(b'"a%d":%b' % (place, value) for place, value in enumerate(members))


def texts(spellings):
    """Returns text values, each spelled as given."""
    return [b'{"S":"%b"}' % spelling for spelling in spellings]


def numbers(literals):
    """Returns number values."""
    return [b'{"N":"%b"}' % literal.encode() for literal in literals]


def in_every_place(values):
    """Returns values as a column, in a list, in a map in a list, and in a map."""
    together = image_of(*values)
    return [
        record(together),
        record(image_of(b'{"L":[%b]}' % b",".join(values))),
        record(image_of(b'{"L":[{"M":%b}]}' % together)),
        record(image_of(b'{"M":%b}' % together)),
    ]


def in_one_record_each(values):
    """Returns one record for each value."""
    return [record(image_of(value)) for value in values]


def with_attributes_named(*names):
    """Returns a record whose attributes have these names."""
    return record(b"{%b}" % b",".join(b'"%b":{"N":"%d"}' % (name, place) for place, name in enumerate(names)))


def with_many_attributes(count):
    """Returns a record with so many attributes."""
    return record(b"{%b}" % b",".join(b'"%b":{"S":""}' % b"%c%c%c" % (*each,) for each in _three_letters(count)))


def _three_letters(count):
    letters = b"abcdefghijklmnopqrstuvwxyz"
    return itertools.islice(itertools.product(letters, repeat=3), count)


def nested(levels, kind):
    """Returns a record whose innermost value is so many levels below the image."""
    opening, closing = {"M": (b'{"M":{"a":', b"}}"), "L": (b'{"L":[', b"]}")}[kind]
    return record(image_of(opening * levels + b'{"S":"x"}' + closing * levels))


def with_keys(*attributes):
    """Returns a record whose primary key has these attributes."""
    return record(keys=b"{%b}" % b",".join(attributes))


def in_streams_envelope(arn, event=b"INSERT", old=None, **members):
    """Returns a change record with the envelope of DynamoDB Streams."""
    images = {"ApproximateCreationDateTime": b"1700000000", "Keys": ONE, "SequenceNumber": b'"1"', "SizeBytes": b"57"}
    images |= {"OldImage": old} if old else {"NewImage": ONE}
    chosen = {
        "eventID": b'"e"',
        "eventName": b'"%b"' % event,
        "eventVersion": b'"1.1"',
        "dynamodb": json_object(**images),
    }
    return json_object(**chosen, **members, eventSourceARN=b'"%b"' % arn)


def ending_in(text):
    """Returns a record whose last string ends less than 16 bytes before the end of the record."""
    return b'%b,"a":"%b"}' % (record(ONE)[:-1], text)


def json_object(**members):
    """Returns an object with the given members in their order."""
    return b"{%b}" % b",".join(b'"%b":%b' % (name.encode(), value) for name, value in members.items())


def removal(**members):
    """Returns the change record of a REMOVE."""
    return record(event=b"REMOVE", **members)
