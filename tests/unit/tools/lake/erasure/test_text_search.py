from __future__ import annotations

import base64
import csv
import io
import json

import pytest

from tools.lake.erasure.text_search import TextSearch

VALUE = 'say "hello" \\ Zoë'


def as_csv(value):
    written = io.StringIO()
    csv.writer(written).writerow(["x" * 300_000, value])
    return written.getvalue().encode()


def as_json(value):
    return json.dumps([value], ensure_ascii=False).encode()


def as_base64(value):
    return base64.b64encode(f'{{"name":"{value}"}}'.encode())


@pytest.mark.parametrize("value", [VALUE, "渡辺渡辺", "86753091"])
@pytest.mark.parametrize("write", [as_csv, as_json, as_base64])
def test_a_value_is_found_however_a_text_escapes_it(value, write):
    text = write(value)
    assert TextSearch([value, "another value"]).is_in(iter(text.splitlines(keepends=True)))
    assert not TextSearch(["another value"]).is_in(iter([text]))


def test_nothing_is_found_where_no_value_tells_anybody():
    assert not TextSearch(["ab", ""]).is_in(iter([b"ab"]))
