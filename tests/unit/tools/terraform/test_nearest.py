from __future__ import annotations

import pytest

from tools.terraform.nearest import find_member, is_misspelt, nearest
from tools.terraform.type_constraints import Collection, Member, ObjectType, Primitive

TEXT = Member(Primitive("string"), is_optional=True)


@pytest.mark.parametrize(
    ("name", "known", "found"),
    [
        ("tabels", ["tables", "tags"], "tables"),
        ("TABLES", ["tables"], "tables"),
        ("zzz", ["tables"], None),
        ("tables", [], None),
    ],
)
def test_the_nearest_name_is_the_most_alike_and_none_where_none_is_alike(name, known, found):
    assert nearest(name, known) == found


def test_only_a_slip_of_the_finger_is_misspelt():
    assert is_misspelt("bufering_mib", "buffering_mib")
    assert not is_misspelt("stream_mode", "mode")


def test_a_member_is_found_under_any_key_of_a_map():
    stream = Member(ObjectType({"shards": TEXT}), is_optional=True)
    tables = Collection("map", ObjectType({"stream": stream}))

    assert find_member("shards", tables) == ("NAME", "stream", "shards")
    assert find_member("shard", tables) is None
    assert find_member("shards", stream.type) == ("shards",)
    assert find_member("shards", TEXT.type) is None
