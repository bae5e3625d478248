from __future__ import annotations

import json

import pytest

from tests.unit.tools.terraform.declarations import TABLES_IN_BLOCKS, declared
from tools import deploy, destroy, paths
from tools.cli.command import outcome
from tools.deployments import environments, folders, settings, variables
from tools.deployments.choose import Where
from tools.deployments.recall import Given, Purpose
from tools.deployments.settings import Settings
from tools.errors import UsageError
from tools.terraform import hcl
from tools.terraform.runner import Variables
from tools.terraform.value_check import problems

A, B = "111111111111", "222222222222"
ACCOUNT, LOCAL = Where(), Where(local=True)
KEY = f"arn:aws:kms:us-east-1:{B}:key/1"


@pytest.fixture(autouse=True)
def clean(tmp_path, monkeypatch):
    """No variables of the environment's, no deployments, and no local AWS."""
    monkeypatch.setenv("LAKE_LOCAL_HOME", str(tmp_path / "local"))
    monkeypatch.setattr(paths, "DEPLOYMENTS", tmp_path / "deployments")
    for name in environments.names():
        for variable in environments.find(name).variables():
            monkeypatch.delenv(f"TF_VAR_{variable}", raising=False)


def told(capsys, env, *pairs, files=(), where=ACCOUNT, purpose=Purpose.DEPLOY, forget=False):
    """Returns the lines that a command with these values is refused with."""
    given = Given(Variables(tuple(files), pairs))
    outcome(lambda: variables.check_command(env, where, given, purpose, forget=forget), "deploy")
    return [line.removeprefix("error: ") for line in capsys.readouterr().err.splitlines()]


REQUIRED = {
    "single-account": (),
    "consumer": (f"ddb_producer_account_id={A}",),
    "producer": (
        f"consumer_account_id={B}",
        "cross_account_datalake_bucket=lake-of-b",
        f"cross_account_kms_key_arn={KEY}",
    ),
    "cross-account": (),
}


@pytest.mark.parametrize("env", REQUIRED)
def test_an_environment_with_what_it_must_have_is_not_refused(capsys, env):
    assert told(capsys, env, *REQUIRED[env]) == []


@pytest.mark.parametrize("name", environments.names())
def test_every_default_of_every_environment_suits_its_own_type(name):
    environment = environments.find(name)
    for file in environment.folder.glob("variables*.tf"):
        for block in hcl.blocks(file.read_text(), "variable"):
            if "default" in block.attributes:
                value = hcl.literal(block.attributes["default"])
                assert problems(environment.declared()[block.label], value) == []


@pytest.mark.parametrize(
    ("env", "file"),
    [
        ("single-account", "envs/single-account/demo.tfvars"),
        ("single-account", "tests/system/lake.tfvars"),
        ("producer", "envs/producer/demo.tfvars"),
        ("consumer", "envs/producer/demo.tfvars"),
        ("cross-account", "envs/producer/demo.tfvars"),
    ],
)
def test_the_projects_own_variable_files_are_accepted(capsys, env, file):
    assert told(capsys, env, *REQUIRED[env], files=[paths.REPOSITORY / file]) == []


def test_all_problems_of_all_sources_are_told_at_once(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("TF_VAR_transform", "{ runtimes = 1 }")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tfvars").write_text('regoin = "x"\ntables = {\n  orders = {\n    zz = 1\n  }\n}\n')
    (tmp_path / "b.tfvars.json").write_text('{"tags": []}')
    (tmp_path / "c.tfvars").write_text("a = [1 2]\n")

    files = [tmp_path / name for name in ("a.tfvars", "b.tfvars.json", "c.tfvars")]
    lines = told(capsys, "single-account", "log_retention_days=x", files=files)

    assert [line.partition(": ")[0] for line in lines] == [
        "c.tfvars, line 1",
        "regoin (a.tfvars, line 1)",
        "transform.runtimes (TF_VAR_transform)",
        "tables.orders.zz (a.tfvars, line 4)",
        "tags (b.tfvars.json)",
        "log_retention_days (--var)",
    ]


def test_rules_that_cannot_be_are_told_with_their_line(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.tfvars"
    file.write_text(
        'tables = {\n  orders = {\n    rules = {\n      email = { as = "mask" }\n      ".x" = { as = "hash" }\n'
        '      id = { as = "drop" }\n      price = { is = "text" }\n    }\n  }\n}\n'
    )
    lines = told(capsys, "single-account", files=[file])

    assert [line.partition(": ")[::2] for line in lines if "use one of" not in line] == [
        ("tables.orders.rules.price.as (a.tfvars)", "this setting is missing, and it has no default"),
        ("tables.orders.rules.price.is (a.tfvars, line 7)", "there is no such setting; there are: as"),
        (
            'tables.orders.rules[".x"] (a.tfvars, line 5)',
            'this is no path: use attribute names joined by ".", and "\\." or "\\\\" for "." or "\\"',
        ),
        (
            "tables.orders.rules.id (a.tfvars, line 6)",
            "this attribute is the table's key, which cannot be dropped; use hash, or leave it",
        ),
    ]
    assert "tables.orders.rules.email.as (a.tfvars, line 4): use one of json, text, hash, drop" in lines


def test_a_value_that_a_later_source_replaces_is_not_looked_at(capsys, tmp_path):
    (tmp_path / "a.tfvars").write_text("tables = { orders = { zz = 1 } }\n")

    assert told(capsys, "single-account", "tables={orders={}}", files=[tmp_path / "a.tfvars"]) == []


def test_a_missing_value_of_the_producer_points_at_the_command_that_prints_it(capsys):
    assert told(capsys, "producer", f"consumer_account_id={B}") == [
        "producer needs cross_account_datalake_bucket, cross_account_kms_key_arn; "
        "`python -m tools.deploy consumer` prints the command line with all of them"
    ]
    (line,) = told(capsys, "producer", where=LOCAL)
    assert "`python -m tools.deploy consumer --local`" in line


def test_any_other_missing_value_points_at_the_options(capsys):
    assert told(capsys, "consumer") == [
        "consumer needs ddb_producer_account_id; give each with --var NAME=VALUE or in a --var-file"
    ]


def test_what_is_deployed_already_needs_no_values(capsys):
    assert told(capsys, "producer", purpose=Purpose.RUN_TERRAFORM) == []
    assert len(told(capsys, "producer", "tabels={}", purpose=Purpose.RUN_TERRAFORM)) == 1


def test_null_is_no_value_for_what_must_be_set(capsys, tmp_path):
    (tmp_path / "a.tfvars").write_text("ddb_producer_account_id = null\nregion = null\n")

    (line,) = told(capsys, "consumer", files=[tmp_path / "a.tfvars"])

    assert line.startswith("ddb_producer_account_id (")
    assert line.endswith("line 1): needs a value, not null")


def test_on_local_aws_only_what_is_given_there_counts(capsys, monkeypatch):
    monkeypatch.setenv("TF_VAR_tables", "{ orders = { zz = 1 } }")

    assert told(capsys, "consumer", where=LOCAL) == []
    assert len(told(capsys, "single-account")) == 1


def test_what_the_consumer_handed_over_on_local_aws_counts(capsys):
    folder = folders.find("producer", "default", local=True).terraform_folder
    folder.mkdir(parents=True)
    values = dict(pair.split("=", 1) for pair in REQUIRED["producer"])
    (folder / "consumer.auto.tfvars.json").write_text(json.dumps(values))

    assert told(capsys, "producer", where=LOCAL) == []


def test_a_files_value_is_for_whichever_half_has_the_variable(capsys, tmp_path):
    (tmp_path / "a.tfvars").write_text('vpc_cidr = "10.0.0.0/24"\nnoncurrent_version_days = "x"\nvpc_cidrs = 1\n')

    lines = told(capsys, "cross-account", files=[tmp_path / "a.tfvars"])

    assert [line.partition(" (")[0] for line in lines] == ["vpc_cidrs", "noncurrent_version_days"]
    assert len(told(capsys, "consumer", *REQUIRED["consumer"], files=[tmp_path / "a.tfvars"])) == 3


def test_a_file_must_not_set_what_the_pair_finds_by_itself(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.tfvars").write_text(f'# ours\naccount_id = "{A}"\n')

    assert told(capsys, "cross-account", files=[tmp_path / "a.tfvars"]) == [
        "account_id (a.tfvars, line 2): leave it out; cross-account finds it by itself"
    ]


def test_a_pairs_value_is_checked_in_the_half_that_it_is_for(capsys):
    assert told(capsys, "cross-account", "producer.log_retention_days=x", "consumer.vpc_cidr=x", "tables=[]") == [
        *told(capsys, "cross-account", "consumer.vpc_cidr=x"),
        *told(capsys, "consumer", *REQUIRED["consumer"], "tables=[]"),
        'log_retention_days (--var): needs a number, not the text "x"',
    ]


# The tables of a consumer, whose type knows the delivery stream's name alone.

NAME_ALONE = """
variable "tables" {
  type    = map(object({ delivery = optional(object({ name = optional(string) }), {}) }))
  default = {}
}
"""


@pytest.fixture
def consumer(tmp_path, monkeypatch):
    """The consumer's environment, with a producer whose tables have blocks."""
    monkeypatch.setattr(paths, "ENVIRONMENTS", tmp_path / "envs")
    for name, text in (("consumer", NAME_ALONE), ("producer", TABLES_IN_BLOCKS)):
        folder = tmp_path / "envs" / name
        folder.mkdir(parents=True)
        (folder / "main.tf").touch()
        declared(folder, text)
    return environments.find("consumer")


def test_a_consumer_takes_its_producers_own_map_and_refuses_what_the_producer_does_not_know(consumer, tmp_path, capsys):
    whole = 'tables={orders={stream={shards=2},delivery={name="x",compression="GZIP"},transform={retries=3}}}'

    def check(text):
        place = variables.Values(consumer, Variables((), (text,)), tmp_path, {})
        outcome(lambda: variables.check([place], complete=True), "deploy")
        return capsys.readouterr().err

    assert check(whole) == ""
    assert "tables.orders.shard (--var): there is no such setting; did you mean stream.shards?" in check(
        "tables={orders={shard=2}}"
    )
    assert "its place is stream.shards" in check("tables={orders={shards=2}}")


@pytest.mark.parametrize(
    ("verb", "options", "purpose"),
    [
        (deploy.main, ["producer", "--yes"], Purpose.DEPLOY),
        (deploy.main, ["producer", "--plan-only"], Purpose.DEPLOY),
        (deploy.main, ["producer", "--check-drift"], Purpose.RUN_TERRAFORM),
        (destroy.main, ["producer"], Purpose.RUN_TERRAFORM),
    ],
)
def test_only_a_deploy_must_be_given_what_has_no_default(monkeypatch, verb, options, purpose):
    seen = []

    def check_command(env, where, given, purpose, *, forget=False):
        seen.append(purpose)
        raise UsageError

    monkeypatch.setattr(variables, "check_command", check_command)

    with pytest.raises(UsageError):
        verb.main(options, standalone_mode=False)
    assert seen == [purpose]


# What the last deploy was given.


def remember(file, *, env="single-account", shared=False, name="default"):
    kept = Settings((str(file),), shared_var_files=shared)
    settings.write(folders.find(env, name, local=False).settings_file, kept)


def test_a_file_that_the_last_deploy_was_given_is_checked_as_it_is_now(capsys, tmp_path):
    (tmp_path / "prod.tfvars").write_text("tables = { orders = { shard = 2 } }\n")
    remember(tmp_path / "prod.tfvars", name="prod")
    prod = Where("prod")

    assert len(told(capsys, "single-account", where=prod)) == 1
    assert told(capsys, "single-account", where=prod, forget=True) == []
    assert told(capsys, "single-account", "tables={}", where=prod) == []
    assert told(capsys, "single-account") == []


def test_a_file_that_served_the_pair_still_may_set_what_only_the_other_half_has(capsys, tmp_path):
    (tmp_path / "lake.tfvars").write_text("noncurrent_version_days = 7\n")
    remember(tmp_path / "lake.tfvars", env="producer", shared=True)
    assert told(capsys, "producer", *REQUIRED["producer"]) == []

    remember(tmp_path / "lake.tfvars", env="producer")
    (line,) = told(capsys, "producer", *REQUIRED["producer"])
    assert "noncurrent_version_days" in line


def test_a_file_of_backend_settings_is_checked(tmp_path):
    (tmp_path / "s3.tfbackend").write_text('bucket = "b"\n')
    given = Given(backend_config=tmp_path / "s3.tfbackend")

    with pytest.raises(UsageError, match="does not set key, region"):
        variables.check_command("single-account", ACCOUNT, given, Purpose.DEPLOY)


@pytest.mark.parametrize("where", [ACCOUNT, LOCAL], ids=["account", "local"])
def test_a_target_that_the_function_cannot_be_built_for_is_refused_with_those_that_it_can(capsys, where):
    assert told(capsys, "single-account", 'transform={runtime="python3.14",architecture="arm"}', where=where) == [
        "transform.runtime (--var): 'python3.14' is not supported; use one of python3.11, python3.12, python3.13",
        "transform.architecture (--var): 'arm' is not supported; use one of arm64, x86_64",
    ]
