"""The SQL of docs/engines.md is SQL in the dialect of its engine, and DuckDB answers what the page says."""

from __future__ import annotations

import ast
import gzip
import re

import duckdb
import pytest
import sqlglot

from tests.docs import pages
from tests.docs.test_record import TABLE, lines
from tools import paths
from tools.lake import dbt_models

PAGE = pages.read(paths.REPOSITORY / "docs" / "engines.md")
DIALECTS = ("athena", "duckdb", "redshift", "spark", "trino")
SCHEMA = re.compile(
    r"CREATE EXTERNAL SCHEMA \w+ FROM DATA CATALOG DATABASE '\w+'\s+IAM_ROLE 'arn:aws:iam::\d{12}:role/[\w-]+' "
    r"REGION '[a-z]+-[a-z]+-\d'"
)
"""Amazon Redshift Database Developer Guide, "CREATE EXTERNAL SCHEMA", which the parser does not know."""


def blocks(language):
    return [block for block in PAGE.blocks if block.language == language]


def statement(block):
    """Returns the dialect that the first line names, and the statement after it."""
    head, _, sql = block.text.partition("\n")
    return head.removeprefix("-- ").lower(), sql.strip().removesuffix(";")


@pytest.mark.parametrize("block", blocks("sql"), ids=lambda block: block.where)
def test_each_query_is_one_statement_in_the_dialect_that_it_names(block):
    dialect, sql = statement(block)
    if SCHEMA.fullmatch(sql):
        assert dialect == "redshift"
        return
    sql = sql.removesuffix("WITH NO SCHEMA BINDING") if dialect == "redshift" else sql

    (parsed,) = sqlglot.parse(sql, dialect=dialect, error_level=sqlglot.ErrorLevel.RAISE)

    assert isinstance(parsed, sqlglot.exp.Select | sqlglot.exp.Create)


def test_every_dialect_is_shown():
    assert {statement(block)[0] for block in blocks("sql")} == set(DIALECTS)


@pytest.mark.parametrize("block", blocks("python"), ids=lambda block: block.where)
def test_each_piece_of_python_can_be_read(block):
    assert ast.parse(block.text).body


def test_duckdb_finds_the_item_as_it_is_and_not_once_it_is_removed(tmp_path):
    (sql,) = [sql for dialect, sql in map(statement, blocks("sql")) if dialect == "duckdb"]
    folder = tmp_path / "data" / TABLE / "cdc_date=2026-01-31" / "cdc_hour=05"
    folder.mkdir(parents=True)
    written = lines()
    (folder / "a.gz").write_bytes(gzip.compress(b"".join(reversed(written * 2))))
    asked = sql.replace("'data/", f"'{tmp_path}/data/")

    assert duckdb.sql(asked).fetchall() == [('{"id":"864732"}', "Adam", "Senior Architect")]

    removed = written[-1].replace(b'"MODIFY"', b'"REMOVE"').replace(b'"11"', b'"100"')
    (folder / "b.gz").write_bytes(gzip.compress(removed))
    assert duckdb.sql(asked).fetchall() == []


def test_the_changes_of_each_day_are_asked_for_as_the_model_does():
    (shown,) = [sql for dialect, sql in map(statement, blocks("sql")) if dialect == "athena"]
    model = dbt_models.files("blog_srsa", ["blog_srsa_ddb_table"], [])["lake_blog_srsa_ddb_table_changes_a_day.sql"]
    source = "{{ source('lake', 'blog_srsa_ddb_table_changes') }}"

    assert shown.replace("blog_srsa.blog_srsa_ddb_table_changes", source) in model.decode()
