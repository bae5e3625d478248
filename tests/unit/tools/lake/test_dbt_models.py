"""Models are SQL that Athena's dialect has, and the sources have no key that dbt's documentation does not name."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import sqlglot
import yaml

from lake_transform import metadata
from tools import paths
from tools.lake import dbt_models
from tools.lake.glue_catalog import Relation

CHANGES = {"cdc_key": "string", "cdc_changed_at_us": "bigint", "price": "decimal(38,2)", "cdc_hour": "int"}
RELATIONS = [
    Relation("orders", "Every change of orders, as it was {{ delivered }}", CHANGES),
    Relation("orders_current", "The items of orders as they are now", {"cdc_key": "string", "price": "decimal(38,2)"}),
]
KEYS = {
    "": {"version", "sources"},
    "sources": {
        *("name", "description", "database", "schema", "loader", "loaded_at_field", "meta", "tags", "config"),
        *("overrides", "freshness", "quoting", "tables"),
    },
    "tables": {
        *("name", "description", "meta", "identifier", "loaded_at_field", "data_tests", "tags", "freshness", "quoting"),
        *("external", "columns", "config"),
    },
    "columns": {"name", "description", "data_type", "data_tests", "tags", "meta", "quote", "config"},
}
"""dbt documentation, "Source properties": where -> keys that it names."""


@pytest.fixture
def written():
    return dbt_models.files("blog_srsa", ["orders", "customers"], RELATIONS)


@pytest.fixture
def sources(written):
    return yaml.safe_load(written[dbt_models.SOURCES])


def rendered(sql):
    """Returns the SQL that dbt makes of a model, and what it refers to."""
    sql = re.sub(r"\{\{ config\(.*?\) \}\}", "", sql)
    found = re.findall(r"\{\{ source\('(\w+)', '(\w+)'\) \}\}", sql)
    return re.sub(r"\{\{ source\('\w+', '(\w+)'\) \}\}", r'"blog_srsa"."\1"', sql), found


def test_each_table_has_three_models_that_are_sql_over_a_view(written):
    models = {name: content.decode() for name, content in written.items() if name.endswith(".sql")}

    assert set(models) == {
        f"lake_{table}_{model}.sql"
        for table in ("orders", "customers")
        for model in ("current", "history", "changes_a_day")
    }
    views = []
    for name, model in models.items():
        sql, found = rendered(model)
        (statement,) = sqlglot.parse(sql, dialect="athena")
        assert "{" not in sql, name
        assert [table.name for table in statement.find_all(sqlglot.exp.Table)] == [view for _, view in found]
        views += found
    assert sorted(views) == sorted(
        ("lake", f"{table}_{view}") for table in ("orders", "customers") for view in ("changes", "current", "history")
    )


def test_no_model_has_the_name_of_a_view_in_whose_place_it_would_come(written):
    names = {name.removesuffix(".sql") for name in written}
    assert not names & {f"orders_{view}" for view in ("changes", "current", "history")}


def test_the_sources_have_the_keys_that_dbt_documents(sources):
    def check(where, block):
        assert block.keys() <= KEYS[where], where
        for inner in KEYS.keys() & block.keys():
            for each in block[inner]:
                check(inner, each)

    check("", sources)


def test_the_sources_name_the_database_its_tables_and_their_types(sources):
    (source,) = sources["sources"]

    assert sources["version"] == 2
    assert (source["name"], source["database"], source["schema"]) == ("lake", "awsdatacatalog", "blog_srsa")
    assert {
        table["name"]: {column["name"]: column["data_type"] for column in table["columns"]}
        for table in source["tables"]
    } == {relation.name: relation.columns for relation in RELATIONS}


def test_columns_of_the_change_are_explained_and_no_brace_is_taken_for_jinja(written, sources):
    columns = {column["name"]: column for column in sources["sources"][0]["tables"][0]["columns"]}

    assert columns["cdc_changed_at_us"]["description"] == next(
        column.meaning for column in metadata.COLUMNS if column.name == "cdc_changed_at_us"
    )
    assert "description" not in columns["price"]
    assert not re.search(rb"\{[{%#]", written[dbt_models.SOURCES])


def test_each_file_says_in_its_first_line_who_wrote_it(written):
    assert all(content.split(b"\n")[0].decode().endswith(dbt_models.MARK) for content in written.values())


def test_the_function_need_not_be_on_the_path():
    code = "from tools.lake import dbt_models; print(len(dbt_models.files('lake', ['orders'], [])))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=paths.REPOSITORY, env={}, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stdout) == (0, "4\n"), done.stderr
