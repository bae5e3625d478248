"""The lake's answers beside the table itself, digit for digit, after many changes, late ones and repeats.

`make prove-lake` runs the same with 50,000 changes.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.plan.state_table import StateTable
from tests.system.test_flow import ARTICLE
from tests.system.truth.answers import by_key, differences, expected, told
from tests.system.truth.arrivals import Arrivals, LakeInDuckDb
from tests.system.truth.deliveries import Deliveries
from tests.system.truth.driver import KEY, Driver
from tests.system.waiting import wait_until
from tools import query
from tools.operations import querying
from tools.operations.compacting import Settings
from tools.operations.compaction_run import CompactionRun
from tools.operations.querying import Lake

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("lake-queries")]

CHANGES = int(os.environ.get("PROOF_CHANGES", "1000"))
KEYS = int(os.environ.get("PROOF_KEYS", "100"))
SEED = int(os.environ.get("PROOF_SEED", "864732"))
PHASES = 3
REPEATED = 0.05
LATE = max(KEYS // 20, 1)
MERGES = 5
TOLD_KEYS = min(10, CHANGES // 600)
ENGINES = ("athena", "duckdb")
OPENX = "org.openx.data.jsonserde.JsonSerDe"
LONG_GRACE = timedelta(hours=1)
NOT_YET_OVER = timedelta(hours=-2)
"""A margin with which the hour that still gets objects counts as over: no test waits for its end."""


@dataclass
class Proof:
    """What was done, and what has arrived."""

    driver: Driver
    deliveries: Deliveries
    arrivals: Arrivals


@pytest.fixture(scope="module")
def proof(deployed):
    """Changes in phases, each followed by repeats and late changes; in the midst objects are compacted."""
    table, bucket = deployed.outputs.tables[ARTICLE], deployed.outputs.bucket_name
    driver = Driver(deployed.client("dynamodb"), ARTICLE, keys=KEYS, seed=SEED)
    deliveries = Deliveries(deployed.client("kinesis"), table.stream_name, driver, seed=SEED)
    known = deployed.keys(table.data_prefix)
    arrivals = Arrivals(deployed.client("s3"), bucket, table.data_prefix, known)
    for phase in range(PHASES):
        with ThreadPoolExecutor(1) as pool:
            compacted = pool.submit(compact, deployed, LONG_GRACE) if phase == PHASES // 2 else None
            driver.write(CHANGES // PHASES)
            if compacted:
                assert compacted.result() > 0
        driver.tick()
        deliveries.read()
        deliveries.repeat(REPEATED)
        deliveries.be_late(LATE)
        sent = sum(map(len, driver.log.values())) + deliveries.repeated
        wait_until(lambda sent=sent: arrivals.number() == sent, f"{sent} records")
    return Proof(driver, deliveries, arrivals)


def compact(deployed, grace):
    """Runs a compaction; returns how many objects it has written or removed."""
    settings = Settings(128 << 20, NOT_YET_OVER, grace)
    run = CompactionRun(deployed.aws, deployed.outputs.bucket_name, settings, wait=False)
    results = run.run(run.survey({ARTICLE: deployed.outputs.tables[ARTICLE].data_prefix}))
    assert [each.error for found in results.values() for each in found if each.error] == []
    return sum(each.outcome.written + each.outcome.removed for found in results.values() for each in found)


@pytest.fixture(scope="module")
def ask(deployed, tmp_path_factory):
    """Asks the verb `query`, and returns the rows about the driver's items; Terraform is asked once for its outputs."""
    file = tmp_path_factory.mktemp("answers") / "rows.jsonl"
    lake = Lake(deployed.aws, deployed.outputs, "single-account", is_local=True)

    def ask(engine, *question):
        options = ("--table", ARTICLE, "--engine", engine, "--json", "--output", str(file))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LAKE_LOCAL_HOME", str(deployed.home))
            patch.setattr(querying, "find_lake", lambda *_: lake)
            query.main(["single-account", "--local", *options, *question], standalone_mode=False)
        with file.open(encoding="utf-8", newline="\n") as lines:
            return [row for row in map(json.loads, lines) if row["id"].startswith(KEY)]

    return ask


def held(items):
    return {key: expected(item) for key, item in items.items()}


def test_the_driver_did_what_the_proof_is_about(proof):
    happened = [change for log in proof.driver.log.values() for change in log]
    numbers = Counter(row["cdc_event_id"] for row in proof.arrivals.rows)

    assert len(happened) == CHANGES // PHASES * PHASES + proof.deliveries.late == len(numbers)
    assert {change.event for change in happened} == {"INSERT", "MODIFY", "REMOVE"}
    assert proof.deliveries.late >= PHASES
    assert proof.deliveries.repeated > CHANGES * REPEATED
    assert held(proof.driver.scan()) == held(proof.driver.held)


@pytest.mark.parametrize("engine", ENGINES)
def test_current_equals_the_table(proof, ask, engine):
    assert differences(by_key(ask(engine, "--current")), held(proof.driver.scan())) == []


def test_current_by_the_other_serde_equals_the_table(deployed, proof, ask):
    with serde(deployed, OPENX):
        assert differences(by_key(ask("athena", "--current")), held(proof.driver.scan())) == []


@contextmanager
def serde(deployed, library):
    """The table read by another SerDe meanwhile, as a deploy with another `catalog.serde` changes it."""
    glue, database = deployed.client("glue"), deployed.outputs.database_name
    found = glue.get_table(DatabaseName=database, Name=deployed.outputs.tables[ARTICLE].catalog_table)["Table"]
    own = {
        name: found[name]
        for name in ("Name", "Description", "Parameters", "PartitionKeys", "StorageDescriptor", "TableType")
    }
    changed = own | {"StorageDescriptor": found["StorageDescriptor"] | {"SerdeInfo": {"SerializationLibrary": library}}}
    glue.update_table(DatabaseName=database, TableInput=changed)
    try:
        yield
    finally:
        glue.update_table(DatabaseName=database, TableInput=own)


@pytest.mark.parametrize("engine", ENGINES)
def test_as_of_equals_what_the_table_held_then(proof, ask, engine):
    for instant, items in proof.driver.instants:
        assert differences(by_key(ask(engine, "--as-of", instant)), held(items)) == [], instant


@pytest.mark.parametrize("engine", ENGINES)
def test_history_of_items_is_what_was_done_to_them(proof, ask, engine):
    for key in eventful(proof):
        rows = ask(engine, "--history", key)

        done = [(change.event, expected(change.item)) for change in proof.driver.log[key]]
        assert [(row["cdc_event"], told(row)) for row in rows] == done, key
        assert [row["valid_to_us"] for row in rows] == [*(row["valid_from_us"] for row in rows[1:]), None]


def eventful(proof):
    """Returns keys of items with late changes and removals, the most eventful first."""
    with_late = [key for key, log in proof.driver.log.items() if len(log) > len(proof.driver.written[key])]
    removals = {key: sum(each.event == "REMOVE" for each in proof.driver.log[key]) for key in with_late}
    return sorted(with_late, key=lambda key: (removals[key], key), reverse=True)[:TOLD_KEYS]


def test_the_state_table_equals_the_table_after_merges_of_what_came_in_between(deployed, proof):
    """DuckDB runs the statements of the deployed state machine: local AWS cannot."""
    glue, outputs = deployed.client("glue"), deployed.outputs
    table = glue.get_table(DatabaseName=outputs.database_name, Name=outputs.tables[ARTICLE].catalog_table)["Table"]
    lake, rows = LakeInDuckDb(table), proof.arrivals.rows
    state = StateTable(lake, state_machine(deployed))
    for merge in range(1, MERGES + 1):
        lake.put(rows[: len(rows) * merge // MERGES])
        state.run(datetime.now(UTC))

    found = [{name: text(value) for name, value in row.items()} for row in state.current().values()]
    assert differences(by_key(found), held(proof.driver.scan())) == []


def state_machine(deployed):
    """Returns the name and the definition of the state machine of the table."""
    states = deployed.client("stepfunctions")
    (machine,) = states.list_state_machines()["stateMachines"]
    return states.describe_state_machine(stateMachineArn=machine["stateMachineArn"])


def text(value):
    return format(value, "f") if isinstance(value, Decimal) else value


def test_the_answers_stay_when_compaction_has_removed_what_it_replaced(deployed, proof, ask):
    """What the tests above have read was there twice, in part."""
    assert compact(deployed, timedelta()) > 0

    for engine in ENGINES:
        assert differences(by_key(ask(engine, "--current")), held(proof.driver.scan())) == [], engine
