from __future__ import annotations

import gzip
import io
import json

import pytest

from tests.unit.tools.lake.replay.failures import AT_MS, Function, line
from tests.unit.tools.operations.folder_bucket import record
from tools.errors import LakeError
from tools.lake.packed_file import PackedFile
from tools.lake.replay import carrying
from tools.lake.replay.carrying import Carrier
from tools.lake.replay.selection import Selection
from tools.lake.row_ledger import Counts

ALL = Selection()


def carry(*lines, function=None, selection=ALL, error_type="processing-failed"):
    rows, rest = io.BytesIO(), io.BytesIO()
    packed_rows, packed_rest = PackedFile(rows), PackedFile(rest)
    carrier = Carrier(function or Function(), selection, error_type, packed_rows, packed_rest)
    carrier.carry(text.removesuffix(b"\n") for text in lines)
    carrier.flush()
    packed_rows.finish()
    packed_rest.finish()
    return carrier, *(gzip.decompress(file.getvalue()).splitlines() for file in (rows, rest))


def test_each_record_becomes_a_row_is_dropped_or_stays_with_its_reason():
    carrier, rows, rest = carry(line(b"a"), line(b"drop"), line(b"poison", more=[1.50]), line(b"b"))

    assert rows == [b'{"of":"a"}', b'{"of":"b"}']
    assert carrier.counts == Counts(2, 1, 1)
    assert carrier.reasons == {"poison": 1}
    (again,) = map(json.loads, rest)
    before = json.loads(line(b"poison", more=[1.50]))
    assert again.pop("attemptEndingTimestamp") > before.pop("attemptEndingTimestamp")
    assert again == {**before, "errorMessage": "poison", "attemptsMade": 5}


def test_what_is_not_chosen_and_what_is_no_failed_record_stay_byte_for_byte():
    late, other, torn = line(b"a", arrivalTimestamp=AT_MS + 5), line(b"b", errorCode="X"), b'{"rawData":"YQ==\n'
    strange = b'{"a": 1.10}\n'
    chosen = Selection(frozenset(["Lambda.FunctionError"]), until_ms=AT_MS + 5)

    carrier, rows, rest = carry(late, other, torn, strange, line(b"c"), selection=chosen)

    assert rows == [b'{"of":"c"}']
    assert rest == [each.rstrip(b"\n") for each in (late, other, torn, strange)]
    assert carrier.counts == Counts(1, 0, 4)


def test_one_record_that_makes_the_function_fail_as_a_whole_fails_alone():
    carrier, rows, _ = carry(*(line(b"crash" if number == 7 else b"%d" % number) for number in range(20)))

    assert len(rows) == 19
    assert carrier.reasons == {"function f:live failed: Runtime.ExitError: exited": 1}


def test_a_function_that_fails_whatever_it_is_called_with_is_an_error_and_not_asked_for_each_record():
    function = Function()
    function.broken = True

    with pytest.raises(LakeError, match="MASK_KEY is not set"):
        carry(*(line(b"%d" % number) for number in range(20)), function=function)
    assert function.calls == 1


def test_nothing_has_changed_where_all_fail_for_the_reason_that_they_have():
    first, _, rest = carry(line(b"poison"))
    again, _, _ = carry(*rest)
    unknown, _, _ = carry(line(b"poison", errorMessage="x"), function=Unexplained())

    assert first.has_changed
    assert not again.has_changed
    assert not unknown.has_changed
    assert unknown.reasons == {"": 1}


class Unexplained(Function):
    def explain(self, records):
        return [""] * len(records)


def test_a_finished_row_is_taken_as_it_is_unless_it_is_the_original_that_the_function_failed():
    row = json.dumps(record(1, price=1)).replace(": 1}", ": 1.10}").encode()

    for data in (row, row + b"\n"):
        function = Function()
        _, rows, rest = carry(line(data), error_type="format-conversion-failed", function=function)
        assert (rows, rest) == ([row], [])
        assert function.calls == 0
    _, rows, _ = carry(line(row), error_type="processing-failed")
    assert rows == [b'{"of":"%s"}' % row]
    _, rows, _ = carry(line(row + b"\n" + row), line(b'{"a":1}'), error_type="format-conversion-failed")
    assert len(rows) == 3
    assert rows[-1] == b'{"of":"{"a":1}"}'


def test_a_record_that_no_call_can_hold_or_that_is_no_base64_stays(monkeypatch):
    monkeypatch.setattr(carrying, "DOCUMENT_BYTES", 3)

    carrier, rows, rest = carry(line(b"1234"), line(b"a", rawData="!"), line(b"abc"))

    assert rows == [b'{"of":"abc"}']
    assert carrier.reasons == {carrying.TOO_LONG: 1, carrying.NO_RECORD: 1}
    assert len(rest) == 2


def test_calls_are_as_large_as_is_sensible(monkeypatch):
    monkeypatch.setattr(carrying, "BATCH_RECORDS", 10)
    function = Function()

    carry(*(line(b"%d" % number) for number in range(95)), function=function)

    assert function.calls == 10
