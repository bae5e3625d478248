from __future__ import annotations

import pytest

from tests.unit.tools.aws_answers import failed, raising
from tests.unit.tools.lake import small_lake
from tools.errors import LakeError
from tools.lake import glue_catalog


def test_tables_and_views_are_read_with_their_types_and_sql():
    catalog = glue_catalog.read(small_lake.glue({"price": "decimal(38,2)"}), "shop")

    assert catalog.tables["orders"].columns["price"] == "decimal(38,2)"
    assert catalog.tables["orders"].partitions == {"cdc_date": "string", "cdc_hour": "int"}
    assert catalog.views["orders_changes"] == small_lake.views(("price",))["changes"]


def test_a_table_without_a_template_has_folders_as_hive_names_them():
    described = small_lake.table({})
    del described["Parameters"]["storage.location.template"]

    table = glue_catalog.read(small_lake.Glue([described]), "shop").tables["orders"]

    key = f"s3://{small_lake.BUCKET}/data/orders/cdc_date=2026-01-31/cdc_hour=05/a"
    assert table.folders().fullmatch(key).groupdict() == {"cdc_date": "2026-01-31", "cdc_hour": "05"}
    assert table.folders().fullmatch(key.replace("/a", "/_a")) is None


def test_a_catalog_that_is_closed_says_what_is_needed():
    glue = small_lake.Glue([])
    glue.paginate = raising(failed("GetTables", 400, "AccessDeniedException"))

    with pytest.raises(LakeError, match=r"AccessDeniedException.*reader_policy_json"):
        glue_catalog.read(glue, "shop")


@pytest.mark.parametrize("text", ["SELECT 1", "/* Presto View: bm90IGpzb24= */", "/* Presto View: e30= */"])
def test_a_view_that_is_kept_in_another_way_is_named(text):
    with pytest.raises(LakeError, match="the view mine is not kept as Athena keeps views"):
        glue_catalog.view_sql("mine", text)


def test_the_columns_of_items_are_what_is_neither_ours_nor_a_partition():
    glue = small_lake.glue({"price": "decimal(38,2)"})
    assert glue_catalog.item_columns(glue, "shop", "orders") == {"price": "decimal(38,2)"}


def test_a_table_that_the_catalog_does_not_show_is_one_line():
    glue = small_lake.Glue([])
    glue.get_table = raising(failed("GetTable", 400, "EntityNotFoundException"))
    with pytest.raises(LakeError, match=r"^the table orders of the catalog shop cannot be read .*EntityNotFound"):
        glue_catalog.item_columns(glue, "shop", "orders")
