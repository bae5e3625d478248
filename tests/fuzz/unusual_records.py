"""Change records one step beyond the ordinary ones, which native code may write or decline."""

from __future__ import annotations

from tests.fuzz.record_bytes import (
    LAST_SECOND,
    ONE,
    OTHER,
    ending_in,
    image_of,
    in_one_record_each,
    in_streams_envelope,
    nested,
    numbers,
    record,
    removal,
    texts,
    with_attributes_named,
    with_keys,
    with_many_attributes,
)

_BROKEN_ESCAPES = [
    rb"\u12",
    rb"\u12G4",
    rb"\x",
    b"\\",
    rb"\ud800",
    rb"\ud800\n",
    rb"\ud800\u0041",
    rb"\udc00\ud800",
    rb"\ud800\ue000",
]
_BROKEN_UTF_8 = [b"\x80", b"\xc3", b"\xc0\x80", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf5", b"\xff"]
_NO_NUMBERS = [
    "",
    "-",
    "007",
    "-01",
    "+5",
    ".5",
    "5.",
    "1.e5",
    "1e",
    "1e+",
    "1 ",
    " 1",
    "1,2",
    "NaN",
    "0x1",
    "1_0",
    "\u0661",
]
_OTHER_KEY_NUMBERS = ["-0", "0.0", "1.50", "1e5", "15E-1", "1.0", "9" * 41, "1" * 125, "1" * 126, "007", "-", "1e-131"]
_NO_INSTANTS = [
    "-1",
    "007",
    "1.5",
    "1e3",
    '"1"',
    "null",
    "true",
    "253402300800000000",
    "9" * 18,
    "1" + "0" * 18,
    "9" * 30,
]
_NO_TABLES = [
    b"",
    b"arn",
    b":::::",
    b"arn:aws:dynamodb:::",
    b"arn:aws:dynamodb:::table/",
    b"arn:aws:dynamodb:::table//x",
    b"arn:aws:dynamodb:::table/t:x",
    b"arn:aws:dynamodb:::table/t:",
    b"arn:aws:dynamodb::table/t",
    b"arn:aws:dynamodb::::table/t",
    b"arn:aws:dynamodb:::tables/t",
    b"arn:aws:kinesis:::table/t",
    b"xarn:aws:dynamodb:::table/t",
    rb"arn:aws:dynamodb:::table/t\n",
    rb"arn:aws:dynamodb:::table/t/\n",
    rb"arn:aws:dynamodb:::t\u0061ble/t",
]
_ENVELOPE_AGAIN = [
    b'"eventName":"REMOVE"',
    b'"eventID":"other"',
    b'"tableName":"other"',
    b'"userIdentity":null',
    b'"eventSourceARN":"a","eventSourceARN":"b"',
    b'"dynamodb":{"ApproximateCreationDateTime":1,"Keys":{"id":{"S":"2"}}}',
    b'"awsRegion":"other"',
]
_IMAGES_AGAIN = [
    b'"ApproximateCreationDateTime":1',
    b'"ApproximateCreationDateTimePrecision":"MICROSECOND","ApproximateCreationDateTimePrecision":"MILLISECOND"',
    b'"Keys":{"id":{"S":"2"}}',
    b'"NewImage":{"id":{"S":"2"}}',
    b'"NewImage":null',
    b'"OldImage":null,"OldImage":{}',
    b'"SizeBytes":1,"SizeBytes":2',
]


def unusual():
    """Returns name -> records; native code may write their lines or decline them."""
    return {
        "bad-escapes": [
            *in_one_record_each(texts(_BROKEN_ESCAPES)),
            *(with_keys(b'"s":%b' % value) for value in texts(_BROKEN_ESCAPES)),
            *(record(eventID=b'"%b"' % spelling) for spelling in _BROKEN_ESCAPES),
            *(record(more=b'"%b"' % spelling) for spelling in _BROKEN_ESCAPES),
        ],
        "bad-utf-8": [
            *in_one_record_each(texts(_BROKEN_UTF_8)),
            *(with_attributes_named(b"a" + each) for each in _BROKEN_UTF_8),
            *(record(more=b'"%b"' % each) for each in _BROKEN_UTF_8),
        ],
        "bad-characters": [
            *in_one_record_each(texts(b"a" * 15 + b"%c" % each for each in (0, 9, 13, 31))),
            *(ending_in(b"%c" % each) for each in (0, 9, 13, 31)),
        ],
        "bad-numbers": [
            *in_one_record_each(numbers(_NO_NUMBERS)),
            *(record(image_of(b'{"NS":["1","%b"]}' % literal.encode())) for literal in _NO_NUMBERS),
        ],
        "other-key-numbers": [with_keys(b'"n":%b' % value) for value in numbers(_OTHER_KEY_NUMBERS)],
        "other-keys": [
            *(
                record(ONE, keys=keys)
                for keys in (b"{}", b"null", b"[]", b'{"a":{"BOOL":true}}', b'{"a":{"S":"1","N":"2"}}')
            ),
            with_keys(b'"a":{"S":"1"}', b'"a":{"S":"2"}'),
            record(OTHER, keys=b'{"a":{"S":"1"},"a":{"S":"2"}}'),
            with_keys(*(b'"%c":{"S":"1"}' % letter for letter in b"abc")),
            with_keys(rb'"\u0061":{"S":"1"}'),
        ],
        "other-values": in_one_record_each(
            [
                b"{}",
                b'{"NULL":false}',
                b'{"NULL":null}',
                b'{"BOOL":null}',
                b'{"BOOL":"true"}',
                b'{"BOOL":truE}',
                b'{"BOOL":trueX}',
                b'{"S":null}',
                b'{"N":1}',
                b'{"S":"1","N":"2"}',
                b'{"S":"1","S":"2"}',
                b'{"X":"1"}',
                rb'{"\u0053":"1"}',
                rb'{"N":"\u0031"}',
                b'{"SS":"a"}',
                b'{"SS":["a",]}',
                b'{"SS":[1]}',
                b'{"SS":["a" "b"]}',
                b'{"L":[{"NULL":false}]}',
                b'{"L":[{"S":"a"},]}',
                b'{"L":[null]}',
                b'{"M":{"a":{"NULL":false}}}',
                b'{"M":null}',
                b'{"M":{"a":{"S":"x"},}}',
                b'{"M":[]}',
            ]
        ),
        "other-streams": [in_streams_envelope(arn) for arn in _NO_TABLES],
        "twice": [
            with_attributes_named(b"a", b"a"),
            with_attributes_named(b"a.b", b"a_b"),
            with_attributes_named(b"a", b"A"),
            with_attributes_named(b"xa", b"a", b"9", b"x9"),
            record(b'{"a":{"M":{"b":{"S":"1"}}},"a_b":{"S":"2"}}'),
            record(b'{"a":{"M":{"b":{"S":"1"}}},"a__b":{"S":"2"}}'),
            record(b'{"a":{"M":{"b":{"S":"1"}}},"a":{"M":{"c":{"S":"2"}}}}'),
            record(b'{"a":{"M":{"b":{"M":{}}}},"A":{"M":{"c":{"S":"2"}}}}'),
            record(image_of(b'{"L":[{"M":{"a":{"S":"1"},"a":{"S":"2"}}}]}')),
            *(record(ONE)[:-1] + b",%b}" % again for again in _ENVELOPE_AGAIN),
            *(record(ONE).replace(b'"SizeBytes":57', again) for again in _IMAGES_AGAIN),
            removal(userIdentity=b'{"type":"Service","type":"x","principalId":"dynamodb.amazonaws.com"}'),
            removal(userIdentity=b'{"principalId":"x","principalId":"dynamodb.amazonaws.com","type":"Service"}'),
        ],
        "other-names": [
            *(
                with_attributes_named(name)
                for name in (b"cdc_", b"cdc_event", b"CDC-x", "cdcé".encode(), rb"\u0061", rb"a\nb")
            ),
            record(b'{"cdc":{"M":{"event":{"S":"x"}}}}'),
            record(b'{"c":{"M":{"dc":{"M":{"x":{"S":"x"}}}}}}'),
            *(
                with_attributes_named(letter * length)
                for letter in (b"n", b"9", "é".encode())
                for length in (36, 37, 255, 256, 257)
            ),
            with_attributes_named("é".encode(), b"u0000e9"),
            with_attributes_named("é".encode() * 36 + b"abcd"),
            *(
                record(b'{"%b":{"M":{"%b":{"S":"x"}}}}' % (b"a" * length, b"b" * 100))
                for length in (154, 155, 255, 256)
            ),
        ],
        "deeper": [nested(levels, kind) for kind in "ML" for levels in (*range(39, 45), 120, 260)],
        "bad-instants": [
            *(
                record(time=time, precision=each)
                for time in _NO_INSTANTS
                for each in (None, b"MILLISECOND", b"MICROSECOND")
            ),
            record(time=1, precision=b"NANOSECOND"),
            record(time=(LAST_SECOND + 1) * 1_000, precision=b"MILLISECOND"),
        ],
        "other-envelopes": [
            *(removal(image=image, old=OTHER) for image in (ONE, b'{"id":1}', b'{"id":{"N":2}}', b"[]")),
            removal(old=b'{"b":{"NULL":false}}'),
            record(ONE, eventName=rb'"\u0049NSERT"'),
            record(ONE, eventName=b'"CREATE"'),
            *(record(ONE, eventID=value) for value in (b'""', b"null", b"1")),
            *(record(ONE, tableName=value) for value in (b'""', b"null", b"1")),
            *(record(ONE, eventSourceARN=value) for value in (b"null", b"1", rb'"\n"')),
            *(removal(userIdentity=value) for value in (b"1", b'{"type":null}', b'{"type":"Serv\\u0069ce"}', b"nullx")),
            *(
                record(ONE, more=value)
                for value in (b"1.5", b"-1", b"1e400", b"007", b"truefalse", b"{,}", b"[1 2]", b"")
            ),
            *(record(ONE)[:-1] + rest for rest in (b"", b",}", b"}}", b"} x", b"}\x00", b"}" + ONE)),
            b"\xef\xbb\xbf" + record(ONE),
            b"\x0c" + record(ONE),
        ],
        "too-many-names": [with_many_attributes(4_097)],
    }
