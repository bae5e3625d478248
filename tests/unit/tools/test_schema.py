from __future__ import annotations

import json
from types import SimpleNamespace

import msgspec
import pytest
from botocore.exceptions import NoCredentialsError

from tests.unit.tools.aws_answers import failed, raising
from tests.unit.tools.lake.small_lake import Glue
from tests.unit.tools.operations.folder_bucket import FolderSource, record, write
from tools import schema
from tools.cli import command
from tools.deployments.outputs import Outputs, Table
from tools.localaws import service
from tools.operations import summarising
from tools.operations.lake_access import LakeAccess


def table(name, **rules):
    return Table(
        delivery_stream_name="d",
        delivery_role_arn="r",
        data_prefix=f"data/{name}/",
        error_prefix="e",
        catalog_table=name,
        rules=rules,
    )


class World:
    """A lake in a folder, its deployment, and the verb called on it."""

    def __init__(self, tmp_path, capsys):
        self.folder, self.columns, self.capsys = tmp_path / "lake", tmp_path / "columns", capsys
        tables = {"orders": table("orders", email="hash"), "customers": table("customers")}
        self.outputs = Outputs("eu-north-1", "1", bucket_name="lake", tables=tables)
        self.lake = SimpleNamespace(
            environment_variables={},
            environment=SimpleNamespace(folder=tmp_path),
            folder=tmp_path,
            home=SimpleNamespace(settings_file=tmp_path / "settings.json"),
            is_local=True,
            label="single-account --local",
            outputs=lambda: self.outputs,
            aws=lambda _region: SimpleNamespace(client=lambda _service: self.glue),
        )
        self.access = LakeAccess(self.lake, None)

    def put(self, name, *records, day="2026-01-31", object_name="a.gz"):
        write(self.folder, f"data/{name}/cdc_date={day}/cdc_hour=05/{object_name}", *records)

    def declare(self, name, **columns):
        self.columns.mkdir(exist_ok=True)
        (self.columns / f"{name}.json").write_text(json.dumps(columns))

    def deploy(self, name, **columns):
        """Puts a table with these columns into a catalog."""
        described = [{"Name": column, "Type": type_} for column, type_ in {"cdc_key": "string", **columns}.items()]
        self.glue = Glue([{"Name": name, "StorageDescriptor": {"Columns": described}}])
        self.outputs = msgspec.structs.replace(self.outputs, database_name="shop")

    def declared(self, name):
        return json.loads((self.columns / f"{name}.json").read_text())

    def __call__(self, *arguments):
        def invoke():
            words = ["single-account", "--jobs", "1", *arguments]
            result = schema.main.main(args=words, prog_name="schema", standalone_mode=False)
            return result if isinstance(result, int) else 0

        code = command.outcome(invoke, "python -m tools.schema")
        printed = self.capsys.readouterr()
        return code, printed.out, printed.err


@pytest.fixture
def world(tmp_path, monkeypatch, capsys):
    world = World(tmp_path, capsys)
    monkeypatch.setenv("LAKE_LOCAL_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(schema, "choose_lake", lambda *_, **__: world.access)
    monkeypatch.setattr(summarising, "Source", lambda *_: FolderSource(world.folder))
    return world


def columns(out, name="orders"):
    (found,) = [each for each in json.loads(out) if each["table"] == name]
    return {column["name"]: column for column in found["columns"]}


def test_the_columns_of_all_tables_are_shown_with_their_types(world):
    world.put("orders", record(1, total=1.5, email="f" * 64), record(2, total="free", paid=True))
    world.put("customers", record(3, name="Adam"))

    code, out, err = world()

    assert (code, err) == (0, "")
    assert "orders: 2 rows in 1 object\n" in out
    assert "customers: 1 row in 1 object\n" in out
    assert 'text in {"id": "2"} (data/orders/cdc_date=2026-01-31/cdc_hour=05/a.gz line 2)' in out
    assert f"{world.columns / 'orders.json'} would get, with --write:" in out
    assert not world.columns.exists()


def test_json_has_each_column_and_nothing_else(world):
    world.put("orders", record(1, total=1.5, email="f" * 64), record(2, total="free", paid=None))
    world.declare("orders", total="decimal(38,2)", old="string")

    code, out, err = world("--table", "orders", "--json")

    assert (code, err) == (0, "")
    found = columns(out)
    assert {name: column["status"] for name, column in found.items()} == {
        "email": "new",
        "id": "same",
        "old": "gone",
        "paid": "new",
        "total": "conflict",
    }
    assert found["email"]["is_masked"]
    assert found["total"]["lost"] == {"null": 1}
    assert found["total"]["kinds"] == {"number": 1, "text": 1}
    assert found["total"]["examples"][0]["cdc_key"] == '{"id": "2"}'
    assert len(json.loads(out)) == 1


def test_write_declares_what_is_proposed_and_a_check_is_content_then(world):
    world.put("orders", record(1, total=1.5, count=7), record(2, total=2, paid=True))
    world.declare("orders", total="bigint", old="string")
    code, out, err = world("--check", "--table", "orders")
    assert code == 3
    assert "not declared: 2 columns (count, paid), not read back with the declared type: 1 value (total)" in err
    assert world.declared("orders") == {"total": "bigint", "old": "string"}

    code, out, err = world("--write", "--yes", "--numbers", "typed")

    assert (code, err) == (0, "")
    assert "total: bigint becomes decimal(38,1)" in out
    assert world.declared("orders") == {"count": "bigint", "old": "string", "paid": "boolean", "total": "decimal(38,1)"}
    assert world("--check")[0] == 0


def test_nothing_is_written_where_nobody_can_be_asked(world):
    world.put("orders", record(1, total=1.5))

    code, _, err = world("--write")

    assert code == 2
    assert "--yes" in err
    assert not world.columns.exists()


def test_only_the_days_that_are_asked_for_are_looked_at(world):
    for day in ("2026-01-30", "2026-01-31", "2026-02-01"):
        world.put("orders", record(1, **{f"d{day[-2:]}": 1}), day=day)

    _, out, _ = world("--table", "orders", "--json", "--since", "2026-01-31", "--until", "2026-01-31")

    assert set(columns(out)) == {"id", "d31"}


def test_no_type_is_narrowed_unless_told(world):
    world.put("orders", record(1, total=1))
    world.declare("orders", total="string")
    world("--write", "--yes", "--numbers", "typed")
    assert world.declared("orders") == {"total": "string"}

    code, out, _ = world("--write", "--yes", "--numbers", "typed", "--narrow")

    assert code == 0
    assert "total: string becomes bigint" in out
    assert world.declared("orders") == {"total": "bigint"}


def test_lines_that_are_no_records_are_named_and_do_not_stop_it(world):
    world.put("orders", record(1, total=1), {"foreign": True})

    code, _, err = world("--table", "orders")

    assert code == 0
    assert "no lake records: 1 line\n" in err
    assert "a.gz line 2:" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--write", "--check"), "give one of them"),
        (("--table", "nobody"), "'nobody' is not streamed"),
        (("--sample-table", "5"), "give cross-account"),
        (("--since", "yesterday"), "yesterday"),
        (("--dbt", "models", "--write"), "--dbt looks at no rows"),
    ],
)
def test_a_command_that_cannot_work_is_refused_with_one_line(world, arguments, said):
    code, _, err = world(*arguments)

    assert code == 2
    assert said in err
    assert err.count("\n") == 1


def test_a_damaged_columns_file_is_refused_before_anything_is_read(world):
    world.columns.mkdir()
    (world.columns / "orders.json").write_text("{")

    code, _, err = world("--table", "orders")

    assert code == 2
    assert "orders.json cannot be read" in err


def test_what_aws_refuses_is_one_line(world, monkeypatch):
    def refuse(*_):
        raise NoCredentialsError

    monkeypatch.setattr(FolderSource, "client", refuse)

    code, _, err = world("--table", "orders")

    assert code == 1
    assert err.count("\n") == 1
    assert "AWS refused" in err


def test_files_for_dbt_come_from_the_catalog_and_no_row_is_read(world, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(schema.dbt_writing, "write", lambda *given, **_: asked.append(given) or ["sources.yml"])

    code, out, err = world("--table", "orders", "--dbt", str(tmp_path / "models"), "--json")

    assert (code, json.loads(out), err) == (0, ["sources.yml"], "")
    assert (asked[0][0], list(asked[0][3])) == (tmp_path / "models", ["orders"])


def test_the_folder_of_columns_can_be_named(world, tmp_path):
    world.put("orders", record(1, total=1))

    world("--table", "orders", "--columns", str(tmp_path / "elsewhere"), "--write", "--yes")

    assert json.loads((tmp_path / "elsewhere" / "orders.json").read_text()) == {"total": "string"}


def test_what_is_kept_of_the_objects_of_local_aws_goes_with_its_data(world, tmp_path):
    world.put("orders", record(1, total=1))
    world("--table", "orders")
    kept = tmp_path / "home" / "summaries"
    assert kept.is_dir()

    service.purge(tmp_path / "home")

    assert not kept.exists()


def test_a_check_goes_by_what_is_deployed_and_says_what_is_left_to_do(world):
    world.put("orders", record(1, total=1.5, paid=True), record(2, total="free"))
    world.deploy("orders", id="string", total="decimal(38,2)")

    code, _, err = world("--table", "orders", "--check")
    assert code == 3
    assert "orders: not declared: 1 column (paid), not read back with the deployed type: 1 value (total)" in err
    assert "declare them with --write, and deploy" in err

    world("--table", "orders", "--write", "--yes")
    assert world.declared("orders") == {"paid": "boolean", "total": "string"}
    code, _, err = world("--table", "orders", "--check")
    assert code == 3
    assert "declared, and not deployed: 1 column (paid)" in err
    assert err.rstrip().endswith("the files declare them: deploy")
    _, out, _ = world("--table", "orders")
    assert f"{world.columns / 'orders.json'} declares, and a deploy has to follow: paid, total\n" in out

    world.deploy("orders", id="string", total="string", paid="boolean")
    assert world("--table", "orders", "--check")[0] == 0


def test_what_is_deployed_counts_though_the_file_says_something_else(world):
    world.put("orders", record(1, total="free"))
    world.declare("orders", total="bigint")
    world.deploy("orders", id="string", total="string")
    code, out, _ = world("--table", "orders", "--json")
    assert code == 0
    assert (columns(out)["total"]["declared"], columns(out)["total"]["lost"]) == ("string", {})
    assert json.loads(out)[0]["changes"] == {"total": "string"}
    assert world("--table", "orders", "--check")[0] == 0


def test_a_key_that_the_catalog_does_not_have_is_proposed(world):
    world.put("orders", record(1))
    world.deploy("orders")
    code, _, err = world("--table", "orders", "--check")
    assert code == 3
    assert "orders: not declared: 1 column (id); declare them with --write" in err
    world("--table", "orders", "--write", "--yes")
    assert world.declared("orders") == {"id": "string"}


@pytest.mark.parametrize("is_closed", [False, True])
def test_without_a_catalog_that_can_be_read_the_file_counts_and_that_is_said(world, is_closed):
    world.put("orders", record(1, total=1))
    world.declare("orders", total="bigint")
    if is_closed:
        world.deploy("orders")
        world.glue.get_table = raising(failed("GetTable", 400, "AccessDeniedException"))

    code, out, _ = world("--table", "orders", "--check")

    assert code == 0
    why = "cannot be read (" if is_closed else "the deployment has no catalog"
    assert f"orders: compared with {world.columns / 'orders.json'} alone: " in out
    assert why in out
