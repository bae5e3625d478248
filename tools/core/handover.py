"""What the consumer hands to the producer: where the lake is, and which key encrypts it."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    from tools.core.environments import Outputs

FILE: Final = "consumer.auto.tfvars.json"
"""In the producer's folder: Terraform reads it by itself, whoever plans there next."""


def inputs(consumer: Outputs) -> dict[str, str | None]:
    """Returns the producer's inputs that the consumer decides: variable -> value."""
    return {
        "region": consumer.region,
        "consumer_account_id": consumer.account_id,
        "cross_account_datalake_bucket": consumer.bucket_name,
        "cross_account_kms_key_arn": consumer.kms_key_arn,
    }


def leave(consumer: Outputs, folder: Path) -> Path:
    """Writes the inputs as a variable file into the producer's `folder` and returns it."""
    file = folder / FILE
    file.write_text(json.dumps(inputs(consumer), indent=2) + "\n", encoding="utf-8")
    return file


def command(consumer: Outputs, flags: str = "") -> str:
    """Returns the command line that deploys the producer of this consumer, called with `flags` besides."""
    tables = {
        name: {} if table.delivery_stream_name == f"{name}-delivery-stream" else _named(table.delivery_stream_name)
        for name, table in consumer.tables.items()
    }
    pairs = [f"{name}={value}" for name, value in inputs(consumer).items()]
    pairs.append(f"tables={json.dumps(tables, separators=(',', ':'))}")
    return f"python -m tools.deploy producer{flags}" + "".join(f" --var {shlex.quote(pair)}" for pair in pairs)


def _named(delivery_stream: str) -> dict[str, str]:
    return {"delivery_stream_name": delivery_stream}
