from __future__ import annotations

import pytest
from click.testing import CliRunner

from tools import paths, query
from tools.cli import command
from tools.lake.engines.results import Column, Result
from tools.localaws import service
from tools.operations import querying


class Lake:
    """A lake that answers everything with one row, and remembers what it was asked."""

    def __init__(self):
        self.requests = []

    def answer(self, request, tell):
        self.requests.append(request)
        return Result((Column("n", "decimal(38,2)"),), iter([("1.10",)]), "told")

    def gaps(self, request):
        return ["versions may be missing"] if request.history else []

    def download(self, request, folder, tell):
        self.requests.append(request)
        return f"to {folder}"


@pytest.fixture
def lake(monkeypatch):
    lake = Lake()
    monkeypatch.setattr(querying, "find_lake", lambda *_: lake)
    return lake


def run(capsys, *arguments):
    code = command.outcome(lambda: query.main.main(list(arguments), standalone_mode=False) or 0, "query")
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_the_answer_goes_to_standard_output_and_what_is_told_of_it_beside(lake, capsys):
    code, out, err = run(capsys, "single-account", "SELECT 1", "--param", "a", "--param", "b", "--json")

    assert (code, out) == (0, '{"n":"1.10"}\n')
    assert "told" in err
    assert lake.requests[0].sql.parameters == ("a", "b")


def test_what_is_missing_in_a_history_is_told_beside_it(lake, capsys):
    assert "versions may be missing" in run(capsys, "single-account", "--history", "17")[2]
    assert "versions may be missing" not in run(capsys, "single-account", "--current")[2]


def test_an_answer_without_rows_says_so_beside_its_names(lake, capsys, monkeypatch):
    monkeypatch.setattr(lake, "answer", lambda request, tell: Result((Column("n", "varchar"),), iter([])))

    code, out, err = run(capsys, "single-account", "SELECT 1", "--format", "csv")

    assert (code, out) == (0, '"n"\n')
    assert "no rows" in err


def test_a_download_says_where_to(lake, capsys, tmp_path):
    code, out, err = run(capsys, "single-account", "--download", str(tmp_path))

    assert (code, out) == (0, "")
    assert str(tmp_path) in err.replace("\n", "")
    assert lake.requests[0].folder == tmp_path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "ask one thing"),
        (("--current", "--format", "parquet"), "--format parquet needs --output"),
        (("--tail", "--output", "f"), "--tail writes to standard output only"),
        (("--current", "--tail"), "ask one thing"),
    ],
)
def test_what_cannot_be_asked_ends_with_2_and_asks_nobody(lake, capsys, arguments, says):
    code, out, err = run(capsys, "single-account", *arguments)

    assert (code, out) == (2, "")
    assert says in err
    assert not lake.requests


@pytest.mark.parametrize(("place", "folder"), [((), "build"), (("--local",), "home")])
def test_copies_of_objects_lie_where_they_are_removed_with_the_rest(lake, capsys, monkeypatch, tmp_path, place, folder):
    monkeypatch.setattr(paths, "BUILD", tmp_path / "build")
    monkeypatch.setenv("LAKE_LOCAL_HOME", str(tmp_path / "home"))
    run(capsys, "single-account", "--current", *place)
    copies = lake.requests[0].cache
    copies.mkdir(parents=True)

    service.purge(tmp_path / "home")

    assert copies == tmp_path / folder / "copies"
    assert copies.exists() == (folder == "build")


def test_help_shows_examples():
    assert "python -m tools.query single-account --local --current" in CliRunner().invoke(query.main, ["--help"]).output
