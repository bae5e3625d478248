"""What the consumer hands to the producer: where the lake is, and which key encrypts it."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any, Final

from tools.terraform import tfvars

if TYPE_CHECKING:
    from pathlib import Path

    from tools.deployments.outputs import Outputs, Table

FILE_NAME: Final = "consumer.auto.tfvars.json"
"""In the producer's folder: Terraform reads it by itself, whoever plans there next."""


def producer_inputs(consumer: Outputs) -> dict[str, str | None]:
    """Returns the producer's inputs that the consumer decides: variable -> value."""
    path = consumer.producer_iam_path
    return {
        "region": consumer.region,
        "consumer_account_id": consumer.account_id,
        "cross_account_datalake_bucket": consumer.bucket_name,
        "cross_account_kms_key_arn": consumer.kms_key_arn,
        # The consumer's policies know the producer's roles by it.
        **({"iam_path": path} if path and path != "/" else {}),
    }


def write_producer_inputs(consumer: Outputs, folder: Path) -> Path:
    """Writes the inputs as a variable file into the producer's `folder` and returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE_NAME
    file.write_text(json.dumps(producer_inputs(consumer), indent=2) + "\n", encoding="utf-8")
    return file


def deploy_command(consumer: Outputs, options: str = "") -> str:
    """Returns the command line that deploys the producer of this consumer, called with `options` besides.

    The rules of the tables are in it: what is given with `--var` wins over a file in which they may stand.
    """
    tables = {name: _settings(name, table) for name, table in consumer.tables.items()}
    pairs = [f"{name}={value}" for name, value in producer_inputs(consumer).items()]
    pairs.append(tfvars.pair("tables", tables))
    return f"python -m tools.deploy producer{options}" + "".join(f" --var {shlex.quote(pair)}" for pair in pairs)


def _settings(name: str, table: Table) -> dict[str, Any]:
    own_name = table.delivery_stream_name != f"{name}-delivery-stream"
    delivery = {"delivery": {"name": table.delivery_stream_name}} if own_name else {}
    rules = {"rules": {path: {"as": rule} for path, rule in table.rules.items()}} if table.rules else {}
    return delivery | rules
