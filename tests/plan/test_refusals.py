"""What is refused before anything is deployed, and in which words."""

from __future__ import annotations

import json

import pytest

from tests.plan.test_policies import MODULES

LONG = "n" * 65
ROLE = "arn:aws:iam::222222222222:role/x"
BAD_KEY = ("kms_key_arn", "alias/x", 'kms_key_arn is "alias/x": give the full ARN of a key')
BAD_RETENTION = ("log_retention_days", 100, "log_retention_days is 100: CloudWatch Logs keeps events for 1, 3, 5")
BAD_PLACE = [
    ("account_id", "11111111111", 'account_id is "11111111111": give an AWS account id, exactly 12 digits'),
    ("region", "us-east-1a", 'region is "us-east-1a": give a Region\'s code'),
    ("partition", "aws-mars", 'partition is "aws-mars": use one of aws, aws-cn, aws-us-gov'),
]

CASES = {
    "key": [
        ("kms_key_alias", "alias/lake", 'kms_key_alias is "alias/lake": leave out the prefix "alias/"'),
        ("kms_key_alias", "aws/lake", 'kms_key_alias is "aws/lake": names that start with "aws/" are reserved'),
        ("kms_key_alias", "my lake", "use 1 to 250 letters, digits"),
        ("kms_key_alias", "", "use 1 to 250 letters, digits"),
        ("services", [], "services is []: name at least one"),
        ("services", ["S3"], 'services is ["S3"]: name at least one service, in lower case'),
        ("log_group_names", ["/aws/lambda/*"], "give exact log group names"),
        ("writer_role_arns", ["my-role"], 'writer_role_arns is ["my-role"]: give full role ARNs'),
        ("writer_role_arns", ["arn:aws:iam::222222222222:user/me"], "give full role ARNs"),
        ("writer_bucket_name", "arn:aws:s3:::lake", "not an ARN or URL"),
        *BAD_PLACE,
    ],
    "network": [
        ("vpc_cidr", "8.8.8.0/24", 'vpc_cidr is "8.8.8.0/24": give the first address of a private range'),
        ("vpc_cidr", "172.32.0.0/16", "private range"),
        ("vpc_cidr", "10.0.0.0/15", "from /16 to /26"),
        ("vpc_cidr", "10.0.0.0/27", "from /16 to /26"),
        ("vpc_cidr", "10.0.0.5/24", "the first address"),
        ("vpc_cidr", "10.0.0.0", 'for example "10.0.0.0/24"'),
        ("availability_zone_suffixes", [], "availability_zone_suffixes is []: give 1 to 4 different"),
        ("availability_zone_suffixes", list("abcde"), "give 1 to 4 different"),
        ("availability_zone_suffixes", ["a", "a"], "give 1 to 4 different"),
        ("availability_zone_suffixes", ["us-east-1a"], "lower-case letters"),
        ("name", "n" * 56, "use 1 to 55 letters"),
        BAD_KEY,
        BAD_RETENTION,
        *BAD_PLACE,
    ],
    "stream": [
        ("name", "n" * 129, "(129 characters): use 1 to 128"),
        ("name", "a/b", 'name is "a/b"'),
        ("mode", "on_demand", 'mode is "on_demand": use "PROVISIONED" or "ON_DEMAND"'),
        ("shards", 0, "shards is 0: give a whole number from 1 to 10000"),
        ("shards", 1.5, "shards is 1.5: give a whole number"),
        ("shards", 10001, "shards is 10001"),
        ("retention_hours", 23, "retention_hours is 23: give a whole number from 24 to 8760"),
        ("retention_hours", 8761, "retention_hours is 8761"),
        ("retention_hours", 24.5, "retention_hours is 24.5"),
        BAD_KEY,
    ],
    "table": [
        ("name", "ab", 'name is "ab": use 3 to 255'),
        ("name", "a/b/c", 'name is "a/b/c"'),
        ("hash_key", "", 'hash_key is "": use 1 to 255 characters'),
        ("range_key", "", 'range_key is "": use 1 to 255 characters'),
        ("hash_key_type", "BOOL", 'hash_key_type is "BOOL": use "S"'),
        ("range_key_type", "BOOL", 'range_key_type is "BOOL": use "S"'),
        BAD_KEY,
        *BAD_PLACE,
    ],
    "transform": [
        ("name", LONG, "use 1 to 64 letters"),
        ("name", "sg-lake", 'not starting with "sg-"'),
        ("package", {"file": "a.zip", "s3_bucket": "b", "s3_key": "c"}, "give either file, or both"),
        ("package", {"s3_bucket": "b"}, "give either file, or both"),
        ("package", {}, "give either file, or both"),
        ("runtime", "python3.9", 'runtime is "python3.9": use one of python3.11'),
        ("architecture", "amd64", 'architecture is "amd64": use "arm64" or "x86_64"'),
        ("memory_mb", 127, "memory_mb is 127: give a whole number from 128 to 10240"),
        ("memory_mb", 10241, "memory_mb is 10241"),
        ("memory_mb", 256.5, "memory_mb is 256.5"),
        ("timeout_seconds", 0, "timeout_seconds is 0: give a whole number from 1 to 300"),
        ("timeout_seconds", 301, "Firehose waits 5 minutes at most"),
        ("settings", {"path_separator": "."}, 'settings.path_separator is ".": use 1 to 16'),
        ("settings", {"path_separator": ""}, "use 1 to 16"),
        ("settings", {"list_format": "csv"}, 'settings.list_format is "csv": use "text" or "array"'),
        ("settings", {"log_level": "TRACE"}, 'settings.log_level is "TRACE": use one of DEBUG'),
        ("settings", {"hook": "my.hooks"}, 'settings.hook is "my.hooks": give "package.module:function"'),
        ("subnet_ids", [], "subnet_ids is empty: give at least one subnet"),
        BAD_KEY,
        BAD_RETENTION,
        *BAD_PLACE,
    ],
    "delivery": [
        ("name", LONG, "(65 characters): use 1 to 64"),
        ("table_name", "ab", 'table_name is "ab": use 3 to 255'),
        ("stream_name", "arn:aws:kinesis:r:1:stream/x", "for a data stream's name"),
        ("function_name", "arn:aws:lambda:r:1:function:x", "function_name is"),
        ("function_alias", "7", 'function_alias is "7": use 1 to 128'),
        ("bucket_name", "arn:aws:s3:::my-lake", "not an ARN or URL"),
        ("bucket_kms_key_arn", "alias/x", 'bucket_kms_key_arn is "alias/x": give the full ARN of a key'),
        ("buffering_seconds", -1, "buffering_seconds is -1: give a whole number from 0 to 900"),
        ("buffering_seconds", 901, "buffering_seconds is 901"),
        ("buffering_mib", 0, "buffering_mib is 0: give a whole number from 1 to 128"),
        ("buffering_mib", 129, "buffering_mib is 129"),
        ("transform_buffering_seconds", 901, "transform_buffering_seconds is 901: give a whole number from 0 to 900"),
        ("transform_buffering_mb", 0.1, "transform_buffering_mb is 0.1: give a number from 0.2 to 3"),
        ("transform_buffering_mb", 3.1, "transform_buffering_mb is 3.1"),
        ("compression", "ZIP", 'compression is "ZIP": use "GZIP" or "UNCOMPRESSED"'),
        BAD_KEY,
        BAD_RETENTION,
        *BAD_PLACE,
    ],
    "bucket": [
        *[
            ("bucket_name", name, f'bucket_name is "{name}"{reason}')
            for name, reason in [
                ("ab", " (2 characters): use 3 to 63"),
                ("b" * 64, " (64 characters): use 3 to 63"),
                ("My-Lake", " (7 characters): use 3 to 63 lower-case"),
                ("my_lake", " (7 characters)"),
                ("-lake", " (5 characters)"),
                ("lake-", " (5 characters)"),
                ("my.lake", ": leave out dots"),
                ("my..lake", ": leave out dots"),
                ("192.168.5.4", ": leave out dots"),
                ("xn--lake", ": S3 reserves the prefixes"),
                ("sthree-lake", ": S3 reserves the prefixes"),
                ("amzn-s3-demo-lake", ": S3 reserves the prefixes"),
                ("lake-s3alias", ": S3 reserves the prefixes"),
                ("lake--ol-s3", ": S3 reserves the prefixes"),
                ("lake--x-s3", ": S3 reserves the prefixes"),
                ("lake--table-s3", ": S3 reserves the prefixes"),
            ]
        ],
        ("writers", [{"role_arn": "arn:aws:iam::222222222222:root", "prefixes": ["a/"]}], "give each a full role ARN"),
        ("writers", [{"role_arn": ROLE, "prefixes": []}], 'prefixes that end with "/"'),
        ("writers", [{"role_arn": ROLE, "prefixes": ["data/*/"]}], "no wildcard"),
        ("writers", [{"role_arn": ROLE, "prefixes": ["data/orders"]}], 'prefixes that end with "/"'),
        ("noncurrent_version_days", 0, "noncurrent_version_days is 0: give a whole number from 1 to 36500"),
        ("noncurrent_version_days", 1.5, "noncurrent_version_days is 1.5"),
        BAD_KEY,
        ("partition", "aws-mars", 'partition is "aws-mars"'),
    ],
}
NUMBERED = [(f"{module}_{n}", module, *case) for module, cases in CASES.items() for n, case in enumerate(cases)]


@pytest.fixture(scope="module")
def refused(sandbox):
    """Messages of one plan in which each case is a module call of its own, in a file of its own."""
    folder = sandbox.root / "refused"
    folder.mkdir()
    (folder / "provider.tf.json").write_text(json.dumps({"provider": {"aws": {"region": "us-east-1"}}}))
    for name, module, variable, value, _ in NUMBERED:
        call = {"source": f"../modules/{module}", **MODULES[module], variable: value}
        (folder / f"{name}.tf.json").write_text(json.dumps({"module": {name: call}}))
    return sandbox.errors("refused")


@pytest.mark.parametrize(("name", "message"), [(name, message) for name, _, _, _, message in NUMBERED])
def test_modules_refuse_what_aws_would_not_take(refused, name, message):
    assert message in "\n".join(refused.get(f"{name}.tf.json", []))


# One list a rule. Each plan holds the next wrong table of every rule, so that each is refused on its own account.
RULES = [
    [("ab", {}, '"ab" cannot be a table\'s name; use 3 to 255')],
    [
        ("bool-hash", {"hash_key_type": "BOOL"}, "bool-hash (hash_key_type BOOL, range_key_type S): use"),
        ("bool-range", {"range_key_type": "BOOL"}, "bool-range (hash_key_type S, range_key_type BOOL): use"),
    ],
    [
        ("key-empty", {"hash_key": ""}, 'key-empty (hash_key "", range_key null): give two different'),
        ("key-blank", {"range_key": ""}, 'key-blank (hash_key "id", range_key "")'),
        ("keys-same", {"range_key": "id"}, 'keys-same (hash_key "id", range_key "id")'),
        ("key-long", {"hash_key": "k" * 256}, "keys of key-long"),
    ],
    [("mode-odd", {"stream_mode": "FAST"}, 'stream_mode of mode-odd (FAST): use "PROVISIONED" or "ON_DEMAND"')],
    [
        ("shards-none", {"shards": 0}, "shards of shards-none (0): give a whole number from 1 to 10000"),
        ("shards-half", {"shards": 1.5}, "shards of shards-half (1.5)"),
        ("shards-many", {"shards": 10001}, "shards of shards-many (10001)"),
    ],
    [
        ("hours-few", {"stream_retention_hours": 23}, "stream_retention_hours of hours-few (23)"),
        ("hours-many", {"stream_retention_hours": 8761}, "hours-many (8761): give a whole number from 24 to 8760"),
        ("hours-part", {"stream_retention_hours": 24.5}, "hours-part (24.5)"),
    ],
    [
        ("stream-odd", {"stream_name": "a/b"}, "stream name of stream-odd is no data stream's name"),
        ("n" * 120, {"delivery_stream_name": "short"}, "is no data stream's name (1 to 128"),
    ],
    [
        ("n" * 60, {}, f"delivery stream name of {'n' * 60} is no delivery stream's name (1 to 64"),
        ("firehose-odd", {"delivery_stream_name": "a/b"}, "set delivery_stream_name to one"),
    ],
    [("twin-a", {"stream_name": "twin-b-data-stream"}, "several tables share one data stream")],
    [
        ("twin-c", {"delivery_stream_name": "TWIN-D-delivery-stream"}, "several tables share one delivery stream"),
    ],
    [
        ("wait-long", {"buffering_seconds": 901}, "buffering_seconds of wait-long (901): give a whole number from 0"),
        ("wait-less", {"buffering_seconds": -1}, "buffering_seconds of wait-less (-1)"),
        ("wait-part", {"buffering_seconds": 1.5}, "buffering_seconds of wait-part (1.5)"),
    ],
    [
        ("size-none", {"buffering_mib": 0}, "buffering_mib of size-none (0): give a whole number from 1 to 128"),
        ("size-much", {"buffering_mib": 129}, "buffering_mib of size-much (129)"),
        ("size-part", {"buffering_mib": 1.5}, "buffering_mib of size-part (1.5)"),
    ],
    [
        ("t-long", {"transform_buffering_seconds": 901}, "transform_buffering_seconds of t-long (901)"),
        ("t-less", {"transform_buffering_seconds": -1}, "transform_buffering_seconds of t-less (-1)"),
    ],
    [
        ("t-small", {"transform_buffering_mb": 0.1}, "transform_buffering_mb of t-small (0.1): give a number from 0.2"),
        ("t-large", {"transform_buffering_mb": 3.1}, "transform_buffering_mb of t-large (3.1)"),
    ],
    [("zip", {"compression": "ZIP"}, 'compression of zip (ZIP): use "GZIP" or "UNCOMPRESSED"')],
]
TWINS: dict[str, dict[str, object]] = {"twin-b": {}, "twin-d": {}}
ROUNDS = range(max(len(rule) for rule in RULES))
VARIABLES = [
    ("region", "us-iso-east-1", 'region is "us-iso-east-1": give the code of a Region of the partitions'),
    ("account_id", "1234", 'account_id is "1234": give an AWS account id, exactly 12 digits'),
    ("name", "n" * 27, "(27 characters): use 2 to 26 lower-case letters"),
    ("tags", {"aws:team": "x"}, 'do not start with "aws:"'),
    ("artifact_bucket", "s3://artifacts", 'artifact_bucket is "s3://artifacts": give a bucket\'s name'),
]


@pytest.fixture(scope="module")
def refused_at_once(sandbox):
    """Messages of plans of the single-account environment, by round; in the first, other variables are wrong too."""

    def messages(turn):
        wrong = [rule[turn] for rule in RULES if turn < len(rule)]
        tables = TWINS | {name: settings for name, settings, _ in wrong}
        others = {name: value for name, value, _ in VARIABLES} if turn == 0 else {}
        found = sandbox.errors(tables=tables, **others)
        return [message for messages in found.values() for message in messages]

    return [messages(turn) for turn in ROUNDS]


@pytest.mark.parametrize(("turn", "message"), [(turn, case[2]) for rule in RULES for turn, case in enumerate(rule)])
def test_a_table_that_cannot_be_is_refused_by_name(refused_at_once, turn, message):
    assert [m for m in refused_at_once[turn] if message in m], "\n".join(refused_at_once[turn])


@pytest.mark.parametrize("message", [message for _, _, message in VARIABLES])
def test_a_variable_that_cannot_be_is_refused(refused_at_once, message):
    assert [m for m in refused_at_once[0] if message in m], "\n".join(refused_at_once[0])


def test_every_message_is_one_line_that_says_what_to_do(refused, refused_at_once):
    found = [m for messages in refused.values() for m in messages] + [m for turn in refused_at_once for m in turn]
    assert len(found) > 100
    for message in found:
        said = message.split("\n\n")[0].removeprefix("Invalid value for variable: ")
        assert "\n" not in said
        assert any(word in said for word in ("give ", "use ", "choose ", "leave ", "name ", "set ")), said


def test_no_tables_are_refused(sandbox):
    found = sandbox.errors(tables={}, transformation_lambda_file=sandbox.package)
    assert any("tables is empty: name at least one table" in m for messages in found.values() for m in messages)


def test_an_artifact_bucket_without_key_is_refused(sandbox):
    found = sandbox.errors(artifact_bucket="artifacts")
    assert any("transformation_lambda_file is not set: give the key" in m for ms in found.values() for m in ms)


def test_an_empty_package_path_is_refused(sandbox):
    found = sandbox.errors(transformation_lambda_file=" ")
    assert any("transformation_lambda_file is empty: give a path" in m for ms in found.values() for m in ms)


def test_a_missing_package_says_how_to_build_it(sandbox):
    found = sandbox.errors()
    (message,) = [m for messages in found.values() for m in messages]
    assert "lake_transform-python3.13-arm64-*.zip: build it first: python -m tools.build" in message


def test_credentials_of_another_account_are_refused(sandbox):
    found = sandbox.errors(account_id="222222222222", transformation_lambda_file=sandbox.package)
    assert any("AWS account ID not allowed: 111111111111" in m for messages in found.values() for m in messages)
