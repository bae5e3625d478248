"""The lines of a backfill on Spark are, to the byte, those that the deployed function and the tools make."""

from __future__ import annotations

import base64

import pytest

from examples import orders_hook
from lake_backfill import rows
from lake_backfill.errors import BackfillError
from lake_backfill.rows import RowMaker
from lake_transform import handler, response
from lake_transform.one_pass import OnePass
from lake_transform.settings import Settings
from lake_transform.shapes import Shapes
from lake_transform.table_settings import TableSettings, parse_path
from lake_transform.transform import Transform
from tests.unit.lake_backfill import exported
from tests.unit.lake_transform import native_library
from tests.unit.tools.lake.versioned_bucket import Bucket
from tools.lake.reconcile.items import Schema, insert_record
from tools.lake.snapshot_rows import snapshot_line

COUNT = 150
RULES = {"email": "hash", "card.number": "drop", "card": "json", "price": "text"}
RULED = {
    "tables": {exported.TABLE: TableSettings(True, {parse_path(path): kind for path, kind in RULES.items()})},
    "mask_key": b"a key for masking that has 32 characters or more",
}
SETTINGS = {
    "defaults": {},
    "rules": RULED,
    "hook": {"hook": f"{orders_hook.__name__}:hook"},
    "rules, hook and arrays": {**RULED, "hook": f"{orders_hook.__name__}:hook", "list_format": "array"},
}


def deployed(monkeypatch, settings, items):
    """Returns the rows that the tools make of what the function answers, with native code where it is compiled."""
    library, shapes = native_library.path(), Shapes()
    native = None if library is None else OnePass(library, settings, shapes)
    transform = Transform(settings, shapes)
    monkeypatch.setattr(handler, "_ONE_PASS", native)
    monkeypatch.setattr(handler, "_transform", lambda: transform)
    schema = Schema(exported.TABLE, {"id": "S"})
    documents = [insert_record(schema, item, exported.TIME_US) for item in items]
    records = [
        {"recordId": str(number), "data": base64.b64encode(document).decode()}
        for number, document in enumerate(documents)
    ]
    answers = handler.lambda_handler({"records": records}, None)["records"]
    lines = [base64.b64decode(answer["data"]) for answer in answers if answer["result"] == "Ok"]
    return [snapshot_line(line, exported.SNAPSHOT) for line in lines]


@pytest.mark.parametrize("name", SETTINGS)
def test_lines_are_those_of_the_deployed_function_to_the_byte(monkeypatch, name):
    settings = Settings(**SETTINGS[name])
    items = exported.items(COUNT)
    plan = exported.export(Bucket(), [{}])
    maker = RowMaker(plan, plan.sets[0], Transform(settings))

    made = [each.row for each in maker.make([exported.line(item) for item in items])]

    expected = deployed(monkeypatch, settings, items)
    assert [row for row in made if row] == expected
    assert len(expected) == (COUNT - COUNT // 7 - 1 if "hook" in SETTINGS[name] else COUNT)
    assert b"4000000000000001" not in b"".join(made) or not SETTINGS[name].get("tables")


def test_a_line_that_the_function_could_not_answer_fails_here_too(monkeypatch):
    monkeypatch.setattr(response.answers, "__defaults__", (2_000,))
    plan = exported.export(Bucket(), [{}])
    maker = RowMaker(plan, plan.sets[0], Transform(Settings()))
    item = {"id": {"S": "1"}, "text": {"S": "x" * 2_000}}

    (made,) = maker.make([exported.line(item)])

    assert not made.row
    assert response.OVER_LIMIT.encode() in made.failure


def test_a_hook_that_takes_the_key_away_stops_the_backfill():
    with pytest.raises(BackfillError, match="the hook leaves out cdc_key"):
        rows.snapshot_line(b'{"cdc_event":"INSERT"}\n', exported.SNAPSHOT)
