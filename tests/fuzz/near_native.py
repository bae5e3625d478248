"""Inputs around the ordinary record of the real stream: those that native code must take, and those one step beyond.

They are written as bytes, because the way in which JSON is spelled is half of what they try.
"""

from __future__ import annotations

import itertools

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
_BROKEN_UTF_8 = [b"\x80", b"\xc3", b"\xc0\x80", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf5", b"\xff"]
_NUMBERS = [
    *("0", "-0", "7", "-7", "10", "0.5", "-0.5", "1.50", "0.0", "1e5", "1E5", "1e+5", "1E-130", "-1.50e-07", "1e400"),
    *("9" * 38, "9" * 41, "0." + "0" * 37 + "1", "1e" + "9" * 20),
]
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
_KEY_NUMBERS = ["0", "7", "-7", "100", "9" * 38, "0.5", "-0.05", "12.34", "9" * 40]
_OTHER_KEY_NUMBERS = ["-0", "0.0", "1.50", "1e5", "15E-1", "1.0", "9" * 41, "1" * 125, "1" * 126, "007", "-", "1e-131"]

_SECOND = 1_000_000
_LAST = 253_402_300_799
_SECONDS = [0, 68_169_600, 946_684_799, 951_782_400, 951_868_800, 1_709_164_800, 1_735_689_599, 4_107_456_000, _LAST]
_INSTANTS = [
    *(second * _SECOND + fraction for second in _SECONDS for fraction in (0, 1, 999_999)),
    4_107_542_400 * _SECOND,  # the day after 28 February 2100, which is no leap year
    13_574_563_200 * _SECOND,  # 29 February 2400, which is one
]
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

_ONE = b'{"id":{"S":"1"}}'
_OTHER = b'{"b":{"S":"2"}}'
_STREAM = b"arn:aws:dynamodb:eu-west-1:111122223333:table/orders/stream/2023-11-14T22:13:20.123"
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
_TIME_TO_LIVE = b'{"principalId":"dynamodb.amazonaws.com","type":"Service"}'


def record(image=None, *, event=b"INSERT", keys=_ONE, old=None, time=1_700_000_000_123_456, precision=None, **members):
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


def _image(*members):
    """Returns an image whose attributes are called `a0`, `a1` and so on."""
    return b"{%b}" % b",".join(b'"a%d":%b' % (place, value) for place, value in enumerate(members))


def _texts(spellings):
    return [b'{"S":"%b"}' % spelling for spelling in spellings]


def _numbers(literals):
    return [b'{"N":"%b"}' % literal.encode() for literal in literals]


def _everywhere(values):
    """Returns values as a column, in a list, in a map in a list, and in a map."""
    together = _image(*values)
    return [
        record(together),
        record(_image(b'{"L":[%b]}' % b",".join(values))),
        record(_image(b'{"L":[{"M":%b}]}' % together)),
        record(_image(b'{"M":%b}' % together)),
    ]


def _each_alone(values):
    return [record(_image(value)) for value in values]


def _named(*names):
    return record(b"{%b}" % b",".join(b'"%b":{"N":"%d"}' % (name, place) for place, name in enumerate(names)))


def _many(count):
    return record(b"{%b}" % b",".join(b'"%b":{"S":""}' % b"%c%c%c" % (*each,) for each in _three_letters(count)))


def _three_letters(count):
    letters = b"abcdefghijklmnopqrstuvwxyz"
    return itertools.islice(itertools.product(letters, repeat=3), count)


def _nested(levels, kind):
    """Returns a record whose innermost value is at so many levels below the image."""
    opening, closing = {"M": (b'{"M":{"a":', b"}}"), "L": (b'{"L":[', b"]}")}[kind]
    return record(_image(opening * levels + b'{"S":"x"}' + closing * levels))


def _long_texts():
    """Yields texts in which the first byte that is special stands at, before and after the end of a block of 16."""
    for block in (16, 32, 48):
        for length in range(block - 2, block + 3):
            for special in (b"", rb"\"", rb"\\", rb"\n", "é".encode(), "😀".encode(), rb"\u0001"):
                yield b"a" * length + special
                yield b"a" * length + special + b"b" * 15 + special


def _keys(*attributes):
    return record(keys=b"{%b}" % b",".join(attributes))


def _streamed(arn, event=b"INSERT", old=None, **members):
    """Returns a change record with the envelope of DynamoDB Streams."""
    images = {"ApproximateCreationDateTime": b"1700000000", "Keys": _ONE, "SequenceNumber": b'"1"', "SizeBytes": b"57"}
    images |= {"OldImage": old} if old else {"NewImage": _ONE}
    chosen = {"eventID": b'"e"', "eventName": b'"%b"' % event, "eventVersion": b'"1.1"', "dynamodb": _object(**images)}
    return _object(**chosen, **members, eventSourceARN=b'"%b"' % arn)


def _ending_in(text):
    """Returns a record whose last string is so near its end that no block of 16 bytes is left to look at."""
    return b'%b,"a":"%b"}' % (record(_ONE)[:-1], text)


def _object(**members):
    """Returns an object with the given members in their order."""
    return b"{%b}" % b",".join(b'"%b":%b' % (name.encode(), value) for name, value in members.items())


def _removed(**members):
    return record(event=b"REMOVE", **members)


def accepted():
    """Returns inputs, name -> records, that native code writes every record of."""
    return {
        "events": [
            record(_ONE),
            record(b'{"id":{"S":"1"},"n":{"N":"2"}}', event=b"MODIFY", old=b'{"id":{"S":"1"},"n":{"N":"1"}}'),
            _removed(old=b'{"id":{"S":"1"},"n":{"N":"1"}}'),
            _removed(old=b'{"id":{"S":"1"},"ttl":{"N":"1"}}', userIdentity=_TIME_TO_LIVE),
            _removed(userIdentity=b'{"type":"Service","principalId":"someone.amazonaws.com"}'),
            record(_ONE, userIdentity=_TIME_TO_LIVE),
            _removed(userIdentity=b"{}"),
        ],
        "keys-only": [
            record(event=b"MODIFY", old=_OTHER),
            record(),
            record(event=b"MODIFY"),
            _removed(),
            record(b"null", old=b"null"),
            record(b"{}"),
            _removed(old=b"null"),
            _removed(old=b"{}"),
            _removed(image=b"null", old=_OTHER),
        ],
        "other-orders": [
            record(dynamodb=_object(NewImage=_OTHER, ApproximateCreationDateTime=b"1", Keys=_ONE)),
            record(dynamodb=_object(OldImage=_ONE, NewImage=_OTHER, Keys=_ONE, ApproximateCreationDateTime=b"1")),
            record(event=b"MODIFY", dynamodb=_object(OldImage=_OTHER, Keys=_ONE, ApproximateCreationDateTime=b"1")),
            _removed(dynamodb=_object(OldImage=_OTHER, Keys=_ONE, ApproximateCreationDateTime=b"1")),
            _removed(dynamodb=_object(OldImage=b"{}", ApproximateCreationDateTime=b"1", Keys=_OTHER)),
        ],
        "composite-keys": [
            _keys(b'"a":{"S":"1"}', b'"b":{"N":"2"}'),
            _keys(b'"b":{"N":"2"}', b'"a":{"S":"1"}'),
            _keys(b'"id":{"B":"AQ=="}', b'"ID2":{"S":"x"}'),
            _keys(b'"a":{"S":"1"}', b'"aa":{"S":"2"}'),
            _keys(b'"aa":{"S":"1"}', b'"a":{"S":"2"}'),
            _keys('"é":{"S":"1"}'.encode(), b'"z":{"S":"2"}'),
            _keys('"\uffff":{"S":"1"}'.encode(), '"😀a":{"S":"2"}'.encode()),
            _keys(rb'"a":{"S":"\"\\\u0001\n\/"}', '"b":{"S":"é\U0001f600"}'.encode()),
        ],
        "key-numbers": [_keys(b'"n":%b' % value) for value in _numbers(_KEY_NUMBERS)],
        "key-texts": [_keys(b'"s":%b' % value) for value in _texts([b"", *_ESCAPES])],
        "numbers": _everywhere(_numbers(_NUMBERS)),
        "escapes": _everywhere(_texts(_ESCAPES)),
        "characters": _everywhere(_texts(each.encode() for each in _CHARACTERS)),
        "long-texts": _everywhere(_texts(_long_texts())),
        "sets": _everywhere(
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
        "types": _everywhere(
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
            *(_streamed(arn) for arn in (_STREAM, b"arn:aws:dynamodb:::table/t", b"arn::dynamodb:a/b:\x7f:table/t/")),
            _streamed("arn:aws-cn:dynamodb:é:😀:table/é/x:y".encode()),
            _streamed(_STREAM, event=b"REMOVE", old=_OTHER, userIdentity=_TIME_TO_LIVE),
            record(_ONE, eventSourceARN=b'"arn"'),
            record(_ONE, tableName=b'"other"', eventSourceARN=b'"%b"' % _STREAM),
        ],
        "maps-alike": [
            record(_image(*[b'{"L":[{"M":{"a":{"S":"1"}}},{"M":{"a":{"S":"2"}}}]}'] * 2)),
            record(_image(*[b'{"M":{"a":{"M":{"a":{"L":[{"M":{"a":{"M":{"a":{"NULL":true}}}}}]}}}}}'] * 2)),
        ],
        "names": [
            _named(b"id", b"Name", b"a-b", b"a.c", b"9", b"_", b"S", b"cd", b"xcdc_", b"CDC"),
            _named(b"", "é".encode(), "aé".encode(), "a😀b".encode(), b"\x7f\x7f"),
            _named(*(b"%c" % letter * 60 for letter in b"aBc9_")),
        ],
        "long-names": [
            *(_named(letter * 253, letter * 254) for letter in (b"n", b"N")),
            _named(b"n" * 255),
            _named(b"9" * 254),
            _named("é".encode() * 127),
            *(record(b'{"%b":{"M":{"%b":{"S":"x"}}}}' % (b"a" * length, b"b" * 100)) for length in (152, 153)),
        ],
        "deep": [_nested(levels, kind) for kind in "ML" for levels in (1, 32, 38)],
        "instants": [record(time=instant, precision=b"MICROSECOND") for instant in _INSTANTS],
        "units": [
            *(record(time=instant // 1_000, precision=b"MILLISECOND") for instant in _INSTANTS),
            *(
                record(time=time)
                for time in (0, 1, 99_999_999_999, 100_000_000_000, 99_999_999_999_999, 100_000_000_000_000)
            ),
            record(time=_LAST * _SECOND + 999_999),
        ],
        "spellings": [
            record(_ONE, eventID=rb'"\u00e9\"\\\n"', tableName='"a\U0001f600"'.encode(), eventSourceARN=b'"arn"'),
            record(_ONE).replace(b":", b" : ").replace(b",", b"\t,\r ").replace(b"{", b" { ") + b" \t",
            record(_image(b'{ "L" : [ { "S" : "x" } , { "NS" : [ "1" , "2" ] } ] }')),
        ],
        "ends": [_ending_in(text) for text in (b"", b" ", b"\x7f", rb"\"", rb"\\", rb"\n", rb"\u0001", "é".encode())],
        "what-nobody-reads": [
            record(
                _ONE, event=b"MODIFY", old=rb'{"a":[1,{"b":["\ud83d\ude00\n",true,false,null,{}],"\u0061":0}],"a":2}'
            ),
            record(_ONE, more=b'{"a":{"b":[[],[0,123456789012345678]]}}'),
            record(_ONE).replace(b'"SizeBytes":57', rb'"SizeBytes":57,"more":["\/",{"a":"x"}]'),
            record(_ONE, event=b"MODIFY", old=b"[" * 30 + b"]" * 30),
        ],
        "many-names": [_many(4_096)],
    }


def beyond():
    """Returns inputs, name -> records, of which native code may decline what it likes."""
    return {
        "bad-escapes": [
            *_each_alone(_texts(_BROKEN_ESCAPES)),
            *(_keys(b'"s":%b' % value) for value in _texts(_BROKEN_ESCAPES)),
            *(record(eventID=b'"%b"' % spelling) for spelling in _BROKEN_ESCAPES),
            *(record(more=b'"%b"' % spelling) for spelling in _BROKEN_ESCAPES),
        ],
        "bad-utf-8": [
            *_each_alone(_texts(_BROKEN_UTF_8)),
            *(_named(b"a" + each) for each in _BROKEN_UTF_8),
            *(record(more=b'"%b"' % each) for each in _BROKEN_UTF_8),
        ],
        "bad-characters": [
            *_each_alone(_texts(b"a" * 15 + b"%c" % each for each in (0, 9, 13, 31))),
            *(_ending_in(b"%c" % each) for each in (0, 9, 13, 31)),
        ],
        "bad-numbers": [
            *_each_alone(_numbers(_NO_NUMBERS)),
            *(record(_image(b'{"NS":["1","%b"]}' % literal.encode())) for literal in _NO_NUMBERS),
        ],
        "other-key-numbers": [_keys(b'"n":%b' % value) for value in _numbers(_OTHER_KEY_NUMBERS)],
        "other-keys": [
            *(
                record(_ONE, keys=keys)
                for keys in (b"{}", b"null", b"[]", b'{"a":{"BOOL":true}}', b'{"a":{"S":"1","N":"2"}}')
            ),
            _keys(b'"a":{"S":"1"}', b'"a":{"S":"2"}'),
            record(_OTHER, keys=b'{"a":{"S":"1"},"a":{"S":"2"}}'),
            _keys(*(b'"%c":{"S":"1"}' % letter for letter in b"abc")),
            _keys(rb'"\u0061":{"S":"1"}'),
        ],
        "other-values": _each_alone(
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
        "other-streams": [_streamed(arn) for arn in _NO_TABLES],
        "twice": [
            _named(b"a", b"a"),
            _named(b"a.b", b"a_b"),
            _named(b"a", b"A"),
            _named(b"xa", b"a", b"9", b"x9"),
            record(b'{"a":{"M":{"b":{"S":"1"}}},"a_b":{"S":"2"}}'),
            record(b'{"a":{"M":{"b":{"S":"1"}}},"a__b":{"S":"2"}}'),
            record(b'{"a":{"M":{"b":{"S":"1"}}},"a":{"M":{"c":{"S":"2"}}}}'),
            record(b'{"a":{"M":{"b":{"M":{}}}},"A":{"M":{"c":{"S":"2"}}}}'),
            record(_image(b'{"L":[{"M":{"a":{"S":"1"},"a":{"S":"2"}}}]}')),
            *(record(_ONE)[:-1] + b",%b}" % again for again in _ENVELOPE_AGAIN),
            *(record(_ONE).replace(b'"SizeBytes":57', again) for again in _IMAGES_AGAIN),
            _removed(userIdentity=b'{"type":"Service","type":"x","principalId":"dynamodb.amazonaws.com"}'),
            _removed(userIdentity=b'{"principalId":"x","principalId":"dynamodb.amazonaws.com","type":"Service"}'),
        ],
        "other-names": [
            *(_named(name) for name in (b"cdc_", b"cdc_event", b"CDC-x", "cdcé".encode(), rb"\u0061", rb"a\nb")),
            record(b'{"cdc":{"M":{"event":{"S":"x"}}}}'),
            record(b'{"c":{"M":{"dc":{"M":{"x":{"S":"x"}}}}}}'),
            *(_named(letter * length) for letter in (b"n", b"9", "é".encode()) for length in (255, 256, 257)),
            *(
                record(b'{"%b":{"M":{"%b":{"S":"x"}}}}' % (b"a" * length, b"b" * 100))
                for length in (154, 155, 255, 256)
            ),
        ],
        "deeper": [_nested(levels, kind) for kind in "ML" for levels in (*range(39, 45), 120, 260)],
        "bad-instants": [
            *(
                record(time=time, precision=each)
                for time in _NO_INSTANTS
                for each in (None, b"MILLISECOND", b"MICROSECOND")
            ),
            record(time=1, precision=b"NANOSECOND"),
            record(time=(_LAST + 1) * 1_000, precision=b"MILLISECOND"),
        ],
        "other-envelopes": [
            *(_removed(image=image, old=_OTHER) for image in (_ONE, b'{"id":1}', b'{"id":{"N":2}}', b"[]")),
            _removed(old=b'{"b":{"NULL":false}}'),
            record(_ONE, eventName=rb'"\u0049NSERT"'),
            record(_ONE, eventName=b'"CREATE"'),
            *(record(_ONE, eventID=value) for value in (b'""', b"null", b"1")),
            *(record(_ONE, tableName=value) for value in (b'""', b"null", b"1")),
            *(record(_ONE, eventSourceARN=value) for value in (b"null", b"1", rb'"\n"')),
            *(
                _removed(userIdentity=value)
                for value in (b"1", b'{"type":null}', b'{"type":"Serv\\u0069ce"}', b"nullx")
            ),
            *(
                record(_ONE, more=value)
                for value in (b"1.5", b"-1", b"1e400", b"007", b"truefalse", b"{,}", b"[1 2]", b"")
            ),
            *(record(_ONE)[:-1] + rest for rest in (b"", b",}", b"}}", b"} x", b"}\x00", b"}" + _ONE)),
            b"\xef\xbb\xbf" + record(_ONE),
            b"\x0c" + record(_ONE),
        ],
        "too-many-names": [_many(4_097)],
    }


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
