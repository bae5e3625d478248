"""What the tests of the transform share: events from files, small change records, and lines read back exactly."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
import types
from decimal import Decimal
from pathlib import Path

import pytest

from lake_transform.settings import Settings
from lake_transform.table_settings import TableSettings, parse_path
from lake_transform.transform import Transform
from tests.unit.lake_transform.both_paths import SETTINGS, Both

MASK_KEY = b"a key for masking that has 32 characters or more"
_EVENTS = Path(__file__).parent / "events"


@pytest.fixture
def event_file():
    """Returns the bytes of a change record, as Kinesis would carry it."""

    def read(name):
        return json.dumps(json.loads((_EVENTS / f"{name}.json").read_text()), separators=(",", ":")).encode()

    return read


@pytest.fixture
def record():
    """Builds a change record around an image; keyword arguments replace members of the envelope."""

    def build(image=None, *, keys=None, time=1_700_000_000_123_456, **envelope):
        images = {
            "ApproximateCreationDateTime": time,
            "Keys": keys or {"id": {"S": "1"}},
            "NewImage": {"id": {"S": "1"}} if image is None else image,
        }
        document = {"eventID": "e-1", "eventName": "INSERT", "tableName": "orders", "dynamodb": images, **envelope}
        return json.dumps(document).encode()

    return build


@pytest.fixture
def read_line():
    """Reads a line back; fractions become Decimal, so that no digit is lost by the test itself."""

    def read(data):
        assert data.endswith(b"\n")
        assert data.count(b"\n") == 1
        return json.loads(data, parse_float=Decimal)

    return read


@pytest.fixture
def transform():
    return Transform(Settings())


@pytest.fixture
def ruled():
    """Makes a transform that has rules for the table of `record`; keyword arguments are further settings."""

    def make(rules, *, before=False, **settings):
        table = TableSettings(before, {parse_path(path): kind for path, kind in rules.items()})
        return Transform(Settings(tables={"orders": table}, mask_key=MASK_KEY, **settings))

    return make


@pytest.fixture
def masked():
    """Returns what a rule `hash` makes of a text, with the key of `ruled`."""
    return lambda text: hmac.new(MASK_KEY, text.encode(), hashlib.sha256).hexdigest()


@pytest.fixture
def as_hook(monkeypatch):
    """Makes a function the hook, and returns the setting that names it."""

    def name(function):
        module = types.ModuleType("users_hook")
        module.hook = function
        monkeypatch.setitem(sys.modules, "users_hook", module)
        return {"hook": "users_hook:hook"}

    return name


@pytest.fixture
def flat(transform, record, read_line):
    """Flattens an image and returns the row without the columns of the change itself."""

    def flatten(image, with_transform=transform):
        row = read_line(with_transform.change(record(image)).data)
        kept = {name: value for name, value in row.items() if not name.startswith("cdc_")}
        if "cdc_overflow" in row:
            kept["cdc_overflow"] = json.loads(row["cdc_overflow"], parse_float=Decimal)
        return kept

    return flatten


@pytest.fixture
def firehose():
    """Builds a batch as Firehose sends it, from the records' bytes."""

    def build(*documents):
        return {
            "invocationId": "8f5a0b0e-6d0b-4a52-bd0e-0b7f0f4f7e11",
            "deliveryStreamArn": "arn:aws:firehose:eu-west-1:111122223333:deliverystream/orders-delivery-stream",
            "region": "eu-west-1",
            "records": [
                {
                    "recordId": f"{number:056d}",
                    "approximateArrivalTimestamp": 1_700_000_000_500,
                    "data": base64.b64encode(document).decode(),
                    "kinesisRecordMetadata": {
                        "sequenceNumber": f"4964{number:052d}",
                        "subsequenceNumber": 0,
                        "partitionKey": "A1B2",
                        "shardId": "shardId-000000000000",
                        "approximateArrivalTimestamp": 1_700_000_000_400,
                    },
                }
                for number, document in enumerate(documents)
            ],
        }

    return build


@pytest.fixture(scope="module")
def both():
    """Native code and Python with the settings that are the defaults."""
    return Both()


@pytest.fixture(scope="module", params=SETTINGS, ids=lambda settings: "-".join(settings.values()))
def each_both(request):
    """Native code and Python with each of some settings."""
    return Both(**request.param)
