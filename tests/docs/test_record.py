"""What docs/record.md tells readers is so: the table for Athena reads the demo's lines, and its queries run on them."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest

from lake_transform import metadata
from lake_transform.columns import Columns
from lake_transform.settings import Settings
from lake_transform.table_settings import TableSettings
from lake_transform.transform import Transform
from tests.docs import pages
from tools import paths
from tools.lake import probe

PAGE = pages.read(paths.REPOSITORY / "docs" / "record.md")
TABLE = "blog-srsa-ddb-table"
KEY = {
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
}
PYTHON_TYPES = {"string": str, "bigint": int, "boolean": bool}
OPTIONAL = {column.name for column in metadata.COLUMNS if column.presence == "optional"}


def statements(start):
    """Returns the SQL blocks of the page that start with these words."""
    return [block.text for block in PAGE.blocks if block.language == "sql" and block.text.startswith(start)]


def declared():
    """Returns the columns of the table for Athena, its partitions, and its properties."""
    (statement,) = statements("CREATE EXTERNAL TABLE")
    columns, partitions, properties = re.search(
        r"\A\w+ \w+ \w+ blog_srsa_ddb_table \(\n(.*?)\n\)\nPARTITIONED BY \((.*?)\)\n.*TBLPROPERTIES \(\n(.*)\n\);\Z",
        statement.strip(),
        re.DOTALL,
    ).groups()
    return (
        dict(line.split() for line in columns.replace(",\n", "\n").splitlines()),
        dict(part.split() for part in partitions.split(", ")),
        dict(re.findall(r"'(.+?)' = '(.+?)'", properties)),
    )


def documents():
    """Returns the change records of the demo's item, then one that has what the demo's lines have not."""
    versions = probe.for_table(KEY).versions()
    changes = [(event, item, {}) for event, item in versions]
    changes.append(("MODIFY", {**versions[1][1], "NAME": {"S": "Eve"}}, {"OldImage": versions[0][1]}))
    for number, (event, item, more) in enumerate(changes):
        images = {"ApproximateCreationDateTime": 1_700_000_000_123_456 + number, "Keys": {"id": item["id"]}}
        images |= {"NewImage": item, **more}
        yield json.dumps(
            {"eventID": f"e-{number}", "eventName": event, "tableName": TABLE, "dynamodb": images}
        ).encode()


def lines():
    transform = Transform(Settings(tables={TABLE: TableSettings(before=True)}))
    return [
        transform.change(document, sequence_number=str(number)).data
        for number, document in enumerate(documents(), start=9)
    ]


def test_the_table_declares_the_columns_of_the_demos_lines_with_their_types_and_no_others():
    columns, _, _ = declared()
    rows = [json.loads(line) for line in lines()]

    assert set().union(*rows) == columns.keys()
    for row in rows[:2]:
        assert row.keys() == columns.keys() - OPTIONAL
    for row in rows:
        for column, value in row.items():
            assert type(value) is PYTHON_TYPES[columns[column]], column


def test_the_columns_of_the_change_are_declared_in_their_order_and_explained():
    columns, _, _ = declared()
    expected = [(column.name, column.type) for column in metadata.COLUMNS]

    assert list(columns.items())[: len(expected)] == expected
    text = PAGE.file.read_text(encoding="utf-8")
    assert re.findall(r"^\| `(cdc_\w+)` \| [^|]+ \|$", text, re.MULTILINE)[: len(expected)] == [
        name for name, _ in expected
    ]


def test_the_table_is_that_of_the_demo():
    demo = (paths.REPOSITORY / "envs" / "single-account" / "demo.tfvars").read_text(encoding="utf-8")
    (statement,) = statements("CREATE EXTERNAL TABLE")

    assert re.findall(r"^  ([\w-]+) = \{$", demo, re.MULTILINE) == [TABLE]
    assert f"LOCATION 's3://BUCKET/data/{TABLE}/'" in statement


def test_partitions_are_projected_where_the_objects_lie():
    _, partitions, properties = declared()
    template = properties["storage.location.template"]

    assert partitions == {"cdc_date": "string", "cdc_hour": "int"}
    assert template == f"s3://BUCKET/data/{TABLE}/" + "".join(f"{name}=${{{name}}}/" for name in partitions)
    assert {name.split(".")[1] for name in properties if name.startswith("projection.cdc_")} == partitions.keys()
    assert int(properties["projection.cdc_hour.digits"]) == len("07")


@pytest.fixture
def database():
    """The demo's lines in a table that is declared as on the page, each of them twice, in no good order."""
    columns, partitions, _ = declared()
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE {TABLE.replace('-', '_')} ({', '.join([*columns, *partitions])})")
    for line in reversed(lines() * 2):
        row = json.loads(line)
        values = [row.get(column) for column in columns] + ["2023-11-14", 22]
        connection.execute(
            f"INSERT INTO {TABLE.replace('-', '_')} VALUES ({', '.join('?' * len(values))})",  # noqa: S608
            values,
        )
    yield connection
    connection.close()


def test_the_query_for_changes_has_each_once_in_its_order(database):
    changes, _ = statements("SELECT cdc_key")
    rows = database.execute(changes).fetchall()

    assert [(event, designation) for _, event, _, designation in rows] == [
        ("INSERT", "Architect"),
        ("MODIFY", "Senior Architect"),
        ("MODIFY", "Senior Architect"),
    ]
    assert [changed_at for _, _, changed_at, _ in rows] == sorted({row[2] for row in rows})


def test_the_query_for_items_has_the_newest_of_each(database):
    _, items = statements("SELECT cdc_key")
    table = TABLE.replace("-", "_")
    assert database.execute(items).fetchall() == [('{"id":"864732"}', "Adam", "Senior Architect")]

    # At one instant the longer sequence number is the newer one.
    database.execute(f"UPDATE {table} SET cdc_changed_at_us = 1, cdc_event = 'MODIFY'")  # noqa: S608
    database.execute(f"UPDATE {table} SET designation = 'older' WHERE cdc_sequence_number = '9'")  # noqa: S608
    assert database.execute(items).fetchall() == [('{"id":"864732"}', "Adam", "Senior Architect")]

    database.execute(f"UPDATE {table} SET cdc_event = 'REMOVE' WHERE cdc_sequence_number = '11'")  # noqa: S608
    assert database.execute(items).fetchall() == []


def table_rows(cells):
    """Returns the rows of a table of the page that has so many columns, without backquotes."""
    text = PAGE.file.read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip("`") for cell in row] for row in rows if len(row) == cells]


def test_each_type_is_in_the_line_as_the_page_says():
    rows = table_rows(5)
    types = set()
    for value, spelled, athena, _, _ in rows:
        item = {"id": {"S": "1"}, "value": json.loads(value)}
        images = {"ApproximateCreationDateTime": 1, "Keys": {"id": {"S": "1"}}, "NewImage": item}
        document = {"eventID": "e", "eventName": "INSERT", "tableName": "t", "dynamodb": images}
        line = Transform(Settings()).change(json.dumps(document).encode()).data.decode()
        types |= item["value"].keys()

        assert line.endswith(f'"value":{spelled}}}\n')
        assert (athena == "string") == spelled.startswith('"')
    assert types == {"S", "N", "BOOL", "NULL", "B", "L", "SS", "NS", "BS", "M"}


def test_each_name_is_the_column_that_the_page_says():
    rows = [row for row in table_rows(2) if not row[0].startswith("cdc_") or row[1].startswith("none")]
    assert len(rows) >= 9
    for path, column in rows:
        columns = Columns(Settings().path_separator)
        node = columns.root
        for name in path.split("`, `"):
            node = columns.add_child(node, name)
        assert (node.column or "none: it overflows, as all do that would start with cdc_") == column.replace("`", "")


def test_the_example_of_an_overflow_is_true():
    item = {"id": {"S": "1"}, "Total": {"N": "1"}, "total": {"N": "2"}}
    images = {"ApproximateCreationDateTime": 1, "Keys": {"id": {"S": "1"}}, "NewImage": item}
    document = {"eventID": "e", "eventName": "INSERT", "tableName": "t", "dynamodb": images}
    row = json.loads(Transform(Settings()).change(json.dumps(document).encode()).data)

    assert row["total"] == 2
    assert row["cdc_overflow"] in {span.text for span in PAGE.spans}
