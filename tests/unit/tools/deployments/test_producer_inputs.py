from __future__ import annotations

import json
import shlex

import msgspec
import pytest

from tests.unit.tools.deployments.consumer import KEY, B, consumer_outputs
from tools.artifact import table_settings
from tools.deployments import environments, producer_inputs
from tools.terraform import tfvars


def test_the_consumer_prints_exactly_the_command_that_the_producer_needs():
    line = producer_inputs.deploy_command(
        consumer_outputs(orders="orders-delivery-stream", events="own-name"), " --local"
    )

    words = shlex.split(line)
    assert words[:5] == ["python", "-m", "tools.deploy", "producer", "--local"]
    given = dict(word.split("=", 1) for word in words[6::2])
    assert json.loads(given.pop("tables")) == {"orders": {}, "events": {"delivery": {"name": "own-name"}}}
    assert given == {
        "region": "eu-west-1",
        "consumer_account_id": B,
        "cross_account_datalake_bucket": "lake-of-b",
        "cross_account_kms_key_arn": KEY,
    }
    assert given.keys() <= environments.find("producer").variables()


def test_the_producer_is_deployed_with_the_rules_that_the_consumer_knows(tmp_path):
    rules = {"email": "hash", r"a\.b": "drop", 'q"x': "json", "名前😀": "text", "${n}%{x}": "drop"}
    consumer = consumer_outputs(orders="orders-delivery-stream", events="own-name")
    tables = {**consumer.tables, "events": msgspec.structs.replace(consumer.tables["events"], rules=rules)}
    words = shlex.split(producer_inputs.deploy_command(msgspec.structs.replace(consumer, tables=tables)))

    given = tfvars.given(tmp_path, [], words[5::2], {})["tables"]

    assert given["orders"] == {}
    assert given["events"]["delivery"] == {"name": "own-name"}
    assert table_settings.of_tables(given) == {"events": {"rules": rules}}


@pytest.mark.parametrize(("path", "handed_over"), [("/lake/eu/", {"iam_path": "/lake/eu/"}), ("/", {}), (None, {})])
def test_the_producer_puts_its_roles_on_the_path_that_the_consumer_lets_in(path, handed_over):
    consumer = msgspec.structs.replace(consumer_outputs(orders="orders-delivery-stream"), producer_iam_path=path)

    inputs = producer_inputs.producer_inputs(consumer)
    assert {name: value for name, value in inputs.items() if name == "iam_path"} == handed_over


def test_what_is_handed_over_is_a_file_that_terraform_reads_by_itself(tmp_path):
    file = producer_inputs.write_producer_inputs(consumer_outputs(), tmp_path)

    assert file.name.endswith(".auto.tfvars.json")
    assert json.loads(file.read_text())["cross_account_kms_key_arn"] == KEY
