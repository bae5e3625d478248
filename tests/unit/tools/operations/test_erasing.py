from __future__ import annotations

import base64
import gzip
import json
from contextlib import suppress
from types import SimpleNamespace

import pytest

from tests.unit.tools.lake.versioned_bucket import NAME, Bucket, Killed
from tools.deployments.outputs import Table
from tools.errors import LakeError, RefusedError
from tools.lake import export_manifest, lines
from tools.lake.erasure import places, replicating, subject
from tools.lake.erasure.beyond import Surroundings
from tools.operations.erasing import Eraser
from tools.operations.erasing_look import Looker
from tools.operations.erasing_run import ErasureRun
from tools.operations.erasing_target import Asked

LAKE, REPLICA = places.Bucket(NAME, "r"), places.Bucket("replica", "other")
HOUR = "cdc_date=2026-01-31/cdc_hour=05"
DATA, ERRORS = f"data/t/{HOUR}/", f"errors/t/processing-failed/{HOUR}/"
TABLE = Table("d", "r", data_prefix="data/t/", error_prefix="errors/t/")
MASK_KEY = b"k" * 40
ADAM = subject.of_keys(['{"id":"adam@example.com"}'], (MASK_KEY,), {})
HASHED = next(key for key in ADAM.written if "adam" not in key)


def row(key, name):
    return json.dumps(dict.fromkeys(lines.ALWAYS, "") | {"cdc_key": key, "name": name}).encode() + b"\n"


def change(email):
    data = json.dumps(
        {"dynamodb": {"Keys": {"id": {"S": email}}, "NewImage": {"phone": {"S": f"phone of {email}"}}}}
    ).encode()
    return json.dumps({"errorCode": "e", "rawData": base64.b64encode(data).decode()}).encode() + b"\n"


EVE = row('{"id":"eve@example.com"}', "Eve Moneypenny")
BOTH = gzip.compress(row(HASHED, "Adam Smith") + EVE)
RESULT = b'"name","phone"\n"Adam Smith","555"\n'


def filled(bucket=None):
    s3 = bucket or Bucket()
    s3.place(DATA + "old.gz", gzip.compress(row('{"id":"adam@example.com"}', "Adam the Elder")))
    s3.remove(DATA + "old.gz")
    s3.place(DATA + "both.gz", BOTH)
    s3.place(DATA + "other.gz", gzip.compress(EVE))
    s3.place(ERRORS + "f.gz", gzip.compress(change("adam@example.com") + change("eve@example.com")))
    s3.place("exports/t/AWSDynamoDB/1/data/x.json.gz", gzip.compress(b'{"Item":{"id":{"S":"adam@example.com"}}}\n'))
    s3.place("results/1.csv", RESULT)
    s3.place("results/2.csv", b'"name"\n"Eve Moneypenny"\n')
    s3.place("results/3", b"PAR1 of anybody")
    s3.place("ledger/t/compaction/done/x.json", b'{"key": "data/t/x"}')
    return s3


class Listing(Bucket):
    """A bucket that is listed without a paginator too."""

    def list_objects_v2(self, **request):
        return next(self.paginate(**request))


class Lakes:
    """One bucket or two, and what reaches them."""

    def __init__(self, *buckets):
        self.by_bucket = dict(zip((LAKE, REPLICA), buckets, strict=False))

    def sources(self):
        return {
            bucket: SimpleNamespace(client=lambda s3=s3: s3, bucket=bucket.name)
            for bucket, s3 in self.by_bucket.items()
        }

    def eraser(self):
        every = [place for bucket in self.by_bucket for place in places.of_table(bucket, "t", TABLE, None)]
        return Eraser(ADAM, every, self.sources(), Looker(self.sources(), 1), threads=1)

    def run(self, *, wait=False):
        s3 = self.by_bucket[LAKE]
        aws = SimpleNamespace(client=lambda _: s3, caller_arn=lambda: "arn:aws:iam::1:user/adam")
        run = ErasureRun(aws, LAKE, "t", Asked(("adam@example.com",)))
        eraser = self.eraser()
        found, _ = run.begun(["adam"])
        note = found or run.new_note(["adam"], sorted(ADAM.plain))
        survey = eraser.survey(lambda _: None)
        return run.run(eraser, survey, note, is_new=found is None, around=Surroundings("t", is_known=False), wait=wait)


def texts(s3):
    """Returns the content of every version, unpacked and with what Base64 hides."""
    for body in s3.bodies():
        text = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
        yield text
        for line in text.splitlines():
            with suppress(ValueError, KeyError, TypeError):
                yield base64.b64decode(json.loads(line)["rawData"])


def names_adam(s3):
    needles = (b"adam@", b"Adam", HASHED.split('"')[3].encode())
    return [text for text in texts(s3) if any(each in text for each in needles)]


def left(s3):
    """Returns what readers see, apart from certificates and notes of what is under way."""
    return {key: s3.body(key) for key in s3.keys("") if "/erasure/" not in key and not key.endswith("lease.json")}


def finished():
    s3 = filled()
    Lakes(s3).run()
    return s3


def readable(s3):
    return {key: gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body for key, body in left(s3).items()}


def test_nothing_of_the_subject_is_left_in_any_version_and_all_others_are_as_they_were():
    s3 = filled()
    assert len(names_adam(s3)) > 4

    done = Lakes(s3).run()

    assert names_adam(s3) == []
    assert readable(s3) == {
        DATA + "both.gz": EVE,
        DATA + "other.gz": EVE,
        ERRORS + "f.gz": change("eve@example.com"),
        "exports/t/AWSDynamoDB/1/data/x.json.gz": b"",
        "ledger/t/compaction/done/x.json": b'{"key": "data/t/x"}',
        "results/2.csv": b'"name"\n"Eve Moneypenny"\n',
    }
    assert done.certificate.is_complete


def test_the_certificate_says_what_was_there_and_that_nothing_is_left_and_no_value():
    s3 = filled()
    done = Lakes(s3).run()

    (key,) = s3.keys("ledger/t/erasure/")
    written = json.loads(s3.body(key))
    first, last = written["looks"][0]["places"], written["looks"][-1]["places"]
    assert key == f"ledger/t/erasure/{done.certificate.id}.json"
    assert [(each["rows"], each["objects"], each["old"]) for each in first] == [
        (2, 2, 1), (1, 1, 0), (1, 1, 0), (0, 2, 0), (0, 0, 0),
    ]  # fmt: skip
    assert {each["versions"] for each in last} == {0}
    assert written["asked"] == subject.digest(["adam"], done.salt)
    assert done.salt not in s3.body(key).decode()
    assert "adam@example.com" not in s3.body(key).decode()


class Replica(Bucket):
    """The bucket of another Region."""

    def _call(self, operation, act, request):
        assert request["Bucket"] == "replica"
        return super()._call(operation, act, request | {"Bucket": NAME})


def test_a_replica_is_one_place_more():
    lake, replica = filled(), filled(Replica())
    Lakes(lake, replica).run()
    assert names_adam(lake) == names_adam(replica) == []
    assert readable(replica).keys() == readable(lake).keys()


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(replicating, "POLL_SECONDS", 0)


def replicated():
    """Returns a lake that is replicated with a delay, and its replica, which has nothing yet."""
    lake = filled()
    lake.replica = Replica()
    return lake, lake.replica


@pytest.mark.usefixtures("at_once")
def test_what_is_replicated_while_it_is_erased_is_erased_in_the_replica_too():
    lake, replica = replicated()

    Lakes(lake, replica).run()

    assert replica.keys("data/"), "nothing came meanwhile"
    assert names_adam(lake) == names_adam(replica) == []


@pytest.mark.usefixtures("at_once")
def test_the_note_with_the_keys_goes_from_the_replica_with_all_its_versions():
    lake, replica = replicated()
    replica.place("ledger/t/erasure/open/of-an-earlier-run.json", b"adam@example.com")

    Lakes(lake, replica).run()

    assert [key for key in (*lake.versions, *replica.versions) if "/open/" in key] == []


def test_what_is_not_replicated_in_time_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(replicating, "WAIT_SECONDS", 0)
    lake, replica = replicated()
    before = lake.bodies()

    with pytest.raises(LakeError, match=r"has not replicated s3://lake/.*#replica-late"):
        Lakes(lake, replica).run()
    assert all(body in lake.bodies() for body in before)


CALLS = len(finished().calls)


@pytest.mark.parametrize("at", range(1, CALLS + 1))
def test_whichever_call_it_dies_at_the_next_run_ends_as_if_it_had_not(at):
    s3 = filled()
    s3.dies_at = at
    with suppress(Killed):
        Lakes(s3).run()
    s3.revive()
    s3.wait(minutes=10)

    Lakes(s3).run()

    assert names_adam(s3) == []
    assert readable(s3) == readable(finished())
    assert not s3.keys("ledger/t/erasure/open/")
    assert not [key for key in s3.versions if key.startswith("ledger/t/erasure/open/")]


def test_what_arrives_while_it_works_is_erased_too():
    s3 = filled()
    eraser = Lakes(s3).eraser()
    survey = eraser.survey(lambda _: None)
    s3.place(DATA + "late.gz", BOTH)

    eraser.erase_all(survey, SimpleNamespace(check=lambda: None), lambda _: None)

    assert names_adam(s3) == []
    assert gzip.decompress(s3.body(DATA + "late.gz")) == EVE


def test_an_object_that_another_tool_has_begun_to_work_with_is_left_alone():
    s3 = filled()
    s3.place(
        f"ledger/t/compaction/open/{HOUR}.json",
        json.dumps({"groups": [{"sources": [{"key": DATA + "both.gz"}]}]}).encode(),
    )
    before = left(s3)

    with pytest.raises(RefusedError, match="with 1 of the objects, as s3://lake/ledger/t/compaction/open/"):
        Lakes(s3).run()

    assert left(s3) == before
    assert not s3.keys("ledger/t/erasure/")


def test_the_manifests_of_an_export_tell_what_is_left_and_the_certificate_tells_of_them():
    s3, folder = filled(Listing()), "exports/t/AWSDynamoDB/1"
    data = f"{folder}/data/x.json.gz"
    told = {"itemCount": 1, "etag": s3.versions[data][-1].etag, "md5Checksum": "", "dataFileS3Key": data}
    for name, content in (("files", told), ("summary", {"itemCount": 1})):
        text = json.dumps(content).encode()
        s3.place(f"{folder}/manifest-{name}.json", text)
        s3.place(f"{folder}/manifest-{name}.checksum", export_manifest.md5(text))

    done = Lakes(s3).run()

    assert done.certificate.exports == 1
    assert json.loads(s3.body(f"{folder}/manifest-files.json"))["itemCount"] == 0
    assert Lakes(s3).run().certificate.exports == 0


def test_an_export_that_a_load_has_begun_to_work_with_is_left_alone():
    s3 = filled()
    s3.place("ledger/t/backfill/open/load.json", b'{"parts": [{"arn": "arn:export/1"}]}')
    before = left(s3)

    with pytest.raises(RefusedError, match="with 1 of the objects, as s3://lake/ledger/t/backfill/open/load"):
        Lakes(s3).run()

    assert left(s3) == before


def test_what_cannot_be_read_is_told_and_stays():
    s3 = filled()
    damaged = gzip.compress(EVE * 99)[:-9]
    s3.place(DATA + "damaged.gz", damaged)

    certificate = Lakes(s3).run().certificate

    assert certificate.not_searched == {f"s3://lake/{DATA}damaged.gz": "gzip data ends early"}
    assert not certificate.is_complete
    assert s3.body(DATA + "damaged.gz") == damaged


def test_a_note_with_a_text_of_the_subject_is_told_and_stays():
    s3 = filled()
    s3.place("ledger/t/other/x.json", b'{"who": "Adam Smith"}')
    assert Lakes(s3).run().certificate.look_at == ("s3://lake/ledger/t/other/x.json",)
    assert s3.body("ledger/t/other/x.json")


def test_one_run_works_at_a_time():
    s3 = filled()
    s3.place("ledger/t/lease.json", json.dumps(
        {"who": "w", "host": "h", "verb": "compact", "since": "s", "until": "u", "seconds": 300, "token": "t"}
    ).encode())  # fmt: skip
    with pytest.raises(LakeError, match="compact is at work"):
        Lakes(s3).run()
    assert s3.body(DATA + "both.gz") == BOTH
