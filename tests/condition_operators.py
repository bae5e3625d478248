"""What AWS documents of each condition operator: operator, the policy's values, the request's, whether it holds.

AWS documentation: "IAM JSON policy elements: Condition operators", "Set operators for multivalued context keys".
"""

from __future__ import annotations

_S3, _KINESIS = "s3.us-east-1.amazonaws.com", "kinesis.us-east-1.amazonaws.com"
_ROLE = "arn:aws:iam::111111111111:role/team/delivery"
_MORNING, _EVENING = "2026-11-25T08:00:00Z", "2026-11-25T20:00:00+00:00"
_SINGLE = [
    ("StringEquals", [_S3], _S3, _KINESIS),
    ("StringEqualsIgnoreCase", ["S3.us-east-1.amazonaws.com"], _S3, _KINESIS),
    ("StringLike", ["s3.*.amazonaws.???"], _S3, "S3.us-east-1.amazonaws.com"),
    ("NumericEquals", ["10.0"], "10", "10.5"),
    ("NumericLessThan", ["1000"], "999.9", "1000"),
    ("NumericLessThanEquals", ["1000"], "1000", "1000.1"),
    ("NumericGreaterThan", ["9"], "10", "9"),
    ("NumericGreaterThanEquals", ["9"], "9", "-10"),
    ("DateEquals", [_MORNING], "1795593600", _EVENING),
    ("DateLessThan", [_EVENING], _MORNING, _EVENING),
    ("DateLessThanEquals", [_EVENING], _EVENING, "2026-11-25T21:00:00Z"),
    ("DateGreaterThan", ["1795593600"], _EVENING, _MORNING),
    ("DateGreaterThanEquals", [_MORNING], "2026-11-25T08:00:00", "2026-11-24"),
    ("Bool", ["true"], "true", "false"),
    ("BinaryEquals", ["QUJD"], "QUJD", "QUJE"),
    ("IpAddress", ["203.0.113.0/24", "2001:db8::/32"], "2001:db8::1", "203.0.114.1"),
    ("ArnEquals", ["arn:aws:iam::*:role/team/*"], _ROLE, "arn:aws:iam::111111111111:user/team"),
    ("ArnLike", ["arn:aws:iam::*:role/team/*"], _ROLE, "arn:aws:s3:::role/team/x"),
]
_OPPOSITES = {
    "StringEquals": "StringNotEquals",
    "StringEqualsIgnoreCase": "StringNotEqualsIgnoreCase",
    "StringLike": "StringNotLike",
    "NumericEquals": "NumericNotEquals",
    "DateEquals": "DateNotEquals",
    "IpAddress": "NotIpAddress",
    "ArnEquals": "ArnNotEquals",
    "ArnLike": "ArnNotLike",
}

OPERATORS: list[tuple[str, list[str], list[str] | None, bool]] = [
    *((name, wanted, [fits], True) for name, wanted, fits, _ in _SINGLE),
    *((name, wanted, [other], False) for name, wanted, _, other in _SINGLE),
    *((_OPPOSITES[name], wanted, [fits], False) for name, wanted, fits, _ in _SINGLE if name in _OPPOSITES),
    *((_OPPOSITES[name], wanted, [other], True) for name, wanted, _, other in _SINGLE if name in _OPPOSITES),
    # A key that the request lacks.
    *((name, wanted, None, False) for name, wanted, *_ in _SINGLE),
    *((f"{name}IfExists", wanted, None, True) for name, wanted, *_ in _SINGLE),
    *((f"{name}IfExists", wanted, [other], False) for name, wanted, _, other in _SINGLE),
    *((name, ["x"], None, True) for name in _OPPOSITES.values()),
    ("Null", ["true"], None, True),
    ("Null", ["true"], ["x"], False),
    ("Null", ["false"], ["x"], True),
    ("Null", ["false"], None, False),
    # Several values.
    ("ForAnyValue:StringEquals", ["a", "b"], ["b", "c"], True),
    ("ForAnyValue:StringEquals", ["a"], ["b", "c"], False),
    ("ForAnyValue:StringEquals", ["a"], None, False),
    ("ForAllValues:StringLike", ["a*", "b"], ["ab", "b"], True),
    ("ForAllValues:StringLike", ["a*"], ["ab", "b"], False),
    ("ForAllValues:StringLike", ["a*"], None, True),
    ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
    ("ForAnyValue:StringNotEquals", ["a"], None, False),
    ("ForAllValues:StringNotEquals", ["a"], ["a", "b"], False),
    ("StringNotEquals", ["a", "b"], ["b"], False),
    # Values of another kind, and wildcards that reach into the next part of an ARN.
    ("NumericLessThan", ["ten"], ["9"], False),
    ("DateLessThan", [_EVENING], ["yesterday"], False),
    ("IpAddress", ["10.0.0.0/8"], ["10.0.0"], False),
    ("ArnLike", ["arn:aws:*:role/delivery"], ["arn:aws:iam::111111111111:role/delivery"], False),
    ("ArnLike", ["arn:aws:s*:*:*:topic"], ["arn:aws:sns:us-east-1:111111111111:other:topic"], False),
    ("ArnLike", ["*"], [_ROLE], True),
]
