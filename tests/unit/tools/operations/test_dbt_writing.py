from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.unit.tools.lake import small_lake
from tools.deployments.outputs import Outputs, Table
from tools.errors import LakeError, RefusedError
from tools.lake import dbt_models
from tools.operations import dbt_writing

LAKE = SimpleNamespace(environment_variables={}, label="single-account")
ORDERS = {"orders": Table("d", "r", "data/orders/", "e", catalog_table="orders")}
OUTPUTS = Outputs("eu-north-1", "1", database_name="shop", tables=ORDERS)


@pytest.fixture
def write(tmp_path, monkeypatch):
    glue = small_lake.glue({"price": "decimal(38,2)"})
    monkeypatch.setattr(dbt_writing, "Aws", lambda *_: SimpleNamespace(client=lambda _: glue))
    return lambda outputs=OUTPUTS: dbt_writing.write(tmp_path / "models", LAKE, outputs, ORDERS, quiet=True)


def test_the_files_are_written_and_written_over_by_the_next_run(write, tmp_path):
    names = write()

    found = {file.name: file.read_text() for file in (tmp_path / "models").iterdir()}
    assert sorted(found) == sorted(names)
    assert "decimal(38,2)" in found[dbt_models.SOURCES]
    (tmp_path / "models" / dbt_models.SOURCES).write_text(f"# {dbt_models.MARK}\n")
    write()
    assert (tmp_path / "models" / dbt_models.SOURCES).read_text() == found[dbt_models.SOURCES]


def test_over_a_file_of_somebody_else_nothing_is_written_at_all(write, tmp_path):
    (tmp_path / "models").mkdir()
    theirs = tmp_path / "models" / "lake_orders_history.sql"
    theirs.write_text("SELECT 1")

    with pytest.raises(RefusedError, match=r"lake_orders_history\.sql, written or changed by somebody else"):
        write()

    assert [file.name for file in (tmp_path / "models").iterdir()] == [theirs.name]
    assert theirs.read_text() == "SELECT 1"


def test_a_lake_without_a_catalog_and_a_folder_that_is_a_file_are_said(write, tmp_path):
    with pytest.raises(LakeError, match="single-account has no catalog"):
        write(Outputs("eu-north-1", "1"))
    (tmp_path / "models").write_text("")
    with pytest.raises(LakeError, match=r"cannot be (read|written)"):
        write()
