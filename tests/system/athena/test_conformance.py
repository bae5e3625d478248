"""Local AWS answers each query of queries.yaml as its source says that Athena does."""

from __future__ import annotations

import re

import pytest

from tests.system.athena.conftest import QUERIES
from tools import paths

pytestmark = [pytest.mark.system, pytest.mark.xdist_group("athena")]


@pytest.mark.parametrize("name", QUERIES)
def test_the_query_is_answered_as_athena_does(answers, name):
    query, answer = QUERIES[name], answers[name]
    if "fails" in query:
        assert answer.state == "FAILED"
        assert re.search(query["fails"], answer.reason, re.DOTALL)
        return
    assert answer.reason == ""
    is_listing = answer.execution["StatementType"] != "DML"
    assert (answer.rows if is_listing else answer.rows[1:]) == query["rows"]
    if "types" in query:
        assert [column["Type"] for column in answer.columns] == query["types"]
    if "columns" in query:
        assert answer.rows[0] == query["columns"] == [column["Name"] for column in answer.columns]


def test_every_query_says_what_it_rests_on():
    assert not [name for name, query in QUERIES.items() if ("source" in query) == ("assumed" in query)]


def test_every_assumption_is_listed_for_an_account_to_settle():
    page = (paths.REPOSITORY / "docs" / "proven.md").read_text()

    assert [name for name, query in QUERIES.items() if "assumed" in query and f"- {name}:" not in page] == []
