from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tools import paths
from tools.cli import console
from tools.errors import LakeError, UsageError
from tools.lake.engines.results import Column, Result
from tools.operations import result_output
from tools.operations.result_output import destination

ROWS = [("a", "1.10"), ("", None)]


def result(rows=ROWS):
    return Result((Column("id", "varchar"), Column("n", "decimal(38,2)")), iter(rows))


@pytest.mark.parametrize(("is_terminal", "chosen"), [(True, "table"), (False, "csv")])
def test_a_terminal_gets_a_table_and_all_else_csv(monkeypatch, tmp_path, is_terminal, chosen):
    monkeypatch.setattr(console.out, "_force_terminal", is_terminal)

    assert destination(None, None, None, as_json=False).format == chosen
    assert destination(None, tmp_path / "f", None, as_json=False).format == "csv"
    assert destination(None, None, None, as_json=True).format == "jsonl"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("csv", None, None, True), "--json is --format jsonl, and --format csv is given too"),
        (("parquet", None, None, False), "needs --output FILE"),
        (("csv", None, 5, False), "--limit is for --format table"),
    ],
)
def test_options_that_contradict_each_other_are_refused(given, says):
    *positional, as_json = given
    with pytest.raises(UsageError, match=says):
        destination(*positional, as_json=as_json)


def test_a_folder_that_is_not_there_is_refused_before_anything_is_asked(tmp_path):
    with pytest.raises(UsageError, match="there is no folder"):
        destination(None, tmp_path / "no" / "f.csv", None, as_json=False)


@pytest.mark.parametrize(("format_", "first"), [("csv", b'"id","n"\n'), ("jsonl", b'{"id":"a","n":"1.10"}\n')])
def test_a_file_has_the_whole_answer(tmp_path, format_, first):
    destination(format_, tmp_path / "f", None, as_json=False).put(result())

    assert (tmp_path / "f").read_bytes().startswith(first)
    assert [each.name for each in tmp_path.iterdir()] == ["f"]


def test_an_answer_that_breaks_off_leaves_the_old_file(tmp_path):
    def rows():
        yield ROWS[0]
        raise LakeError("no more")

    file = tmp_path / "f"
    for format_ in ("csv", "parquet"):
        file.write_text("old")
        with pytest.raises(LakeError, match="no more"):
            destination(format_, file, None, as_json=False).put(result(rows()))
        assert file.read_text() == "old"
        assert [each.name for each in tmp_path.iterdir()] == ["f"]


def test_rows_go_to_standard_output_as_they_come(capsys):
    destination("jsonl", None, None, as_json=False).put(result())

    assert [json.loads(line)["n"] for line in capsys.readouterr().out.splitlines()] == ["1.10", None]


def test_a_reader_that_has_enough_is_no_error():
    code = (
        "from tools.lake.engines.results import Column, Result\n"
        "from tools.operations.result_output import destination\n"
        "rows = iter([('x' * 1000,)] * 10000)\n"
        "destination('csv', None, None, as_json=False).put(Result((Column('a', 'varchar'),), rows))\n"
    )
    command = f'{sys.executable} -c "$CODE" | head -1; echo ${{PIPESTATUS[0]}}'
    done = subprocess.run(
        ["bash", "-c", command],
        env={"CODE": code, "PATH": "/usr/bin:/bin"},
        cwd=paths.REPOSITORY,
        capture_output=True,
        check=True,
        text=True,
    )

    assert done.stdout.splitlines() == ['"a"', "0"]
    assert done.stderr == ""


def test_the_width_of_a_pipe_is_none(monkeypatch):
    monkeypatch.setattr(console.out, "_force_terminal", False)
    assert result_output._width() is None
