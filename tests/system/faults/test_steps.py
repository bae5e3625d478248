"""A process that is killed at any step of its work loses nothing, and nothing comes out of order."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.system.long_form import ROUNDS
from tests.system.waiting import wait_until
from tools.errors import LakeError

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("faults")]

WORKER = "tools.localaws.firehose"
EMULATOR = "tools.localaws.emulator"
WORKER_STEPS = {
    "list the shards": {"function": f"{WORKER}.adapters:KinesisSource.shards"},
    "open a shard": {"function": f"{WORKER}.adapters:KinesisSource.open"},
    "read": {"function": f"{WORKER}.adapters:KinesisSource.read"},
    "buffer what was read": {"function": f"{WORKER}.buffers:Incoming.add"},
    "take a batch": {"function": f"{WORKER}.buffers:Incoming.take"},
    "call the function": {"function": f"{WORKER}.adapters:LambdaFunction.invoke"},
    "buffer what was transformed": {"function": f"{WORKER}.buffers:Outgoing.add"},
    "put data": {"function": f"{WORKER}.adapters:S3Store.put", "argument": "data/"},
    "put errors": {"function": f"{WORKER}.adapters:S3Store.put", "argument": "errors/"},
    "note what is done": {"function": f"{WORKER}.shards:Shards.mark_done"},
    "save the checkpoint": {"function": f"{WORKER}.checkpoints:CheckpointFile.save"},
    "put the checkpoint in its place": {"function": "os:replace", "argument": "checkpoints"},
    "load the checkpoint": {"function": f"{WORKER}.checkpoints:CheckpointFile.load"},
    "write the status": {"function": f"{WORKER}.worker:Worker._write_status"},
}
ITEM = f"{EMULATOR}.stored_items:StoredItems._set_item"
EMULATOR_STEPS = {
    "begin": {"function": f"{EMULATOR}.database:Database.execute", "argument": "BEGIN"},
    "change the item": {"function": ITEM},
    "append its record": {"function": f"{EMULATOR}.stored_records:ShardRecords.append"},
    "commit": {"function": f"{EMULATOR}.database:Database.execute", "argument": "COMMIT", "armed_by": ITEM},
    "answer": {"function": f"{EMULATOR}.durability:StateStore.serve", "armed_by": ITEM},
    "write an object's content": {"function": f"{EMULATOR}.stored_objects:_write_all"},
    "put an object in its place": {"function": "pathlib:Path.replace", "argument": "/objects/"},
    "save settings": {"function": f"{EMULATOR}.durability:StateStore.save"},
    "save all settings": {"function": f"{EMULATOR}.durability:StateStore._save_settings"},
    "write the database to the disk": {"function": f"{EMULATOR}.database:Database.sync"},
}
STEPS = [
    (part, name, when)
    for part, steps in (("delivery", WORKER_STEPS), ("emulator", EMULATOR_STEPS))
    for name in steps
    for when in ("before", "after")
]
FEW = [
    ("delivery", "put data", "after"),
    ("emulator", "commit", "before"),
]
CASES = [(*step, turn) for turn in range(1, ROUNDS + 1) for step in STEPS] or [(*step, 2) for step in FEW]


@pytest.mark.parametrize(("part", "step", "when", "nth"), CASES, ids=lambda value: str(value).replace(" ", "-"))
def test_a_kill_at_a_step_loses_nothing(lake, tmp_path, part, step, when, nth):
    fault = {**{**WORKER_STEPS, **EMULATOR_STEPS}[step], "when": when, "nth": nth, "mark": str(tmp_path / "killed")}
    lake.end(part)
    with suppress(LakeError):
        # Killed while it starts: `up` says so.
        lake.up(**{part: {"kill": fault}})
    lake.write_until((tmp_path / "killed").exists, also=lake.set_one if "settings" in step else None)
    wait_until(lambda: lake.is_gone(part), "its end")
    lake.up()
    lake.write(10)
    lake.check()
