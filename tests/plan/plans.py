"""The plans that the tests look at: each environment as it comes, and the variants that people ask for."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import tftest

from tests.plan.terraform_copy import ACCOUNT, CONSUMER, Sandbox, text
from tools.deployments import environments

if TYPE_CHECKING:
    from collections.abc import Mapping


def partition_of(region: str) -> str:
    """Returns the partition of a Region."""
    return next((f"aws-{name}" for name in ("cn", "us-gov") if region.startswith(f"{name}-")), "aws")


@dataclass(frozen=True)
class Case:
    """What is planned: an environment with these variables."""

    environment: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    base: str | None = None
    """The case from which this one's inventory holds the differences."""
    held: bool = True
    """Whether there is an inventory of it."""

    @property
    def account(self) -> str:
        return CONSUMER if self.environment == environments.CONSUMER else ACCOUNT

    @property
    def region(self) -> str:
        region: str = self.variables.get("region", "us-east-1")
        return region

    @property
    def partition(self) -> str:
        return partition_of(self.region)

    @property
    def replica_region(self) -> str | None:
        """The Region of the lake's replica, where it has one."""
        replication: Mapping[str, Any] = self.variables.get("replication", {})
        return replication.get("region") if replication.get("enabled", True) else None


LAKE: Final = {
    "consumer_account_id": CONSUMER,
    "cross_account_datalake_bucket": f"blog-srca-datalake-{CONSUMER}-us-east-1",
    "cross_account_kms_key_arn": f"arn:aws:kms:us-east-1:{CONSUMER}:key/11111111-2222-3333-4444-555555555555",
}
"""What the consumer hands over."""

KEY: Final = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
TABLE: Final = "blog-srsa-ddb-table"
READER: Final = f"arn:aws:iam::{ACCOUNT}:role/team/mender"
"""A role that may read original records."""
BOUNDARY: Final = f"arn:aws:iam::{ACCOUNT}:policy/bounds"
"""A policy that bounds what roles may do."""
TOPIC: Final = f"arn:aws:sns:us-east-1:{ACCOUNT}:operators"
"""A topic that somebody has already."""
TOPIC_ABROAD: Final = f"arn:aws:sns:eu-central-1:{ACCOUNT}:operators"
"""The same in the Region of a replica."""
PRODUCERS_TABLE: Final = "blog-srca-ddb-table"

MASK_KEY: Final = "planned-0123456789abcdef-planned"
RULES: Final = {
    "email": "hash",
    "byUser": "json",
    "price": "text",
    "card..number": "drop",
    r"a\.<b>\\&": "json",
    "e\u0301": "text",
}
"""Rules of a table of the fleet, with names that JSON can spell in several ways."""

_UNLIKE: Final = {
    "account_id": ACCOUNT,
    "region": "eu-west-1",
    "name": "lake",
    "bucket_name": "my-own-lake",
    "artifact_bucket": "artifacts",
    "transformation_lambda_file": "lake_transform/code.zip",
    "kms_key_alias": "lake-key",
    "bucket": {
        "colder": {"data/": {"STANDARD_IA": 90, "GLACIER_IR": 365}},
        "access_logs": {"bucket": "logs-of-the-organisation"},
        "object_lock": {"mode": "GOVERNANCE", "days": 30},
    },
    "replication": {"region": "eu-central-1", "bucket_name": "my-own-replica", "topic_arn": TOPIC_ABROAD},
    "mask_key": MASK_KEY,
    "transform": {
        "runtime": "python3.12",
        "architecture": "x86_64",
        "memory_mb": 512,
        "path_separator": "_",
        "native_code": False,
    },
    "tables": {
        "orders": {},
        "customers": {"existing": True, "before": True},
        "events": {
            "rules": {path: {"as": rule} for path, rule in RULES.items()},
            "key": {"hash_key": "customer", "hash_key_type": "N", "range_key": "at"},
            "stream": {"name": "event-stream", "mode": "ON_DEMAND", "retention_hours": 48},
            "transform": {"buffering_seconds": 5, "buffering_mb": 0.2, "retries": 3},
            "delivery": {
                "name": "event-delivery",
                "buffering_seconds": 0,
                "buffering_mib": 128,
                "compression": "UNCOMPRESSED",
            },
        },
    },
}
LONG: Final = "long"
LONGER: Final = "longer"
"""Two tables of pairs whose delivery streams have names of 64 characters that differ only in the last."""
_OF_PAIR: Final = {
    "orders": {},
    "customers": {"delivery": {"name": "their-own"}, "before": True, "rules": {"email": {"as": "drop"}}},
    "events": {"existing": True, "stream": {"shards": 2}},
    "_refunds": {},
    LONG: {"delivery": {"name": "n" * 63 + "a"}},
    LONGER: {"delivery": {"name": "n" * 63 + "b"}},
}
NETWORK: Final = {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1", "subnet-2"]}
"""A VPC that somebody has already."""
ORGANISATION: Final = {
    "iam_path": "/lake/",
    "permissions_boundary_arn": BOUNDARY,
    "kms_key_arn": KEY,
    "network": NETWORK,
    "existing_bucket": "bucket-of-the-organisation",
    "tags": {"cost-centre": "42"},
    "tables": {TABLE: {"state": {"every": "1 hour"}}},
    "catalog": {"crawler": {}, "lake_formation": {"readers": [READER]}},
    "backfill": {},
}
"""What an organisation brings along and asks for, all at once, with every role that there can be."""
_ARTIFACT: Final = {"artifact_bucket": "artifacts", "transformation_lambda_file": "lake_transform/code.zip"}


def _variant(name: str, table: Mapping[str, Any] | None = None, **variables: Any) -> dict[str, Case]:
    tables = {"tables": {TABLE: table}} if table else {}
    return {f"single-account-{name}": Case("single-account", {**tables, **variables}, base="single-account")}


def _pair(
    region: str, of_consumer: Mapping[str, Any] | None = None, of_producer: Mapping[str, Any] | None = None, **more: Any
) -> dict[str, Case]:
    """Returns both halves with the same tables, some with a name of their own."""
    key = f"arn:{partition_of(region)}:kms:{region}:{CONSUMER}:key/1"
    lake = {**LAKE, "cross_account_datalake_bucket": "the-lake", "cross_account_kms_key_arn": key}
    shared = {"region": region, "tables": _OF_PAIR, **more}
    theirs = {**shared, "account_id": CONSUMER, "ddb_producer_account_id": ACCOUNT}
    theirs |= of_consumer or {"bucket_name": "the-lake"}
    ours = {**shared, "account_id": ACCOUNT, **lake, **(of_producer or {})}
    return {
        f"consumer-{region}": Case("consumer", theirs, held=False),
        f"producer-{region}": Case("producer", ours, held=False),
    }


PLANS: Final[dict[str, Case]] = {
    "single-account": Case("single-account"),
    **_variant("two-tables", tables={TABLE: {}, "orders": {}}),
    **_variant("existing-table", {"existing": True}),
    **_variant("on-demand", {"stream": {"mode": "ON_DEMAND"}}),
    **_variant("uncompressed", {"delivery": {"compression": "UNCOMPRESSED"}}),
    **_variant("artifact-bucket", **_ARTIFACT),
    **_variant(
        "rules",
        {"rules": {"email": {"as": "drop"}, "address": {"as": "json"}}},
        original_reader_role_arns=[READER],
        original_days=7,
    ),
    **_variant("crawler", catalog={"crawler": {"schedule": "cron(0 3 * * ? *)"}}),
    **_variant("backfill", backfill={"workers": 4}),
    **_variant("replicated", replication={"region": "us-west-2"}),
    **_variant("state", {"state": {"every": "1 hour"}}),
    **_variant(
        "own-topic",
        monitoring={"topic_arn": TOPIC, "late_minutes": 30, "dashboard": False},
        # One that was removed.
        replication={"region": "us-west-2", "enabled": False},
    ),
    **_variant("unwatched", monitoring={"enabled": False}),
    "single-account-unlike-tables": Case("single-account", _UNLIKE, held=False),
    "single-account-organisation": Case("single-account", ORGANISATION, held=False),
    "consumer": Case("consumer", {"ddb_producer_account_id": ACCOUNT}),
    "consumer-two-tables": Case(
        "consumer",
        {"ddb_producer_account_id": ACCOUNT, "tables": {PRODUCERS_TABLE: {}, "orders": {}}},
        base="consumer",
    ),
    "consumer-state": Case(
        "consumer",
        {
            "ddb_producer_account_id": ACCOUNT,
            "tables": {PRODUCERS_TABLE: {"state": {"every": "15 minutes", "overlap_hours": 48}}},
        },
        base="consumer",
    ),
    "producer": Case("producer", LAKE),
    "producer-variants": Case(
        "producer",
        {
            **LAKE,
            **_ARTIFACT,
            "transform": {"native_code": False},
            "tables": {
                PRODUCERS_TABLE: {"existing": True, "stream": {"mode": "ON_DEMAND"}},
                "orders": {"delivery": {"compression": "UNCOMPRESSED"}},
            },
        },
        base="producer",
    ),
    **_pair(
        "eu-west-1",
        {"bucket_name": "the-lake", "replication": {"region": "eu-central-1"}},
        iam_path="/lake/",
        permissions_boundary_arn=BOUNDARY,
    ),
    **_pair("cn-north-1", {"bucket_name": "the-lake", "replication": {"region": "cn-northwest-1"}}),
    **_pair(
        "us-gov-west-1",
        {"existing_bucket": "the-lake", "kms_key_arn": f"arn:aws-us-gov:kms:us-gov-west-1:{CONSUMER}:key/1"},
        {"network": NETWORK, "kms_key_arn": f"arn:aws-us-gov:kms:us-gov-west-1:{ACCOUNT}:key/2"},
    ),
}


ALONE: Final = "modules"
"""Name of the plan in which each module is called on its own, with literal inputs: every policy is known in it."""
KEY_ABROAD: Final = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
"""A key in the Region of the replica."""
KEY_OF_B: Final = f"arn:aws:kms:us-east-1:{CONSUMER}:key/11111111-2222-3333-4444-555555555555"
ROLE_PATH: Final = "/dynamo-to-lake/us-east-1/"
EXPORTER: Final = f"arn:aws:iam::{CONSUMER}:role/team/exporter"
WRITERS: Final = f"arn:aws:iam::{CONSUMER}:role{ROLE_PATH}*"
PLACE: Final = {"account": {"id": ACCOUNT, "region": "us-east-1", "partition": "aws"}}
_CHINA: Final = {"account": {"id": ACCOUNT, "region": "cn-north-1", "partition": "aws-cn"}}
_DELIVERY: Final = {
    **PLACE,
    "name": "orders-delivery-stream",
    "role_name": "orders-delivery-stream-us-east-1",
    "role_path": ROLE_PATH,
    "table_name": "orders",
    "stream_name": "orders-data-stream",
    "function_name": "lake-transform",
    "bucket_name": "my-lake",
    "data_prefix": "data/orders/",
    "error_prefix": "errors/orders/",
    "kms_key_arn": KEY,
    "log_retention_days": 365,
}
_CATALOG: Final = {
    **PLACE,
    "names": {
        "database_name": "lake",
        "workgroup_name": "lake",
        "results_prefix": "results/",
        "lake_formation_role_name": "lake-lake-formation-us-east-1",
        "roots": {"data": "data/", "state": "state/"},
        "crawler": {
            "database_name": "lake_crawled",
            "role_name": "lake-crawler-us-east-1",
            "log_group_name": "/aws-glue/crawlers-role/lake-crawler-us-east-1-lake-crawler-us-east-1",
        },
        "tables": {
            "orders": {"data_prefix": "data/orders/", "error_prefix": "errors/orders/", "catalog_table": "orders"}
        },
    },
    "tables": {"orders": {}},
    "columns_directory": "columns",
    "bucket_name": "my-lake",
    "kms_key_arn": KEY,
}
_PACKAGE: Final = {"artifact_bucket": "artifacts", "transformation_lambda_file": "k"}
_STATE: Final = {
    **PLACE,
    "names": {
        "database_name": "lake",
        "workgroup_name": "lake",
        "results_prefix": "results/",
        "tables": {
            "orders": {
                "data_prefix": "data/orders/",
                "state_prefix": "state/orders/",
                "catalog_table": "orders",
                "state_machine_name": "lake-orders-state",
                "state_role_name": "lake-orders-state-us-east-1",
                "state_schedule_role_name": "lake-orders-state-schedule-us-east-1",
            }
        },
    },
    "table_name": "orders",
    "item_columns": [{"name": "id", "type": "string"}, {"name": "price", "type": "decimal(38,2)"}],
    "state": {"every": "1 hour"},
    "bucket_name": "my-lake",
    "kms_key_arn": KEY,
}
_MONITORING: Final = {
    **PLACE,
    "names": {
        "alarm_prefix": "lake/",
        "topic_name": "lake-alarms",
        "dashboard_name": "lake-us-east-1",
        "tables": {
            "orders": {
                "alarm_prefix": "lake/table/orders/",
                "stream_name": "orders-data-stream",
                "delivery_stream_name": "orders-delivery-stream",
            }
        },
    },
    "environment": "single-account",
    "kms_key_arn": KEY,
    "pipeline": {
        "function_name": "lake-transform",
        "function_log_group_name": "/aws/lambda/lake-transform",
        "timeout_seconds": 100,
        "tables": {"orders": {"retention_hours": 48, "shards": 2, "buffering_seconds": 180}},
    },
    "states": {
        "orders": {
            "every": "1 hour",
            "state_machine_arn": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:lake-orders-state",
            "schedule_group": "lake-orders-state",
            "log_group_name": "/aws/vendedlogs/states/lake-orders-state",
        }
    },
    "bucket_name": "my-lake",
}
MODULES: Final[dict[str, dict[str, Any]]] = {
    "names": {**PLACE, "name": "lake", "tables": {"orders": {}}},
    "key": {**PLACE, "kms_key_alias": "lake", "log_group_names": ["/aws/lambda/f", "/aws/kinesisfirehose/*"]},
    "key_with_state_machine": {
        **PLACE,
        "kms_key_alias": "lake",
        "state_machine_prefix": "lake-",
        "schedule_prefix": "lake-",
    },
    "key_with_alarms": {**PLACE, "kms_key_alias": "lake", "alarm_prefix": "lake/"},
    "key_in_china": {**_CHINA, "kms_key_alias": "lake"},
    "key_with_writer": {
        **PLACE,
        "kms_key_alias": "lake",
        "writer_roles": [WRITERS],
        "exporter_role_arns": [EXPORTER],
        "writer_bucket_name": "my-lake",
    },
    "monitoring": {
        **_MONITORING,
        "monitoring": {"email": "lake@example.com"},
        "replication": {
            "region": "us-west-2",
            "bucket_name": "my-lake",
            "replica_bucket_name": "my-replica",
            "rules": ["data", "errors", "ledger"],
        },
    },
    "network": {
        **PLACE,
        "name": "lake",
        "flow_log_role_name": "lake-flow-log-us-east-1",
        "kms_key_arn": KEY,
        "log_retention_days": 365,
    },
    "bucket": {**PLACE, "bucket_name": "my-lake", "kms_key_arn": KEY},
    "bucket_with_writer": {
        **PLACE,
        "bucket_name": "my-lake",
        "kms_key_arn": KEY,
        "writers": [{"roles": WRITERS, "tables": ["orders", "events"], "prefixes": ["data/", "errors/"]}],
        "exporter_role_arns": [EXPORTER],
    },
    "bucket_with_originals": {
        **PLACE,
        "bucket_name": "my-lake",
        "kms_key_arn": KEY,
        "original_prefixes": ["errors/orders/", "exports/orders/"],
        "original_reader_role_arns": [READER],
    },
    "catalog": _CATALOG,
    "catalog_with_settings": {
        **_CATALOG,
        "tables": {
            "orders": {
                "before": True,
                "rules": {"email": {"as": "drop"}},
                "key": {"hash_key": "Customer-Id", "range_key": "1st"},
            }
        },
        "catalog": {
            "since": "2026-01-01",
            "serde": "openx",
            "scan_limit_mib": 10,
            "crawler": {},
            "lake_formation": {"readers": [READER]},
        },
    },
    "state": _STATE,
    "replica": {
        **PLACE,
        "names": {
            "kms_key_alias": "lake",
            "alarm_prefix": "lake/",
            "topic_name": "lake-alarms",
            "dashboard_name": "lake-us-east-1",
            "original_prefixes": ["errors/orders/"],
            "replicated_prefixes": {"data": "data/", "errors": "errors/", "ledger": "ledger/"},
            "replica": {"bucket_name": "my-replica", "role_name": "lake-replication-us-east-1"},
        },
        "replication": {"region": "us-west-2", "kms_key_arn": KEY_ABROAD},
        "bucket_name": "my-lake",
        "kms_key_arn": KEY,
        "options": {"object_lock": {"mode": "GOVERNANCE", "days": 3}},
        "original_reader_role_arns": [READER],
        "environment": "single-account",
        "monitoring": {"email": "lake@example.com"},
    },
    "backfill": {
        **PLACE,
        "names": {
            "backfill": {
                "job_name": "lake-backfill",
                "role_name": "lake-backfill-us-east-1",
                "log_prefix": "/aws-glue/jobs/lake-backfill",
            },
            "tables": {
                "orders": {
                    "data_prefix": "data/orders/",
                    "error_prefix": "errors/orders/",
                    "export_prefix": "exports/orders/",
                }
            },
        },
        "backfill": {},
        "function_name": "lake-transform",
        "bucket_name": "my-lake",
        "kms_key_arn": KEY,
    },
    "transform": {
        **PLACE,
        **_PACKAGE,
        "name": "lake-transform",
        "role_name": "lake-transform-us-east-1",
        "schedule_role_name": "lake-transform-schedule-us-east-1",
        # Said outright, because Terraform places an error about a variable that is left out in the module.
        "mask_key": None,
        "vpc_id": "vpc-1",
        "subnet_ids": ["subnet-1"],
        "kms_key_arn": KEY,
        "log_retention_days": 365,
    },
    "stream": {"name": "orders-data-stream", "table_name": "orders", "kms_key_arn": KEY},
    "table": {
        **PLACE,
        "name": "orders",
        "stream_arn": f"arn:aws:kinesis:us-east-1:{ACCOUNT}:stream/s",
        "kms_key_arn": KEY,
    },
    "delivery": _DELIVERY,
    "delivery_abroad": {**_DELIVERY, "bucket_kms_key_arn": KEY_OF_B, "bucket_is_in_other_account": True},
    "pipeline": {
        **PLACE,
        **_PACKAGE,
        "names": {
            "network_name": "lake",
            "flow_log_role_name": "lake-flow-log-us-east-1",
            "function_name": "lake-transform",
            "execution_role_name": "lake-transform-us-east-1",
            "schedule_role_name": "lake-transform-schedule-us-east-1",
            "delivery_role_path": ROLE_PATH.removeprefix("/"),
            "tables": {
                "orders": {
                    "stream_name": "orders-data-stream",
                    "delivery_stream_name": "orders-delivery-stream",
                    "delivery_role_name": "orders-delivery-stream-us-east-1",
                    "data_prefix": "data/orders/",
                    "error_prefix": "errors/orders/",
                }
            },
        },
        "tables": {"orders": {}},
        "bucket_name": "my-lake",
        "kms_key_arn": KEY,
    },
}
"""Call -> inputs; a call is named after its module, with what is special about it after "_"."""

PROVIDERS: Final = [{"region": "us-east-1"}, {"region": "us-west-2", "alias": "replica"}]
"""The provider of the calls, and that of another Region."""
_GIVEN: Final = {"replica": {"providers": {"aws": "aws", "aws.replica": "aws.replica"}}}


def call(module: str, inputs: Mapping[str, Any], modules: str = "../modules") -> dict[str, Any]:
    """Returns the call of a module; `modules` leads to them."""
    return {"source": f"{modules}/{module}", **_GIVEN.get(module, {}), **inputs}


EVERY: Final = (*PLANS, ALONE)


class Plans(dict[str, tftest.TerraformPlanOutput]):
    """Name of a case -> its plan, made when it is first asked for."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox
        self._failures: dict[str, tftest.TerraformTestError] = {}

    def __missing__(self, name: str) -> tftest.TerraformPlanOutput:
        if name in self._failures:
            raise self._failures[name]
        try:
            self[name] = self._alone() if name == ALONE else self._planned(PLANS[name])
        except tftest.TerraformTestError as error:
            # Told to every test that asks, without waiting for Terraform to say it again.
            self._failures[name] = error
            raise
        return self[name]

    def _planned(self, case: Case) -> tftest.TerraformPlanOutput:
        package = (
            {} if case.environment == environments.CONSUMER else {"transformation_lambda_file": self._sandbox.package}
        )
        variables = {key: text(value) for key, value in {**package, **case.variables}.items()}
        return self._sandbox.plan(f"envs/{case.environment}", account=case.account, tf_vars=variables)

    def _alone(self) -> tftest.TerraformPlanOutput:
        folder = self._sandbox.root / ALONE / "alone"
        folder.mkdir()
        calls = {name: call(name.split("_")[0], inputs, modules="..") for name, inputs in MODULES.items()}
        whole = {"provider": {"aws": PROVIDERS}, "module": calls}
        (folder / "main.tf.json").write_text(json.dumps(whole))
        return self._sandbox.plan(f"{ALONE}/alone")
