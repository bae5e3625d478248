from __future__ import annotations

import re

from tools.lake import table_sample
from tools.lake.value_shapes import parse

ITEMS = [
    {"id": {"S": "1"}, "email": {"S": "a@b"}, "Total": {"N": "1.50"}, "address": {"M": {"city": {"S": "Oslo"}}}},
    {"id": {"S": "2"}, "email": {"S": "c@d"}, "photo": {"B": b"\x01\x02"}, "tags": {"L": [{"N": "1"}, {"S": "x"}]}},
    {"id": {"S": "3"}, "bytes": {"BS": [b"a"]}, "secret": {"S": "x"}, "ok": {"BOOL": True}, "none": {"NULL": True}},
]


class Dynamo:
    def describe_table(self, **_):
        return {"Table": {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}}

    def get_paginator(self, operation):
        assert operation == "scan"
        return self

    def paginate(self, *, TableName, PaginationConfig):  # noqa: N803  # boto3's names
        yield {"Items": ITEMS[: PaginationConfig["MaxItems"]]}


def sampled(items=10, *, rules=None, list_format="text", separator="__"):
    return table_sample.summarise(
        Dynamo(), "orders", items, rules=rules or {}, path_separator=separator, list_format=list_format
    )


def kinds(summary):
    return {name: {parse(code).kind for code in seen} for name, seen in summary.columns.items()}


def test_items_have_the_columns_that_the_function_gives_them():
    found = sampled()

    assert (found.rows, found.bad_lines) == (3, 0)
    assert kinds(found) == {
        "id": {"text"},
        "email": {"text"},
        "total": {"number"},
        "address__city": {"text"},
        "photo": {"text"},
        "tags": {"text"},
        "bytes": {"text"},
        "secret": {"text"},
        "ok": {"boolean"},
        "none": {"null"},
    }


def test_settings_of_the_function_count():
    found = kinds(sampled(list_format="array", separator="_"))

    assert found["tags"] == {"array"}
    assert "address_city" in found


def test_rules_hold_in_a_sample_too():
    found = sampled(rules={"email": "hash", "secret": "drop", "Total": "text", "id": "hash"})

    assert "secret" not in found.columns
    assert kinds(found)["total"] == {"text"}
    example = next(iter(found.columns["email"].values())).first
    assert re.fullmatch(r'\{"id":"[0-9a-f]{64}"\}', example.cdc_key)


def test_no_more_items_are_read_than_were_asked_for():
    assert sampled(1).rows == 1
