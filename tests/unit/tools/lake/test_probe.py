from __future__ import annotations

import pytest

from tools.lake import probe

ARTICLE = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}
ROW = {
    "cdc_event": "INSERT",
    "cdc_table": "t",
    "cdc_event_id": "e",
    "cdc_changed_at_us": 7,
    "id": "864732",
    "name": "Adam",
    "designation": "Architect",
}


def test_the_probe_of_the_articles_table_is_the_articles_item():
    item = probe.for_table(ARTICLE)

    assert item.first == {"id": {"S": "864732"}, "name": {"S": "Adam"}, "Designation": {"S": "Architect"}}
    assert item.second["Designation"] == {"S": "Senior Architect"}
    assert item.key == {"id": {"S": "864732"}}


def test_the_probe_of_another_table_has_that_tables_key():
    item = probe.for_table(
        {
            "AttributeDefinitions": [
                {"AttributeName": "Pk", "AttributeType": "N"},
                {"AttributeName": "sk", "AttributeType": "B"},
            ],
            "KeySchema": [{"AttributeName": "Pk"}, {"AttributeName": "sk"}],
        }
    )

    assert item.key == {"Pk": {"N": "864732"}, "sk": {"B": b"864732"}}
    assert probe.expected(item.first)["pk"] == 864732
    assert probe.expected(item.first)["sk"] == "ODY0NzMy"


def test_a_record_counts_only_when_every_value_is_as_written():
    item = probe.for_table(ARTICLE)

    assert item.find([ROW], "t", 7) == {"INSERT": ROW}
    for wrong in (
        {**ROW, "name": "Eve"},
        {**ROW, "extra": 1},
        {**ROW, "cdc_changed_at_us": 6},
        {**ROW, "id": 864732},
        {**ROW, "cdc_event": "MODIFY"},
        {**ROW, "cdc_table": "other"},
        {key: value for key, value in ROW.items() if key != "designation"},
    ):
        assert item.find([wrong], "t", 7) == {}


HASH = "0123456789abcdef" * 4
RULES = [
    ({"name": "hash"}, {**ROW, "name": HASH}, [ROW, {**ROW, "name": HASH.upper()}, {**ROW, "name": HASH[:-1]}]),
    ({"name": "drop"}, {key: value for key, value in ROW.items() if key != "name"}, [ROW, {**ROW, "name": None}]),
    ({"name": "text"}, ROW, [{**ROW, "name": HASH}]),
    ({"name": "json"}, {**ROW, "name": '"Adam"'}, [ROW]),
    ({"name.first": "drop", "Name": "drop", "id": "hash"}, {**ROW, "id": HASH}, [ROW]),
]


@pytest.mark.parametrize(("rules", "right", "wrong"), RULES)
def test_a_record_of_a_table_with_rules_counts_only_when_every_value_is_as_the_rules_say(rules, right, wrong):
    item = probe.for_table(ARTICLE, rules=rules)

    assert item.find([right], "t", 7) == {"INSERT": right}
    assert item.find([*wrong, {**right, "extra": 1}], "t", 7) == {}


def test_a_rule_for_a_number_and_for_a_name_with_a_dot_is_understood():
    item = probe.for_table(
        {
            "AttributeDefinitions": [
                {"AttributeName": "P.k", "AttributeType": "N"},
                {"AttributeName": "s\\", "AttributeType": "S"},
            ],
            "KeySchema": [{"AttributeName": "P.k"}, {"AttributeName": "s\\"}],
        },
        rules={"P\\.k": "text", "s\\\\": "hash"},
    )
    row = {**ROW, "p.k": "864732", "s\\": HASH}

    assert item.find([row], "t", 7) == {"INSERT": row}
    assert item.find([{**row, "p.k": 864732}], "t", 7) == {}
