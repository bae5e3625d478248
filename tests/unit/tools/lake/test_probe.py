from __future__ import annotations

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
