from __future__ import annotations

import json
import shlex

import msgspec

from tests.unit.tools.deployments.consumer import KEY, B, consumer_outputs
from tools.deployments import environments, producer_inputs
from tools.deployments.outputs import Rule
from tools.terraform import hcl


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


def test_the_producer_is_told_the_rules_for_which_the_consumer_closes_the_originals():
    outputs = consumer_outputs(orders="orders-delivery-stream", people="own-name")
    rules = {"straße": Rule("hash"), "a\\.b": Rule("drop")}
    people = msgspec.structs.replace(outputs.tables["people"], rules=rules)
    told = msgspec.structs.replace(outputs, tables={**outputs.tables, "people": people})

    words = shlex.split(producer_inputs.deploy_command(told))

    (tables,) = [word.removeprefix("tables=") for word in words if word.startswith("tables=")]
    assert hcl.parse(f"tables = {tables}").values["tables"] == {
        "orders": {},
        "people": {
            "delivery": {"name": "own-name"},
            "rules": {"straße": {"as": "hash"}, "a\\.b": {"as": "drop"}},
        },
    }


def test_what_is_handed_over_is_a_file_that_terraform_reads_by_itself(tmp_path):
    file = producer_inputs.write_producer_inputs(consumer_outputs(), tmp_path)

    assert file.name.endswith(".auto.tfvars.json")
    assert json.loads(file.read_text())["cross_account_kms_key_arn"] == KEY
