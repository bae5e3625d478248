"""`--engine spark` writes on PySpark of this machine the bytes that `--engine local` writes with the deployed function.

It needs a JRE 17, and installs PySpark into an environment of its own (320 MB) when it is first run.
"""

from __future__ import annotations

import gzip
import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.system import idling
from tests.system.commands import done, run
from tests.system.faults.test_deploying import ENVIRONMENT, TABLE, Deployed
from tools.lake import objects

pytestmark = [
    pytest.mark.system,
    pytest.mark.xdist_group("faults-backfilling-engines"),
    pytest.mark.timeout(1800),
    pytest.mark.long,
]

ITEMS = int(os.environ.get("ENGINES_ITEMS", "2000"))
"""More than 50,000 are several objects."""

SETTINGS = """{blog-srsa-ddb-table={
  stream={shards=1}, transform={buffering_seconds=1}, delivery={buffering_seconds=5},
  rules={profile={as="json"}, price={as="text"}}
}}"""
DEPLOY = ("tools.deploy", *ENVIRONMENT, "--yes", "--var", f"tables={SETTINGS}")
BACKFILL = ("tools.backfill", *ENVIRONMENT, "--table", TABLE, "--yes", "--json")


class Exported(Deployed):
    """A lake, and one export of its table."""

    def fill(self, first):
        puts = [{"PutRequest": {"Item": item(number)}} for number in range(first, first + 25)]
        assert not self.dynamodb.batch_write_item(RequestItems={TABLE: puts})["UnprocessedItems"]

    def export(self):
        loaded = json.loads(done(*BACKFILL, home=self.home.root, timeout=900))
        (found,) = loaded["exports"]
        assert found["items"] == found["done"]["counts"]["rows"] == ITEMS
        return found["export"]

    def written(self):
        """Returns the bytes of each object that a load has written, as readers unpack them."""
        found = [each.key for each in objects.list_objects(self.s3, self.bucket, f"data/{TABLE}/")]
        return {key: gzip.decompress(self.body(key)) for key in found if "/backfill-" in key}

    def body(self, key):
        return self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()

    def forget(self):
        """Removes what a load has written, and that it has."""
        kept = ("/plan.json",)
        for prefix in (f"data/{TABLE}/", f"ledger/{TABLE}/"):
            for each in list(objects.list_objects(self.s3, self.bucket, prefix)):
                if ("/backfill-" in each.key or prefix.startswith("ledger")) and not each.key.endswith(kept):
                    self.s3.delete_object(Bucket=self.bucket, Key=each.key)


def item(number):
    return {
        "id": {"S": f"item-{number}"},
        "price": {"N": f"{number}.10"},
        "many digits": {"N": f"1.{number:037}"},
        "profile": {"M": {"name": {"S": f"Zoë “{number}”\n"}, "tags": {"SS": ["b", "a"]}}},
        "address": {
            "M": {"Street": {"S": "渡辺"}, "street": {"NULL": True}, "lines": {"L": [{"BOOL": True}, {"B": b"\0"}]}}
        },
    }


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    home = tmp_path_factory.mktemp("engines") / "local"
    with idling.kept("exported", home):
        done(*DEPLOY, home=home, timeout=900)
        found = Exported(home)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(found.fill, range(0, ITEMS, 25)))
        yield found


def test_both_engines_write_the_same_bytes_under_the_same_names_and_the_lake_is_equal(exported):
    export = exported.export()
    by_the_function = exported.written()
    exported.forget()
    assert exported.written() == {}

    ended = run(*BACKFILL, "--export", export, "--engine", "spark", home=exported.home.root, timeout=900)

    assert ended.returncode == 0, ended.stderr
    (loaded,) = json.loads(ended.stdout)["exports"]
    assert loaded["done"]["counts"] == {"rows": ITEMS, "dropped": 0, "left": 0}
    by_spark = exported.written()
    assert {key: len(content.splitlines()) for key, content in by_spark.items()} == {
        key: len(content.splitlines()) for key, content in by_the_function.items()
    }
    assert by_spark == by_the_function
    compared = run("tools.reconcile", *ENVIRONMENT, "--table", TABLE, "--margin", "2", home=exported.home.root)
    assert compared.returncode == 0, compared.stdout
    again = run(*BACKFILL, "--export", export, "--engine", "spark", home=exported.home.root, timeout=900)
    assert again.returncode == 0, again.stderr
    assert exported.written() == by_spark
    print(f"{ITEMS} items, {len(by_spark)} objects, {sum(map(len, by_spark.values()))} bytes alike")
