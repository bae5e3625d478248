"""Every plan makes exactly the resources, with exactly the values, that its inventory says."""

from __future__ import annotations

import pytest
import yaml

from tests.plan import inventory
from tests.plan.plans import PLANS, PRODUCERS_TABLE, TABLE

VIEWS = ("changes", "current", "history")
QUERIES = ("as-of", "changes-an-hour", "changes-of-a-key", "deleted", "failures", "small-objects")
BACKFILL = ("glue_job", "glue_security_configuration", "iam_role", "iam_role_policy")
CRAWLERS = ("cloudwatch_log_group", "glue_security_configuration", "iam_role", "iam_role_policy")
HELD = [name for name, case in PLANS.items() if case.held]
SINGLE = {"module.a.b.c": {"x": 1, "y": [2]}, "module.d.e.f": {"z": None}, "counts": {"b": 1, "e": 1}}


@pytest.mark.parametrize("name", HELD)
def test_a_plan_holds_what_its_inventory_says(plans, name):
    difference = inventory.report(name, inventory.read(name), inventory.taken(plans[name]))
    assert not difference, difference


def test_no_inventory_is_left_of_a_plan_that_is_gone():
    assert {file.stem for file in inventory.FOLDER.glob("*")} == set(HELD)


CATALOG = ("aws_athena", "aws_glue", "terraform_data")
TELLING = ("aws_cloudwatch_dashboard", "aws_sns")


def test_the_producer_is_a_single_account_without_its_bucket_and_catalog():
    single, producer = inventory.read("single-account")["counts"], inventory.read("producer")["counts"]
    assert producer == {kind: n for kind, n in single.items() if not kind.startswith(("aws_s3", *CATALOG))}


def test_the_consumer_is_a_key_the_bucket_the_catalog_and_what_shows_and_tells_of_a_single_account():
    single, consumer = inventory.read("single-account")["counts"], inventory.read("consumer")["counts"]
    parts = ("aws_s3", "aws_kms", *CATALOG, *TELLING)
    assert consumer == {kind: n for kind, n in single.items() if kind.startswith(parts)}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "single-account-on-demand",
            {
                *("counts", "outputs", f'module.pipeline.module.stream["{TABLE}"].aws_kinesis_stream.this'),
                f'module.monitoring[0].aws_cloudwatch_metric_alarm.simple["blog-srsa/table/{TABLE}/stream-nearly-full"]',
            },
        ),
        (
            "single-account-uncompressed",
            {f'module.pipeline.module.delivery["{TABLE}"].aws_kinesis_firehose_delivery_stream.this'},
        ),
        ("single-account-artifact-bucket", {"module.pipeline.module.transform.aws_lambda_function.this"}),
        (
            "single-account-existing-table",
            {
                *("counts", "outputs", f'module.pipeline.module.table["{TABLE}"].aws_dynamodb_table.this["{TABLE}"]'),
                # What its key is nobody has said.
                f'module.catalog.aws_glue_catalog_table.this["{TABLE}"]',
                *(f'module.catalog.aws_glue_catalog_table.view["{TABLE}/{view}"]' for view in VIEWS),
            },
        ),
        (
            "single-account-rules",
            {
                *(
                    'module.bucket.aws_s3_bucket_lifecycle_configuration.this["this"]',
                    'module.bucket.aws_s3_bucket_policy.this["this"]',
                ),
                *("module.pipeline.module.transform.aws_lambda_function.this", "outputs"),
                f'module.catalog.aws_glue_catalog_table.failed["{TABLE}"]',
            },
        ),
        (
            "single-account-crawler",
            {
                *("counts", 'module.key.aws_kms_key.this["this"]'),
                *("module.catalog.aws_" + kind + '.crawler["this"]' for kind in CRAWLERS),
                'module.catalog.aws_glue_catalog_database.crawled["this"]',
                f'module.catalog.aws_glue_crawler.this["{TABLE}"]',
            },
        ),
        (
            "single-account-backfill",
            {
                *("counts", "outputs", 'module.key.aws_kms_key.this["this"]'),
                *(f'module.backfill["this"].aws_{kind}.this' for kind in BACKFILL),
                *(f'module.backfill["this"].aws_cloudwatch_log_group.this["{kind}"]' for kind in ("error", "output")),
                *(f'module.backfill["this"].aws_s3_object.{kind}' for kind in ("package", "script")),
            },
        ),
        (
            "consumer-two-tables",
            {
                *(
                    "counts",
                    "outputs",
                    'module.bucket.aws_s3_bucket_policy.this["this"]',
                ),
                *(f'module.catalog.aws_glue_catalog_table.{kind}["orders"]' for kind in ("this", "failed")),
                *(f'module.catalog.aws_glue_catalog_table.view["orders/{view}"]' for view in VIEWS),
                *(f'module.catalog.aws_athena_named_query.this["orders/{query}"]' for query in QUERIES),
            },
        ),
    ],
)
def test_a_setting_changes_nothing_but_its_own_resource(name, parts):
    assert set(inventory.difference(inventory.read(PLANS[name].base), inventory.read(name))) == parts


@pytest.mark.parametrize(
    ("name", "first"), [("single-account-two-tables", TABLE), ("producer-variants", PRODUCERS_TABLE)]
)
def test_one_table_more_repeats_what_belongs_to_a_table_and_nothing_else(name, first):
    base, more = inventory.read(PLANS[name].base), inventory.read(name)
    new = {address for address in more if address not in base}
    assert new == {address.replace(first, "orders") for address in base if first in address}


def test_every_difference_is_reported_with_its_address_its_value_and_the_command():
    found = {"module.a.b.c": {"x": 7, "y": [2]}, "module.g.h.i": {"new": True}, "counts": {"b": 1, "h": 1}}

    said = inventory.report("consumer", SINGLE, found)

    assert said.splitlines() == [
        "the plan of consumer is not what tests/plan/inventories/consumer.yaml says:",
        "  counts",
        "    e",
        "      expected  1",
        "      planned   (absent)",
        "    h",
        "      expected  (absent)",
        "      planned   1",
        "  module.a.b.c",
        "    x",
        "      expected  1",
        "      planned   7",
        "  module.d.e.f",
        "    expected, and not planned",
        "  module.g.h.i  is new",
        "    new",
        "      expected  (absent)",
        "      planned   True",
        "If the plan is right, write the inventories anew and review what git says:",
        "  .venv/bin/python -m tests.plan.inventory",
    ]
    assert inventory.report("consumer", SINGLE, SINGLE) == ""


@pytest.mark.parametrize("other", [{}, {"module.a.b.c": {"x": 1}}, {**SINGLE, "module.n.o.p": {"q": ["r"]}}])
def test_a_difference_makes_the_one_of_the_other(other):
    written = yaml.safe_load(yaml.safe_dump(inventory.difference(SINGLE, other)))
    assert inventory.applied(SINGLE, written) == other
