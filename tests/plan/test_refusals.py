"""What is refused before anything is deployed, and in which words."""

from __future__ import annotations

import json
import re

import pytest

from tests.plan import rules
from tests.plan.plans import LAKE, MODULES
from tests.plan.terraform_copy import ACCOUNT, CONSUMER, message
from tools import paths

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
        ("range_key", "id", 'range_key is "id", the same as hash_key: use two different attributes'),
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
        found |= errors_of(sandbox, folder, {name: call for name, call in calls.items() if name not in found})
    return found


def errors_of(sandbox, name, calls):
    """Returns call -> errors of one plan in which each call is in a file of its own."""
    folder = sandbox.root / name
    folder.mkdir()
    (folder / "provider.tf.json").write_text(json.dumps({"provider": {"aws": {"region": "us-east-1"}}}))
    for call, (module, variables) in calls.items():
        body = {call: {"source": f"../modules/{module}", **variables}}
        (folder / f"{call}.tf.json").write_text(json.dumps({"module": body}))
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
OF_EVERY_ENVIRONMENT = {
    "region": ("us-iso-east-1", 'region is "us-iso-east-1": give the code of a Region of the partitions'),
    "account_id": ("1234", 'account_id is "1234": give an AWS account id, exactly 12 digits'),
    "name": ("n" * 27, "(27 characters): use 2 to 26 lower-case letters"),
    "tags": ({"aws:team": "x"}, 'do not start with "aws:"'),
}
OF_A_FUNCTION = {
    **OF_EVERY_ENVIRONMENT,
    "artifact_bucket": ("s3://artifacts", 'artifact_bucket is "s3://artifacts": give a bucket\'s name'),
}


def wrong(variables):
    return {name: value for name, (value, _) in variables.items()}


def said_of(variables):
    return [said for _, said in variables.values()]


def turn(number):
    """Returns the next wrong table of every rule, and what is said of each."""
    cases = [rule[number] for rule in RULES if number < len(rule)]
    return {"tables": TWINS | {name: settings for name, settings, _ in cases}}, [said for _, _, said in cases]


def first_turn(environment, **more):
    tables, said = turn(0)
    return (environment, {**more, **tables, **wrong(OF_A_FUNCTION)}, *said, *said_of(OF_A_FUNCTION))


WITHOUT_KEY = "transformation_lambda_file is not set: give the key"
NOTHING_GIVEN = (
    {"tables": {}, "transformation_lambda_file": " "},
    "tables is empty: name at least one table",
    "transformation_lambda_file is empty: give a path",
)
HERE = "this account: for a lake in the account of its tables use envs/single-account"
OF_CREDENTIALS = "the account of the credentials: for a lake in the account of its tables use envs/single-account"
CLASHING = {"one": {"delivery_stream_name": "X"}, "two": {"delivery_stream_name": "x"}}
OWN_KEY = LAKE["cross_account_kms_key_arn"].replace(CONSUMER, ACCOUNT)
REFUSED = [
    first_turn("single-account"),
    *[("single-account", turn(number)[0], *turn(number)[1]) for number in ROUNDS[1:]],
    ("single-account", *NOTHING_GIVEN),
    ("single-account", {"artifact_bucket": "artifacts"}, WITHOUT_KEY),
    ("single-account", {}, "lake_transform-python3.13-arm64-*.zip: build it first: python -m tools.build"),
    (
        "single-account",
        {"account_id": CONSUMER, "transformation_lambda_file": "../../package.zip"},
        f"AWS account ID not allowed: {ACCOUNT}",
    ),
    first_turn("producer", **LAKE),
    ("producer", {**LAKE, **NOTHING_GIVEN[0]}, *NOTHING_GIVEN[1:]),
    (
        "consumer",
        {"ddb_producer_account_id": ACCOUNT, "tables": {}, **wrong(OF_EVERY_ENVIRONMENT)},
        "tables is empty: name at least one table",
        *said_of(OF_EVERY_ENVIRONMENT),
    ),
    ("consumer", {"ddb_producer_account_id": "12"}, 'ddb_producer_account_id is "12": give an AWS account id'),
    (
        "consumer",
        {"account_id": CONSUMER, "ddb_producer_account_id": CONSUMER, "tables": {"ab": {}, "n" * 60: {}, **CLASHING}},
        HERE,
        '"ab" cannot be a table\'s name',
        "set delivery_stream_name to one",
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


def test_every_rule_of_an_environment_is_broken_by_a_case(refused_by):
    every = OF_MODULES + OF_ENVIRONMENTS
    broken = {
        rule
        for number, (environment, *_) in enumerate(REFUSED)
        for each in refused_by(number)
        for rule in rules.fired(each, f"envs/{environment}", every)
    }
    conditions = [rule for rule in OF_MODULES if rule.kind != "validation"]
    missing = [str(rule) for rule in OF_ENVIRONMENTS + conditions if rule not in broken]
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
