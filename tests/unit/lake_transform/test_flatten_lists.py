"""Lists and sets: as JSON text by default, as arrays without objects when configured so."""

from __future__ import annotations

import pytest

from lake_transform.settings import Settings
from lake_transform.transform import Transform

_LISTS = {
    "l": {"L": [{"S": "a"}, {"N": "1.50"}, {"M": {"b": {"N": "2"}, "c": {"M": {}}}}, {"L": [{"M": {"d": {"L": []}}}]}]},
    "ss": {"SS": ["x", 'y"z']},
    "ns": {"NS": ["1", "-2.50"]},
    "bs": {"BS": ["AQ=="]},
    "none": {"L": []},
}


@pytest.fixture
def line(record):
    return lambda image, **settings: Transform(Settings(**settings)).change(record(image)).data.decode()


def test_lists_and_sets_are_json_text_by_default(line):
    assert (
        r'"l":"[\"a\",1.50,{\"b\":2,\"c\":{}},[{\"d\":[]}]]","ss":"[\"x\",\"y\\\"z\"]","ns":"[1,-2.50]",'
        r'"bs":"[\"AQ==\"]","none":"[]"}'
    ) in line(_LISTS)


def test_as_arrays_they_hold_maps_as_json_text(line):
    assert (
        r'"l":["a",1.50,"{\"b\":2,\"c\":{}}",["{\"d\":[]}"]],"ss":["x","y\"z"],"ns":[1,-2.50],"bs":["AQ=="],"none":[]}'
    ) in line(_LISTS, list_format="array")


def test_an_empty_map_is_text_in_either_format(line):
    for list_format in ("text", "array"):
        assert '"m":"{}"}' in line({"m": {"M": {}}}, list_format=list_format)


def test_in_the_overflow_lists_are_plain_in_either_format(line):
    for list_format in ("text", "array"):
        assert r'"cdc_overflow":"{\"/L\":[{\"a\":1}]}"' in line(
            {"l": {"S": "x"}, "L": {"L": [{"M": {"a": {"N": "1"}}}]}}, list_format=list_format
        )
