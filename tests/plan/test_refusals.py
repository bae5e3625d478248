"""What is refused before anything is deployed, and in which words."""

from __future__ import annotations

import json
import re

import pytest

from tests.plan import rules
from tests.plan.plans import KEY_OF_B, LAKE, MODULES, PROVIDERS, call
from tests.plan.terraform_copy import ACCOUNT, CONSUMER, message
from tools import paths

WRITER = {"roles": "arn:aws:iam::222222222222:role/lake/*", "tables": ["orders"], "prefixes": ["data/"]}
SESSION = "arn:aws:sts::222222222222:assumed-role/x"
BAD_KEY = ("kms_key_arn", "alias/x", 'kms_key_arn is "alias/x": give the full ARN of a key')


def names_in_the_catalog(tables):
    """Returns names for the module `catalog` of tables, each with its name there."""
    prefixes = {"data_prefix": "data/x/", "error_prefix": "errors/x/"}
    return {**MODULES["catalog"]["names"], "tables": {n: {**prefixes, "catalog_table": c} for n, c in tables.items()}}


def _named(catalog_tables):
    """Returns the names of tables that are called so in the catalog."""
    names = MODULES["state"]["names"]
    orders = names["tables"]["orders"]
    return {**names, "tables": {name: {**orders, "catalog_table": as_} for name, as_ in catalog_tables.items()}}


# Module -> a variable, a value that is refused, and what is said of it.
CASES = {
    "names": [
        ("name", "n" * 27, "(27 characters): use 2 to 26 lower-case letters"),
        ("name", "sg-lake", 'not with "sg-"'),
        ("tables", {}, "tables is empty: name at least one table"),
        ("tables", {"ab": {}}, '"ab" cannot be a table\'s name; use 3 to 255'),
        ("tables", {"orders": {"stream": {"name": "a/b"}}}, "stream.name of orders (a/b) is no data stream's name"),
        ("tables", {"orders": {"delivery": {"name": "a/b"}}}, "delivery.name of orders (a/b) is no delivery stream's"),
        (
            "tables",
            {"orders": {"delivery": {"name": "_orders"}}},
            'delivery.name of orders (_orders) starts with "_" or "."; use a letter, a digit or "-" there',
        ),
        ("tables", {"orders": {"delivery": {"name": ".o"}}}, 'delivery.name of orders (.o) starts with "_" or "."'),
        (
            "tables",
            {"_orders": {}, "x_orders": {}},
            "several tables share one delivery stream (_orders: x_orders-delivery-stream, "
            "x_orders: x_orders-delivery-stream); give each its own delivery.name",
        ),
        (
            "tables",
            {"one": {"stream": {"name": "s"}}, "two": {"stream": {"name": "s"}}},
            "give each its own stream.name",
        ),
        (
            "tables",
            {"one": {"delivery": {"name": "X"}}, "two": {"delivery": {"name": "x"}}},
            "several tables share one delivery stream (one: X, two: x); give each its own delivery.name",
        ),
    ],
    "key": [
        ("kms_key_alias", "alias/lake", 'kms_key_alias is "alias/lake": leave out the prefix "alias/"'),
        ("kms_key_alias", "aws/lake", 'kms_key_alias is "aws/lake": names that start with "aws/" are reserved'),
        ("kms_key_alias", "my lake", "use 1 to 250 letters, digits"),
        ("kms_key_alias", "", "use 1 to 250 letters, digits"),
        ("existing_arn", "alias/x", 'kms_key_arn is "alias/x": give the full ARN of a key'),
        (
            "existing_arn",
            KEY_OF_B,
            f'kms_key_arn is "{KEY_OF_B}": give a key of this account (111111111111) and Region',
        ),
        ("services", [], "services is []: name at least one"),
        ("services", ["S3"], 'services is ["S3"]: name at least one service, in lower case'),
        ("log_group_names", ["/aws/*/f"], 'of which the last character may be "*"'),
        ("alarm_prefix", "lake*", 'alarm_prefix is "lake*": give letters, digits, "_" and "-", and a "/" at the end'),
        (
            "state_machine_prefix",
            "lake-*",
            'state_machine_prefix is "lake-*": give what names of state machines start with',
        ),
        ("schedule_prefix", "lake-*", 'schedule_prefix is "lake-*": give what names of schedule groups start with'),
        ("writer_roles", ["my-role"], 'writer_roles is ["my-role"]: give a path of roles and "*"'),
        ("writer_roles", ["arn:aws:iam::222222222222:role/*"], "give a path of roles"),
        ("writer_roles", ["arn:aws:iam::222222222222:user/me/*"], "give a path of roles"),
        ("exporter_role_arns", ["me"], 'exporter_role_arns is ["me"]: give full role ARNs'),
        ("writer_bucket_name", "arn:aws:s3:::lake", "not an ARN or URL"),
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
    ],
    "stream": [
        ("stream", {"mode": "on_demand"}, 'table orders: stream.mode is "on_demand": use "PROVISIONED" or "ON_DEMAND"'),
        ("stream", {"shards": 0}, "table orders: stream.shards is 0: give a whole number from 1 to 10000"),
        ("stream", {"shards": 1.5}, "stream.shards is 1.5: give a whole number"),
        ("stream", {"shards": 10001}, "stream.shards is 10001"),
        (
            "stream",
            {"retention_hours": 23},
            "table orders: stream.retention_hours is 23: give a whole number from 24 to",
        ),
        ("stream", {"retention_hours": 8761}, "stream.retention_hours is 8761"),
        ("stream", {"retention_hours": 24.5}, "stream.retention_hours is 24.5"),
    ],
    "table": [
        ("key", {"hash_key": ""}, 'table orders: key.hash_key is "" and key.range_key null: use 1 to 255 characters'),
        ("key", {"range_key": ""}, 'table orders: key.hash_key is "id" and key.range_key "": use 1 to 255 characters'),
        ("key", {"hash_key": "k" * 256}, "use 1 to 255 characters"),
        ("key", {"range_key": "k" * 256}, "use 1 to 255 characters"),
        (
            "key",
            {"range_key": "id"},
            'table orders: key.range_key is "id", the same as key.hash_key: use two different',
        ),
        ("key", {"hash_key_type": "BOOL"}, 'table orders: key.hash_key_type is "BOOL" and key.range_key_type "S": use'),
        ("key", {"range_key_type": "BOOL"}, 'key.hash_key_type is "S" and key.range_key_type "BOOL": use "S"'),
    ],
    "transform": [
        ("artifact_bucket", "s3://artifacts", 'artifact_bucket is "s3://artifacts": give a bucket\'s name'),
        ("transformation_lambda_file", " ", "transformation_lambda_file is empty: give a path"),
        ("transformation_lambda_file", None, "transformation_lambda_file is not set: give the key"),
        ("transform", {"runtime": "python3.9"}, 'transform.runtime is "python3.9": use one of python3.11'),
        ("transform", {"runtime": "python3.14"}, 'transform.runtime is "python3.14": use one of python3.11'),
        ("transform", {"architecture": "amd64"}, 'transform.architecture is "amd64": use "arm64" or "x86_64"'),
        ("transform", {"memory_mb": 127}, "transform.memory_mb is 127: give a whole number from 128 to 10240"),
        ("transform", {"memory_mb": 10241}, "transform.memory_mb is 10241"),
        ("transform", {"memory_mb": 256.5}, "transform.memory_mb is 256.5"),
        ("transform", {"timeout_seconds": 0}, "transform.timeout_seconds is 0: give a whole number from 1 to 300"),
        ("transform", {"timeout_seconds": 301}, "Firehose waits 5 minutes at most"),
        ("transform", {"path_separator": "."}, 'transform.path_separator is ".": use 1 to 16'),
        ("transform", {"path_separator": ""}, "use 1 to 16"),
        ("transform", {"list_format": "csv"}, 'transform.list_format is "csv": use "text" or "array"'),
        ("transform", {"log_level": "TRACE"}, 'transform.log_level is "TRACE": use one of DEBUG'),
        ("transform", {"hook": "my.hooks"}, 'transform.hook is "my.hooks": give "package.module:function"'),
        *[
            ("mask_key", key, "mask_key: use 32 to 256 printable ASCII characters without spaces")
            for key in ("k" * 31, "k" * 257, "k" * 31 + " ", "k" * 31 + "\n", "k" * 31 + "é", "")
        ],
        ("tables", {"orders": {"rules": {"email": {"as": "hash"}}}}, "mask_key is not set, and rules of orders hash: "),
        *[
            ("tables", {"orders": settings}, f"table orders: {said}")
            for settings, said in [
                ({"rules": {"email": {"as": "mask"}}}, 'rules["email"].as is "mask": use "json", "text", "hash" or'),
                ({"rules": {"email": {"as": None}}}, 'rules["email"].as is null: use "json"'),
                ({"rules": {"email": None}}, 'rules["email"].as is null: use "json"'),
                ({"rules": {"": {"as": "drop"}}}, 'rules[""] is no path: use attribute names joined by "."'),
                ({"rules": {".email": {"as": "drop"}}}, 'rules[".email"] is no path: use attribute names'),
                ({"rules": {"a\\b": {"as": "drop"}}}, r'rules["a\\b"] is no path: use attribute names'),
                ({"rules": {"a\\": {"as": "drop"}}}, r'rules["a\\"] is no path: use attribute names'),
                ({"rules": {"id": {"as": "drop"}}}, 'rules drop "id", an attribute of its key: use "hash"'),
                (
                    {"key": {"range_key": "a.b\\c"}, "rules": {r"a\.b\\c": {"as": "drop"}}},
                    r'rules drop "a.b\\c", an attribute of its key: use "hash"',
                ),
            ]
        ],
    ],
    "delivery": [
        ("role_path", "/", 'role_path is "/": give a path that starts and ends with "/"'),
        ("role_path", "/lake", "give a path that starts and ends"),
        ("delivery", {"buffering_seconds": -1}, "table orders: delivery.buffering_seconds is -1: give a whole number"),
        (
            "delivery",
            {"buffering_seconds": 901},
            "delivery.buffering_seconds is 901: give a whole number from 0 to 900",
        ),
        ("delivery", {"buffering_seconds": 1.5}, "delivery.buffering_seconds is 1.5"),
        (
            "delivery",
            {"buffering_mib": 0},
            "table orders: delivery.buffering_mib is 0: give a whole number from 1 to 128",
        ),
        ("delivery", {"buffering_mib": 129}, "delivery.buffering_mib is 129"),
        ("delivery", {"buffering_mib": 1.5}, "delivery.buffering_mib is 1.5"),
        (
            "delivery",
            {"compression": "ZIP"},
            'table orders: delivery.compression is "ZIP": use "GZIP" or "UNCOMPRESSED"',
        ),
        ("transform", {"buffering_seconds": -1}, "table orders: transform.buffering_seconds is -1"),
        (
            "transform",
            {"buffering_seconds": 901},
            "transform.buffering_seconds is 901: give a whole number from 0 to 900",
        ),
        (
            "transform",
            {"buffering_mb": 0.1},
            "table orders: transform.buffering_mb is 0.1: give a number from 0.2 to 3",
        ),
        ("transform", {"buffering_mb": 3.1}, "transform.buffering_mb is 3.1"),
        ("transform", {"retries": -1}, "table orders: transform.retries is -1: give a whole number from 0 to 300"),
        ("transform", {"retries": 301}, "transform.retries is 301"),
        ("transform", {"retries": 1.5}, "transform.retries is 1.5"),
    ],
    "pipeline": [
        BAD_KEY,
        *[
            ("network", {"vpc_id": vpc, "subnet_ids": subnets}, "give a vpc_id (vpc-...) and one or more different")
            for vpc, subnets in [("10.0.0.0/24", ["subnet-1"]), ("vpc-1", []), ("vpc-1", ["10.0.0.0/26"])]
        ],
        ("network", {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-1"]}, "different subnet_ids (subnet-...)"),
        ("log_retention_days", 100, "log_retention_days is 100: CloudWatch Logs keeps events for 1, 3, 5"),
    ],
    "catalog": [
        BAD_KEY,
        (
            "names",
            names_in_the_catalog({"a": "a", "a_current": "a_current"}),
            "in the catalog several would have one name (a_current of a and a_current): a table's name is in lower",
        ),
        (
            "names",
            names_in_the_catalog({"A-b": "a_b", "a.B": "a_b"}),
            "(a_b of A-b and a.B; a_b_changes of A-b and a.B;",
        ),
        (
            "names",
            names_in_the_catalog({"o" * 248: "o" * 248}),
            f"the name of {'o' * 248} is too long for its views in the catalog: use at most 247 characters",
        ),
        ("catalog", {"since": "2026-1-1"}, 'catalog.since is "2026-1-1": give the first day that has objects'),
        ("catalog", {"since": "2026-02-30"}, 'catalog.since is "2026-02-30"'),
        ("catalog", {"serde": "json"}, 'catalog.serde is "json": use "hive" or "openx"'),
        ("catalog", {"scan_limit_mib": 9}, "catalog.scan_limit_mib is 9: give a whole number of at least 10"),
        ("catalog", {"scan_limit_mib": 10.5}, "catalog.scan_limit_mib is 10.5"),
        (
            "catalog",
            {"crawler": {"schedule": "rate(1 day)"}},
            'catalog.crawler.schedule is "rate(1 day)": give six fields, in UTC',
        ),
        (
            "catalog",
            {"crawler": {"log_retention_days": 31}},
            "catalog.crawler.log_retention_days is 31: give a value that CloudWatch Logs accepts",
        ),
        (
            "catalog",
            {"lake_formation": {"readers": ["analyst"]}},
            'catalog.lake_formation.readers is ["analyst"]: give full ARNs of roles or users',
        ),
    ],
    "replica": [
        ("replication", {"region": "Oregon"}, 'replication.region is "Oregon": give the code of a Region'),
        (
            "replication",
            {"region": "us-east-1"},
            'replication.region is "us-east-1", the Region of the lake: give another',
        ),
        (
            "replication",
            {"region": "cn-north-1"},
            "of another partition than the lake (aws): give a Region of the same",
        ),
        ("replication", {"region": "us-gov-west-1"}, "of another partition than the lake (aws)"),
    ],
    "backfill": [
        ("backfill", {"glue_version": "4.0"}, 'backfill.glue_version is "4.0": use "5.0" or "5.1"'),
        ("backfill", {"worker_type": "Standard"}, 'backfill.worker_type is "Standard": use "G.1X"'),
        ("backfill", {"workers": 1}, "backfill.workers is 1: give a whole number, 2 to 299"),
        ("backfill", {"workers": 2.5}, "backfill.workers is 2.5"),
        ("backfill", {"timeout_minutes": 5}, "backfill.timeout_minutes is 5: give a whole number of minutes"),
        BAD_KEY,
        (
            "names",
            {
                **MODULES["backfill"]["names"],
                "tables": dict.fromkeys(
                    (f"orders-{number}" for number in range(30)), MODULES["backfill"]["names"]["tables"]["orders"]
                ),
            },
            "backfill: 30 tables are more than the policy of the job's role has room for",
        ),
    ],
    "state": [
        ("state", {"every": "1 hours"}, 'state.every of orders is "1 hours": give a number and a unit'),
        ("state", {"overlap_hours": 0.5}, "state.overlap_hours of orders is 0.5: give a whole number of hours"),
        ("names", _named({"orders": "o" * 242}), "orders is too long for the view of its state in the catalog"),
        (
            "names",
            _named({"orders": "orders", "orders-state": "orders_state"}),
            "the state of orders would be called like another table's",
        ),
        ("kms_key_arn", "alias/lake", 'kms_key_arn is "alias/lake": give the full ARN of a key'),
    ],
    "monitoring": [
        BAD_KEY,
        ("environment", "producer", 'environment is "producer": use "single-account" or "cross-account"'),
        ("monitoring", {"email": "lake"}, 'monitoring.email is "lake": give an e-mail address'),
        (
            "monitoring",
            {"topic_arn": "operators"},
            'monitoring.topic_arn is "operators": give the full ARN of a standard',
        ),
        (
            "monitoring",
            {"topic_arn": "arn:aws:sns:eu-west-1:111111111111:operators"},
            "alarms of us-east-1 tell topics of that Region only",
        ),
        (
            "monitoring",
            {"email": "lake@example.com", "topic_arn": "arn:aws:sns:us-east-1:111111111111:operators"},
            "monitoring.email and monitoring.topic_arn are both given",
        ),
        ("monitoring", {"late_minutes": 0}, "monitoring.late_minutes is 0: give a whole number from 1 to 60"),
        ("monitoring", {"late_minutes": 61}, "monitoring.late_minutes is 61"),
        ("monitoring", {"late_minutes": 1.5}, "monitoring.late_minutes is 1.5"),
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
        ("writers", [WRITER | {"roles": "arn:aws:iam::222222222222:root"}], 'give a path of roles and "*"'),
        ("writers", [WRITER | {"roles": "arn:aws:iam::222222222222:role/*"}], "give a path of roles"),
        ("writers", [WRITER | {"tables": []}], "name at least one table each"),
        ("writers", [WRITER | {"tables": ["*-orders"]}], "of 3 to 255 letters"),
        ("writers", [WRITER | {"prefixes": []}], 'prefixes that end with "/"'),
        ("writers", [WRITER | {"prefixes": ["data/*/"]}], "no wildcard"),
        ("writers", [WRITER | {"prefixes": ["data/orders"]}], 'prefixes that end with "/"'),
        ("writers", [WRITER, WRITER], "give one path of roles for each account"),
        ("noncurrent_version_days", 0, "noncurrent_version_days is 0: give a whole number from 1 to 36500"),
        ("noncurrent_version_days", 1.5, "noncurrent_version_days is 1.5"),
        ("original_prefixes", ["errors/orders"], 'original_prefixes is ["errors/orders"]: give prefixes that end with'),
        ("original_prefixes", ["errors/*/"], "hold no wildcard"),
        *[
            ("original_reader_role_arns", [arn], f'original_reader_role_arns is ["{arn}"]: give full role ARNs')
            for arn in ("me", "*", "arn:aws:iam::1:role/x", "arn:aws:iam::111122223333:role/*", f"{SESSION}/me")
        ],
        ("exporter_role_arns", ["me"], 'exporter_role_arns is ["me"]: give full role ARNs'),
        ("exporter_role_arns", ["arn:aws:iam::111122223333:role/*"], "exporter_role_arns is"),
        ("export_prefix", "exports", 'export_prefix is "exports": give a prefix that ends with'),
        ("original_days", 0, "original_days is 0: give a whole number from 1 to 365"),
        ("original_days", 366, "original_days is 366"),
        ("original_days", 1.5, "original_days is 1.5"),
        ("results_prefix", "results", 'results_prefix is "results": give a prefix that ends with "/"'),
        ("results_prefix", "*/", "holds no wildcard"),
        ("result_days", 0, "result_days is 0: give a whole number from 1 to 365"),
        ("result_days", 366, "result_days is 366"),
        ("result_days", 1.5, "result_days is 1.5"),
        *[
            ("options", {"colder": {prefix: classes}}, "use prefixes such as")
            for prefix, classes in [
                ("results/", {"STANDARD_IA": 30}),
                ("data", {"STANDARD_IA": 30}),
                ("data/*/", {"STANDARD_IA": 30}),
                ("data/", {}),
                ("data/", {"GLACIER": 90}),
            ]
        ],
        *[
            ("options", {"colder": {"data/": classes}}, "give whole days, 30 at least for STANDARD_IA, and more days")
            for classes in [
                {"STANDARD_IA": 29},
                {"GLACIER_IR": 1.5},
                {"GLACIER_IR": -1},
                {"GLACIER_IR": 36501},
                {"STANDARD_IA": 60, "GLACIER_IR": 60},
                {"STANDARD_IA": 60, "INTELLIGENT_TIERING": 40},
                {"INTELLIGENT_TIERING": 40, "GLACIER_IR": 30},
            ]
        ],
        (
            "options",
            {"access_logs": {"bucket": "s3://logs"}},
            'bucket.access_logs.bucket is "s3://logs": give the name',
        ),
        ("options", {"access_logs": {"bucket": "my-lake"}}, "give the name of another bucket"),
        ("options", {"object_lock": {"mode": "LEGAL", "days": 1}}, 'use the mode "GOVERNANCE" or "COMPLIANCE"'),
        *[
            ("options", {"object_lock": {"mode": "GOVERNANCE", "days": days}}, "whole days from 1 to 36500")
            for days in (0, 36501, 1.5)
        ],
        BAD_KEY,
    ],
}
NUMBERED = [(f"{module}_{n}", module, *case) for module, cases in CASES.items() for n, case in enumerate(cases)]
RUNS = [run for module in sorted(paths.MODULES.iterdir()) for run in rules.runs(module)]
OF_MODULES, OF_ENVIRONMENTS = rules.below(paths.MODULES), rules.below(paths.ENVIRONMENTS)


@pytest.fixture(scope="module")
def refused(sandbox):
    """Call -> errors: each case, and each run that a module's own tests expect to be refused, calls its module."""
    calls = {name: (module, {**MODULES[module], variable: value}) for name, module, variable, value, _ in NUMBERED}
    calls |= {f"{run.module}-{run.name}": (run.module, run.variables) for run in RUNS}
    found = {}
    # A rule that compares variables is looked at only when no other fails.
    for folder in ("refused", "refused-next"):
        found |= errors_of(sandbox, folder, {name: each for name, each in calls.items() if name not in found})
    return found


def errors_of(sandbox, name, calls):
    """Returns call -> errors of one plan in which each call is in a file of its own."""
    folder = sandbox.root / name
    folder.mkdir()
    (folder / "provider.tf.json").write_text(json.dumps({"provider": {"aws": PROVIDERS}}))
    for called, (module, variables) in calls.items():
        body = {called: call(module, variables)}
        (folder / f"{called}.tf.json").write_text(json.dumps({"module": body}))
    found = {}
    for diagnostic in sandbox.diagnostics(name):
        found.setdefault(diagnostic["range"]["filename"].removesuffix(".tf.json"), []).append(diagnostic)
    return found


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, _, _, _, said in NUMBERED])
def test_modules_refuse_what_aws_would_not_take(refused, name, said):
    assert said in "\n".join(message(each) for each in refused.get(name, []))


def test_every_rule_of_a_module_is_broken_alone_by_a_run_of_its_own_tests(refused):
    broken = set()
    for run in RUNS:
        fired = [
            rule
            for each in refused.get(f"{run.module}-{run.name}", [])
            for rule in rules.fired(each, "refused", OF_MODULES)
        ]
        owners = [rule.owner for rule in fired]
        broken |= {rule for rule in fired if rule.owner in run.expected and owners.count(rule.owner) == 1}
        # A condition on a resource is looked at after all variables are right: Terraform's own test has to tell.
        broken |= {
            rule
            for rule in OF_MODULES
            if rule.file.split("/")[1] == run.module and rule.kind != "validation" and run.expected == {rule.owner}
        }
    missing = [str(rule) for rule in OF_MODULES if rule not in broken]
    assert not missing, "no `run` with `expect_failures` breaks this rule and no other of its owner"


def test_every_rule_of_a_module_is_refused_in_words_that_a_test_reads(refused):
    said = {
        rule
        for name, *_ in NUMBERED
        for each in refused.get(name, [])
        for rule in rules.fired(each, "refused", OF_MODULES)
    }
    missing = [str(rule) for rule in OF_MODULES if rule.kind == "validation" and rule not in said]
    assert not missing, "no case of CASES breaks this rule"


def test_no_rule_escapes_the_reading():
    for folder in (paths.MODULES, paths.ENVIRONMENTS):
        text = "\n".join(file.read_text() for file in folder.glob("*/*.tf"))
        written = re.findall(r"^[^#\n]*\b(?:validation|precondition|postcondition|assert)\s*\{", text, re.MULTILINE)
        assert len(rules.below(folder)) == len(written) > 0


# Tables that are wrong in one way each, and what is said of them: each is refused on its own account.
WRONG_TABLES = [
    ("ab", {}, '"ab" cannot be a table\'s name; use 3 to 255'),
    ("stream-odd", {"stream": {"name": "a/b"}}, "stream-odd (a/b) is no data stream's name; use 1 to 128"),
    ("n" * 120, {"delivery": {"name": "short"}}, f"stream.name of {'n' * 120} ({'n' * 120}-data-stream)"),
    ("n" * 60, {}, f"{'n' * 60} ({'n' * 60}-delivery-stream) is no delivery stream's name; use 1 to 64"),
    ("firehose-odd", {"delivery": {"name": "a/b"}}, "delivery.name of firehose-odd (a/b)"),
    ("firehose-hidden", {"delivery": {"name": "_hidden"}}, "delivery.name of firehose-hidden (_hidden) starts with"),
    ("twin-a", {"stream": {"name": "twin-b-data-stream"}}, "several tables share one data stream"),
    ("twin-c", {"delivery": {"name": "TWIN-D-delivery-stream"}}, "several tables share one delivery stream"),
    ("rule-odd", {"rules": {"email": {"as": "mask"}}}, 'table rule-odd: rules["email"].as is "mask": use "json"'),
    ("path-odd", {"rules": {".email": {"as": "drop"}}}, 'table path-odd: rules[".email"] is no path: use attribute'),
    ("key-odd", {"rules": {"id": {"as": "drop"}}}, 'table key-odd: rules drop "id", an attribute of its key'),
    *[
        (f"{block}-{number}", {block if block != "table" else "key": settings}, f"table {block}-{number}: {said}")
        for number, (block, settings, said) in enumerate(
            (variable, settings, said.partition("table orders: ")[2])
            for module in ("table", "stream", "delivery")
            for variable, settings, said in CASES[module]
            if said.startswith("table orders: ")
        )
    ],
]
TWINS: dict[str, dict[str, object]] = {"twin-b": {}, "twin-d": {}}
TABLES = {"tables": TWINS | {name: settings for name, settings, _ in WRONG_TABLES}}
SAID_OF_TABLES = [said for _, _, said in WRONG_TABLES]
OF_EVERY_ENVIRONMENT = {
    "region": ("us-iso-east-1", 'region is "us-iso-east-1": give the code of a Region of the partitions'),
    "account_id": ("1234", 'account_id is "1234": give an AWS account id, exactly 12 digits'),
    "name": ("n" * 27, "(27 characters): use 2 to 26 lower-case letters"),
    "tags": ({"aws:team": "x"}, 'do not start with "aws:"'),
    "iam_path": ("lake", 'iam_path is "lake": give a path that starts and ends with "/"'),
    "permissions_boundary_arn": (
        "bounds",
        'permissions_boundary_arn is "bounds": give the full ARN of a managed policy',
    ),
}
OF_A_FUNCTION = {
    **OF_EVERY_ENVIRONMENT,
    "artifact_bucket": ("s3://artifacts", 'artifact_bucket is "s3://artifacts": give a bucket\'s name'),
}
OF_THE_PIPELINE = {
    "vpc_cidr": ("8.8.8.0/24", 'vpc_cidr is "8.8.8.0/24": give the first address of a private range'),
    "availability_zone_suffixes": ([], "availability_zone_suffixes is []: give 1 to 4 different"),
    "log_retention_days": (100, "log_retention_days is 100: CloudWatch Logs keeps events for 1, 3, 5"),
}
WRONG_TRANSFORM = {
    setting: value
    for variable, settings, _ in CASES["transform"]
    if variable == "transform"
    for setting, value in settings.items()
}


def wrong(variables):
    return {name: value for name, (value, _) in variables.items()}


def said_of(variables):
    return [said for _, said in variables.values()]


def everything_wrong(environment, **more):
    return (environment, {**more, **TABLES, **wrong(OF_A_FUNCTION)}, *SAID_OF_TABLES, *said_of(OF_A_FUNCTION))


WITHOUT_KEY = "transformation_lambda_file is not set: give the key"
NOTHING_GIVEN = (
    {"tables": {}, "transformation_lambda_file": " "},
    "tables is empty: name at least one table",
    "transformation_lambda_file is empty: give a path",
)
HASHING = {"orders": {"rules": {"email": {"as": "hash"}}}, "customers": {"rules": {"name": {"as": "text"}}}}
HERE = "this account: for a lake in the account of its tables use envs/single-account"
OF_CREDENTIALS = "the account of the credentials: for a lake in the account of its tables use envs/single-account"
CLASHING = {"one": {"delivery": {"name": "X"}}, "two": {"delivery": {"name": "x"}}}
REPLICA_OF_THEIRS = 'replication is given with existing_bucket ("theirs")'
SETTINGS_OF_THEIRS = 'bucket is given with existing_bucket ("theirs"): the settings of a bucket that exists'
LOGGED = {"access_logs": {"bucket": "logs"}}
OWN_KEY = LAKE["cross_account_kms_key_arn"].replace(CONSUMER, ACCOUNT)
REFUSED = [
    everything_wrong("single-account"),
    (
        "single-account",
        {
            **wrong(OF_THE_PIPELINE),
            "existing_bucket": "theirs",
            "bucket_name": "ours",
            "kms_key_arn": "alias/x",
            "bucket": LOGGED,
        },
        *said_of(OF_THE_PIPELINE),
        'existing_bucket is "theirs" and bucket_name "ours": give existing_bucket for a bucket that exists',
        'kms_key_arn is "alias/x": give the full ARN of a key',
    ),
    (
        "single-account",
        {"transform": WRONG_TRANSFORM},
        *[f"transform.{setting} is {json.dumps(value)}: " for setting, value in WRONG_TRANSFORM.items()],
    ),
    ("single-account", *NOTHING_GIVEN),
    (
        "single-account",
        {"mask_key": "hunter2", "existing_bucket": "theirs", "bucket": LOGGED, "replication": {"region": "us-west-2"}},
        "mask_key: use 32 to 256 printable ASCII characters",
        SETTINGS_OF_THEIRS,
        REPLICA_OF_THEIRS,
    ),
    (
        "single-account",
        {"replication": {"region": "us-east-1"}, "transformation_lambda_file": "../../package.zip"},
        'replication.region is "us-east-1", the Region of the lake: give another one',
    ),
    ("single-account", {"tables": HASHING}, "mask_key is not set, and rules of orders hash: set it"),
    ("single-account", {"artifact_bucket": "artifacts"}, WITHOUT_KEY),
    ("single-account", {}, "lake_transform-python3.13-arm64-*.zip: build it first: python -m tools.build"),
    (
        "single-account",
        {"account_id": CONSUMER, "transformation_lambda_file": "../../package.zip"},
        f"AWS account ID not allowed: {ACCOUNT}",
    ),
    everything_wrong("producer", **LAKE),
    ("producer", {**LAKE, **NOTHING_GIVEN[0]}, *NOTHING_GIVEN[1:]),
    (
        "consumer",
        {"ddb_producer_account_id": ACCOUNT, "tables": {}, **wrong(OF_EVERY_ENVIRONMENT)},
        "tables is empty: name at least one table",
        *said_of(OF_EVERY_ENVIRONMENT),
    ),
    (
        "consumer",
        {
            "ddb_producer_account_id": "12",
            "producer_iam_path": "/lake",
            "existing_bucket": "theirs",
            "bucket_name": "ours",
        },
        'ddb_producer_account_id is "12": give an AWS account id',
        'existing_bucket is "theirs" and bucket_name "ours": give',
        'producer_iam_path is "/lake": give the producer\'s iam_path, which starts and ends with "/"',
    ),
    (
        "consumer",
        {
            "account_id": CONSUMER,
            "ddb_producer_account_id": CONSUMER,
            "existing_bucket": "theirs",
            "bucket": LOGGED,
            "replication": {"region": "us-west-2"},
            "tables": {"ab": {}, "n" * 60: {}, **CLASHING},
        },
        HERE,
        SETTINGS_OF_THEIRS,
        REPLICA_OF_THEIRS,
        '"ab" cannot be a table\'s name',
        "is no delivery stream's name; use 1 to 64",
        "several tables share one delivery stream",
    ),
    ("consumer", {"ddb_producer_account_id": CONSUMER}, OF_CREDENTIALS),
    ("consumer", {"ddb_producer_account_id": ACCOUNT, "account_id": "3" * 12}, f"ID not allowed: {CONSUMER}"),
    ("consumer", {}, 'input variable "ddb_producer_account_id" is not set'),
    (
        "producer",
        {
            **LAKE,
            "cross_account_kms_key_arn": "alias/lake",
            "cross_account_datalake_bucket": "arn:aws:s3:::lake",
            "artifact_bucket": "artifacts",
        },
        "an alias would resolve in this account's name space",
        "give the consumer's output bucket_name",
        WITHOUT_KEY,
    ),
    ("producer", {**LAKE, "consumer_account_id": "12"}, 'consumer_account_id is "12": give an AWS account id'),
    ("producer", {**LAKE, "account_id": CONSUMER}, HERE),
    (
        "producer",
        {
            **LAKE,
            "consumer_account_id": ACCOUNT,
            "cross_account_kms_key_arn": OWN_KEY,
            "transformation_lambda_file": "../../package.zip",
        },
        OF_CREDENTIALS,
    ),
    ("producer", {**LAKE, "account_id": "3" * 12}, f"ID not allowed: {ACCOUNT}"),
    (
        "producer",
        {**LAKE, "consumer_account_id": "3" * 12, "region": "eu-west-1"},
        "another account than consumer_account_id (333333333333)",
        "another Region than region (eu-west-1)",
    ),
    (
        "producer",
        {},
        'input variable "consumer_account_id" is not set',
        'input variable "cross_account_datalake_bucket" is not set',
        'input variable "cross_account_kms_key_arn" is not set',
    ),
]


@pytest.fixture(scope="module")
def refused_by(sandbox):
    """Returns the errors of the nth of REFUSED; each is planned once."""
    found = {}

    def plan(number):
        if number not in found:
            environment, variables, *_ = REFUSED[number]
            account = CONSUMER if environment == "consumer" else ACCOUNT
            found[number] = sandbox.diagnostics(f"envs/{environment}", account=account, **variables)
        return found[number]

    return plan


@pytest.mark.parametrize(
    ("number", "said"),
    [
        pytest.param(number, said, id=f"{number}-{environment}-{said}")
        for number, (environment, _, *messages) in enumerate(REFUSED)
        for said in messages
    ],
)
def test_what_cannot_be_is_refused_by_the_plan(refused_by, number, said):
    found = [message(each) for each in refused_by(number)]
    assert [each for each in found if said in each], "\n".join(found)


def test_a_key_that_is_refused_is_not_repeated(refused_by):
    (number,) = [number for number, case in enumerate(REFUSED) if "mask_key" in case[1]]

    assert "hunter2" not in json.dumps(refused_by(number))


def test_every_rule_of_an_environment_is_broken_by_a_case(refused_by):
    every = OF_MODULES + OF_ENVIRONMENTS
    broken = {
        rule
        for number, (environment, *_) in enumerate(REFUSED)
        for each in refused_by(number)
        for rule in rules.fired(each, f"envs/{environment}", every)
    }
    settings = ("names", "network", "stream", "table", "delivery", "transform")
    # No user gives the path of writers: it follows from `iam_path`.
    of_settings = [r for r in OF_MODULES if r.file.split("/")[1] in settings and "var.role_path" not in str(r)]
    missing = [str(rule) for rule in OF_ENVIRONMENTS + of_settings if rule not in broken]
    assert not missing, "no case of REFUSED breaks this rule"


def test_every_message_is_one_line_that_says_what_to_do(refused, refused_by):
    found = [each for errors in refused.values() for each in errors]
    found += [each for number in range(len(REFUSED)) for each in refused_by(number)]
    told = [
        each["detail"].partition("\n\nThis was checked")[0] for each in found if "This was checked" in each["detail"]
    ]
    assert len(told) > 100
    for said in told:
        assert "\n" not in said
        assert re.search(
            "give |use |choose |leave |name |set |one of the two is wrong|delivers to a lake in its own", said
        )
