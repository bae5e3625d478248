"""What local AWS has acknowledged outlives kills; what it cannot keep, it refuses; damaged files are named."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager, suppress
from itertools import count

import boto3
import psutil
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.system.waiting import wait_until
from tools.errors import LakeError
from tools.localaws import process, service
from tools.localaws.emulator.database import Database
from tools.localaws.state_folder import StateFolder

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("state")]

TABLE = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
NUMBERS = count()


class State:
    """A table with its stream, and a bucket, in a home of their own."""

    def __init__(self, home):
        self.folder, self.name = StateFolder(home), f"table-{next(NUMBERS)}"
        self.connect()
        self.kinesis.create_stream(StreamName=self.name, ShardCount=1)
        stream = self.kinesis.describe_stream_summary(StreamName=self.name)["StreamDescriptionSummary"]["StreamARN"]
        self.dynamodb.create_table(TableName=self.name, **TABLE)
        self.dynamodb.enable_kinesis_streaming_destination(TableName=self.name, StreamArn=stream)
        self.s3.create_bucket(Bucket=self.name)

    def connect(self):
        local = service.up(self.folder.root)
        given = local.environment(service.SINGLE_ACCOUNT)
        self.dynamodb, self.kinesis, self.s3 = (
            boto3.client(
                name,
                endpoint_url=local.endpoint_url,
                region_name=local.region,
                verify=str(local.ca_bundle),
                aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
                aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
                config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
            )
            for name in ("dynamodb", "kinesis", "s3")
        )

    @property
    def emulator(self):
        return psutil.Process(process.find_recorded(self.folder.process_file("emulator")).pid)

    def kill(self):
        emulator = self.emulator
        os.kill(emulator.pid, signal.SIGKILL)
        wait_until(lambda: process.find_recorded(self.folder.process_file("emulator")) is None, "it is gone")

    def put(self, name):
        self.dynamodb.put_item(TableName=self.name, Item={"id": {"S": name}, "text": {"S": "x" * 1000}})

    def put_until_refused(self):
        for number in count():
            self.put(f"until it is full {number}")

    def items(self):
        return {item["id"]["S"] for item in self.dynamodb.scan(TableName=self.name)["Items"]}

    def records(self):
        shard = self.kinesis.list_shards(StreamName=self.name)["Shards"][0]["ShardId"]
        iterator = self.kinesis.get_shard_iterator(
            StreamName=self.name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        return self.kinesis.get_records(ShardIterator=iterator)["Records"]

    def objects(self):
        return {each["Key"] for each in self.s3.list_objects_v2(Bucket=self.name).get("Contents", [])}

    @contextmanager
    def without_room(self):
        """No file of the emulator's can be written, as on a full disk."""
        hard = self.emulator.rlimit(psutil.RLIMIT_FSIZE)[1]
        self.emulator.rlimit(psutil.RLIMIT_FSIZE, (0, hard))
        try:
            yield
        finally:
            self.emulator.rlimit(psutil.RLIMIT_FSIZE, (hard, hard))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("state")
    service.up(folder)
    yield folder
    service.purge(folder)


@pytest.fixture
def state(home):
    return State(home)


def test_without_room_nothing_is_changed_and_with_room_again_all_goes_on(state):
    state.put("before")
    state.s3.put_object(Bucket=state.name, Key="before", Body=b"1")
    with state.without_room():
        for refused in (
            lambda: state.put("refused"),
            lambda: state.dynamodb.delete_item(TableName=state.name, Key={"id": {"S": "before"}}),
            lambda: state.s3.put_object(Bucket=state.name, Key="refused", Body=b"2"),
            lambda: state.s3.put_object(Bucket=state.name, Key="before", Body=b"2"),
            lambda: state.kinesis.create_stream(StreamName="refused", ShardCount=1),
        ):
            with pytest.raises(ClientError):
                refused()
        assert (state.items(), len(state.records()), state.objects()) == ({"before"}, 1, {"before"})
    state.put("after")
    state.s3.put_object(Bucket=state.name, Key="after", Body=b"3")
    for _ in range(2):
        assert (state.items(), len(state.records())) == ({"before", "after"}, 2)
        assert state.objects() == {"before", "after"}
        assert state.s3.get_object(Bucket=state.name, Key="before")["Body"].read() == b"1"
        assert "refused" not in state.kinesis.list_streams()["StreamNames"]
        state.kill()
        state.connect()


def test_a_kill_loses_no_table_item_record_or_object(state):
    for number in range(20):
        state.put(str(number))
        if number % 5 == 4:
            state.s3.put_object(Bucket=state.name, Key=str(number), Body=b"x")
            state.kill()
            state.connect()
    assert state.items() == set(map(str, range(20)))
    numbers = [record["SequenceNumber"] for record in state.records()]
    assert len(numbers) == 20
    assert numbers == sorted(set(numbers))
    assert state.objects() == {"4", "9", "14", "19"}


def test_a_deleted_tables_items_do_not_come_back(state):
    state.put("old")
    state.dynamodb.delete_table(TableName=state.name)
    state.dynamodb.create_table(TableName=state.name, **TABLE)
    state.kill()
    state.connect()
    assert state.items() == set()


@pytest.mark.parametrize("part", ["item", "log", "metadata"])
def test_a_damaged_file_is_named_by_the_next_start_and_nothing_serves_without_it(state, part):
    item = f"item of {state.name}"
    state.put(item)
    state.s3.put_object(Bucket=state.name, Key="damaged", Body=b"1")
    log = state.folder.database.with_name("state.db-wal")
    state.kill()
    if part == "item":
        # Moves it from the log to the database.
        Database(state.folder.database).close()
    file, found = {
        "item": (state.folder.database, item),
        "log": (log, item),
        "metadata": (next(state.folder.objects.rglob(f"{state.name}/damaged.meta.json")), "damaged"),
    }[part]
    whole = file.read_bytes()
    position = whole.index(found.encode())
    file.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
    with pytest.raises(LakeError, match=rf"{file.name} is damaged.*down --purge"):
        service.up(state.folder.root)
    assert process.find_recorded(state.folder.process_file("emulator")) is None
    file.write_bytes(whole)
    state.connect()
    assert state.items() == {item}


def test_an_object_that_is_damaged_on_the_disk_is_not_handed_out(state):
    state.s3.put_object(Bucket=state.name, Key="data", Body=b"content")
    (file,) = state.folder.objects.rglob(f"{state.name}/data")
    file.write_bytes(b"c0ntent")
    with pytest.raises(ClientError, match="damaged on the disk"):
        state.s3.get_object(Bucket=state.name, Key="data")


def test_versions_of_objects_rest_on_the_disk_and_not_in_memory(state):
    state.s3.put_bucket_versioning(Bucket=state.name, VersioningConfiguration={"Status": "Enabled"})
    state.s3.put_object(Bucket=state.name, Key="0", Body=b"x" * 8_000_000)
    before = state.emulator.memory_info().rss
    versions = [
        state.s3.put_object(Bucket=state.name, Key=str(number % 4), Body=bytes([number]) * 8_000_000)["VersionId"]
        for number in range(12)
    ]
    assert state.emulator.memory_info().rss - before < 48_000_000
    for number, version in enumerate(versions):
        content = state.s3.get_object(Bucket=state.name, Key=str(number % 4), VersionId=version)["Body"].read()
        assert content == bytes([number]) * 8_000_000


@pytest.fixture
def small_disk(tmp_path):
    """A file system with room for little."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "none", tmp_path], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_a_disk_that_is_full_costs_nothing(small_disk):
    home, filler = small_disk / "home", small_disk / "filler"
    service.up(home)
    state = State(home)
    state.put("before")
    state.s3.put_object(Bucket=state.name, Key="before", Body=b"1")
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    with pytest.raises(ClientError, match="free space"):
        # The log may have some room of its own.
        state.put_until_refused()
    with pytest.raises(ClientError, match="No space left"):
        state.s3.put_object(Bucket=state.name, Key="before", Body=bytes(500_000))
    kept = state.items()
    assert len(state.records()) == len(kept)
    state.kill()
    with pytest.raises(LakeError, match="free space"):
        state.connect()
    filler.unlink()
    state.connect()
    state.put("after")
    assert state.items() == kept | {"after"}
    assert len(state.records()) == len(kept) + 1
    assert state.s3.get_object(Bucket=state.name, Key="before")["Body"].read() == b"1"
    service.purge(home)
