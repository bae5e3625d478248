from __future__ import annotations

import pytest

from tools.lake.engines import name_hints
from tools.lake.glue_catalog import Relation

ORDERS = Relation("orders", "", {"id": "string", "city": "string"})
CUSTOMERS = Relation("customers", "", {"id": "string", "citizen": "string"})


@pytest.mark.parametrize(
    ("why", "sql", "adds"),
    [
        ("TABLE_NOT_FOUND: Table 'awsdatacatalog.lake.oders' does not exist", "", "; did you mean orders?"),
        ("TABLE_NOT_FOUND: line 1:15: Table 'x' does not exist", "", "; there are: customers, orders"),
        ("COLUMN_NOT_FOUND: Column 'cty' cannot be resolved", "SELECT cty FROM ORDERS", "; did you mean city?"),
        ("COLUMN_NOT_FOUND: line 1:8: Column 'o.cty' cannot be resolved", "FROM orders o", "; did you mean city?"),
        ("COLUMN_NOT_FOUND: Column 'zzz' cannot be resolved", "FROM orders", "; there are: city, id"),
        ("COLUMN_NOT_FOUND: Column 'zzz' cannot be resolved", "SELECT zzz", ""),
        ("DIVISION_BY_ZERO: Division by zero", "SELECT id FROM orders", ""),
    ],
)
def test_a_missing_name_is_answered_with_the_one_that_was_probably_meant(why, sql, adds):
    assert name_hints.missing_name(why, sql, [ORDERS, CUSTOMERS]) == adds


def test_of_many_names_the_first_are_listed():
    many = [Relation(f"t{number:02}", "", {}) for number in range(20)]
    said = name_hints.missing_name("TABLE_NOT_FOUND: Table 'q' does not exist", "", many)
    assert said == "; there are: " + ", ".join(f"t{number:02}" for number in range(12)) + ", …"


def test_a_name_as_in_dynamodb_is_told_as_the_catalog_has_it():
    names = {"my-orders": "my_orders", "plain": "plain"}
    assert name_hints.catalog_name("SELECT * FROM my-orders", names) == "; in SQL, my-orders is called my_orders"
    assert name_hints.catalog_name("SELECT * FROM plain", names) == ""
