"""Change records like those of a real stream, of which native code must write every one."""

from __future__ import annotations

from tests.fuzz.record_bytes import (
    LAST_SECOND,
    ONE,
    OTHER,
    STREAM_ARN,
    TIME_TO_LIVE,
    ending_in,
    image_of,
    in_every_place,
    in_streams_envelope,
    json_object,
    nested,
    numbers,
    record,
    removal,
    texts,
    with_attributes_named,
    with_keys,
    with_many_attributes,
)

_ESCAPES = [
    rb"\"",
    rb"\\",
    rb"\/",
    rb"\b",
    rb"\f",
    rb"\n",
    rb"\r",
    rb"\t",
    rb"\u0000",
    rb"\u001f",
    rb"\u0022",
    rb"\u005C",
    rb"\u007f",
    rb"\u00e9",
    rb"\uABcd",
    rb"\uffff",
    rb"\ud83d\ude00",
    rb"\uD800\uDC00",
    rb"\udbff\udfff",
]
_CHARACTERS = [
    "\x7f",
    "\x80",
    "é",
    "\u07ff",
    "\u0800",
    "\u2028",
    "\ud7ff",
    "\ue000",
    "\uffff",
    "\U00010000",
    "\U0010ffff",
]
_NUMBERS = [
    *("0", "-0", "7", "-7", "10", "0.5", "-0.5", "1.50", "0.0", "1e5", "1E5", "1e+5", "1E-130", "-1.50e-07", "1e400"),
    *("9" * 38, "9" * 41, "0." + "0" * 37 + "1", "1e" + "9" * 20),
]
_KEY_NUMBERS = ["0", "7", "-7", "100", "9" * 38, "0.5", "-0.05", "12.34", "9" * 40]

_MICROSECONDS = 1_000_000
_SECONDS = [
    0,
    68_169_600,
    946_684_799,
    951_782_400,
    951_868_800,
    1_709_164_800,
    1_735_689_599,
    4_107_456_000,
    LAST_SECOND,
]
_INSTANTS = [
    *(second * _MICROSECONDS + fraction for second in _SECONDS for fraction in (0, 1, 999_999)),
    4_107_542_400 * _MICROSECONDS,  # the day after 28 February 2100, which is no leap year
    13_574_563_200 * _MICROSECONDS,  # 29 February 2400, which is one
]


def _long_texts():
    """Yields texts whose first special byte is before, at or after the end of a block of 16 bytes."""
    for block in (16, 32, 48):
        for length in range(block - 2, block + 3):
            for special in (b"", rb"\"", rb"\\", rb"\n", "é".encode(), "😀".encode(), rb"\u0001"):
                yield b"a" * length + special
                yield b"a" * length + special + b"b" * 15 + special


def ordinary():
    """Returns name -> records; native code must write the line of each."""
    return {
        "events": [
            record(ONE),
            record(b'{"id":{"S":"1"},"n":{"N":"2"}}', event=b"MODIFY", old=b'{"id":{"S":"1"},"n":{"N":"1"}}'),
            removal(old=b'{"id":{"S":"1"},"n":{"N":"1"}}'),
            removal(old=b'{"id":{"S":"1"},"ttl":{"N":"1"}}', userIdentity=TIME_TO_LIVE),
            removal(userIdentity=b'{"type":"Service","principalId":"someone.amazonaws.com"}'),
            record(ONE, userIdentity=TIME_TO_LIVE),
            removal(userIdentity=b"{}"),
        ],
        "keys-only": [
            record(event=b"MODIFY", old=OTHER),
            record(),
            record(event=b"MODIFY"),
            removal(),
            record(b"null", old=b"null"),
            record(b"{}"),
            removal(old=b"null"),
            removal(old=b"{}"),
            removal(image=b"null", old=OTHER),
        ],
        "other-orders": [
            record(dynamodb=json_object(NewImage=OTHER, ApproximateCreationDateTime=b"1", Keys=ONE)),
            record(dynamodb=json_object(OldImage=ONE, NewImage=OTHER, Keys=ONE, ApproximateCreationDateTime=b"1")),
            record(event=b"MODIFY", dynamodb=json_object(OldImage=OTHER, Keys=ONE, ApproximateCreationDateTime=b"1")),
            removal(dynamodb=json_object(OldImage=OTHER, Keys=ONE, ApproximateCreationDateTime=b"1")),
            removal(dynamodb=json_object(OldImage=b"{}", ApproximateCreationDateTime=b"1", Keys=OTHER)),
        ],
        "composite-keys": [
            with_keys(b'"a":{"S":"1"}', b'"b":{"N":"2"}'),
            with_keys(b'"b":{"N":"2"}', b'"a":{"S":"1"}'),
            with_keys(b'"id":{"B":"AQ=="}', b'"ID2":{"S":"x"}'),
            with_keys(b'"a":{"S":"1"}', b'"aa":{"S":"2"}'),
            with_keys(b'"aa":{"S":"1"}', b'"a":{"S":"2"}'),
            with_keys('"é":{"S":"1"}'.encode(), b'"z":{"S":"2"}'),
            with_keys('"\uffff":{"S":"1"}'.encode(), '"😀a":{"S":"2"}'.encode()),
            with_keys(rb'"a":{"S":"\"\\\u0001\n\/"}', '"b":{"S":"é\U0001f600"}'.encode()),
        ],
        "key-numbers": [with_keys(b'"n":%b' % value) for value in numbers(_KEY_NUMBERS)],
        "key-texts": [with_keys(b'"s":%b' % value) for value in texts([b"", *_ESCAPES])],
        "numbers": in_every_place(numbers(_NUMBERS)),
        "escapes": in_every_place(texts(_ESCAPES)),
        "characters": in_every_place(texts(each.encode() for each in _CHARACTERS)),
        "long-texts": in_every_place(texts(_long_texts())),
        "sets": in_every_place(
            [
                b'{"SS":[]}',
                b'{"SS":["a"]}',
                rb'{"SS":["a","\"\\\n\u0001"]}',
                b'{"NS":[]}',
                b'{"NS":["1.50","-2e9"]}',
                b'{"BS":["AQ==","Ag=="]}',
                b'{"B":""}',
            ]
        ),
        "types": in_every_place(
            [
                b'{"BOOL":true}',
                b'{"BOOL":false}',
                b'{"NULL":true}',
                b'{"M":{}}',
                b'{"L":[]}',
                b'{"L":[{"L":[]},{"M":{}},{"L":[{"M":{"a":{"L":[{"N":"1"}]},"b":{"S":"x"}}}]}]}',
                b'{"M":{"S":{"S":"S"},"M":{"M":{"M":{"N":"1"}}},"":{"S":""}}}',
            ]
        ),
        "streams": [
            *(
                in_streams_envelope(arn)
                for arn in (STREAM_ARN, b"arn:aws:dynamodb:::table/t", b"arn::dynamodb:a/b:\x7f:table/t/")
            ),
            in_streams_envelope("arn:aws-cn:dynamodb:é:😀:table/é/x:y".encode()),
            in_streams_envelope(STREAM_ARN, event=b"REMOVE", old=OTHER, userIdentity=TIME_TO_LIVE),
            record(ONE, eventSourceARN=b'"arn"'),
            record(ONE, tableName=b'"other"', eventSourceARN=b'"%b"' % STREAM_ARN),
        ],
        "maps-alike": [
            record(image_of(*[b'{"L":[{"M":{"a":{"S":"1"}}},{"M":{"a":{"S":"2"}}}]}'] * 2)),
            record(image_of(*[b'{"M":{"a":{"M":{"a":{"L":[{"M":{"a":{"M":{"a":{"NULL":true}}}}}]}}}}}'] * 2)),
        ],
        "names": [
            with_attributes_named(b"id", b"Name", b"a-b", b"a.c", b"9", b"_", b"S", b"cd", b"xcdc_", b"CDC"),
            with_attributes_named(b"", "é".encode(), "aé".encode(), "a😀b".encode(), b"\x7f\x7f"),
            with_attributes_named(*(b"%c" % letter * 60 for letter in b"aBc9_")),
        ],
        "long-names": [
            *(with_attributes_named(letter * 253, letter * 254) for letter in (b"n", b"N")),
            with_attributes_named(b"n" * 255),
            with_attributes_named(b"9" * 254),
            *(with_attributes_named("é".encode() * 36 + rest) for rest in (b"", b"abc")),
            *(record(b'{"%b":{"M":{"%b":{"S":"x"}}}}' % (b"a" * length, b"b" * 100)) for length in (152, 153)),
        ],
        "deep": [nested(levels, kind) for kind in "ML" for levels in (1, 32, 38)],
        "instants": [record(time=instant, precision=b"MICROSECOND") for instant in _INSTANTS],
        "units": [
            *(record(time=instant // 1_000, precision=b"MILLISECOND") for instant in _INSTANTS),
            *(
                record(time=time)
                for time in (0, 1, 99_999_999_999, 100_000_000_000, 99_999_999_999_999, 100_000_000_000_000)
            ),
            record(time=LAST_SECOND * _MICROSECONDS + 999_999),
        ],
        "spellings": [
            record(ONE, eventID=rb'"\u00e9\"\\\n"', tableName='"a\U0001f600"'.encode(), eventSourceARN=b'"arn"'),
            record(ONE).replace(b":", b" : ").replace(b",", b"\t,\r ").replace(b"{", b" { ") + b" \t",
            record(image_of(b'{ "L" : [ { "S" : "x" } , { "NS" : [ "1" , "2" ] } ] }')),
        ],
        "ends": [ending_in(text) for text in (b"", b" ", b"\x7f", rb"\"", rb"\\", rb"\n", rb"\u0001", "é".encode())],
        "what-nobody-reads": [
            record(
                ONE, event=b"MODIFY", old=rb'{"a":[1,{"b":["\ud83d\ude00\n",true,false,null,{}],"\u0061":0}],"a":2}'
            ),
            record(ONE, more=b'{"a":{"b":[[],[0,123456789012345678]]}}'),
            record(ONE).replace(b'"SizeBytes":57', rb'"SizeBytes":57,"more":["\/",{"a":"x"}]'),
            record(ONE, event=b"MODIFY", old=b"[" * 30 + b"]" * 30),
        ],
        "many-names": [with_many_attributes(4_096)],
    }
