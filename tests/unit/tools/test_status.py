from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tests.unit.tools.health.test_judging import NOW, WELL, hop
from tools import status
from tools.cli import command
from tools.health.measured import FunctionMeasured, Measured
from tools.operations import health_check


class Check:
    label = "single-account --local"

    def __init__(self, path):
        self.path = path

    def measure(self):
        return Measured(NOW, {"orders": self.path}, FunctionMeasured("Active", "3"))


def run(capsys, monkeypatch, path, *options):
    monkeypatch.setattr(health_check, "choose_check", lambda *_: Check(path))
    arguments = ["single-account", "--local", *options]
    code = command.outcome(lambda: status.main.main(arguments, standalone_mode=False) or 0, "status")
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_a_path_that_is_well_ends_with_0(capsys, monkeypatch):
    code, out, _ = run(capsys, monkeypatch, WELL)

    assert code == 0
    assert "Nothing is wrong" in out
    assert "kept 1 d" in out


def test_something_wrong_ends_with_1_and_says_where_to_look_first(capsys, monkeypatch):
    code, out, _ = run(capsys, monkeypatch, hop("table", destination="DISABLED"))

    assert code == 1
    assert "1. orders, table: streaming is DISABLED" in out
    assert "python -m tools.deploy single-account --local" in out


def test_what_is_not_known_is_told_and_is_not_wrong(capsys, monkeypatch):
    code, out, _ = run(capsys, monkeypatch, hop("stream", unseen="denied"))

    assert code == 0
    assert "1. orders, stream: cannot be looked at: denied" in out


def test_json_has_the_verdict_the_findings_and_what_was_measured(capsys, monkeypatch):
    code, out, _ = run(capsys, monkeypatch, hop("table", destination="DISABLED"), "--json")
    said = json.loads(out)

    assert (code, said["verdict"], said["findings"][0]["hop"]) == (1, "BROKEN", "table")
    assert said["measured"]["paths"]["orders"]["stream"]["shards"] == 10


def test_the_page_is_written_as_a_whole(capsys, monkeypatch, tmp_path):
    code, _, _ = run(capsys, monkeypatch, WELL, "--html", str(tmp_path / "status.html"))

    assert code == 0
    assert "</html>" in (tmp_path / "status.html").read_text()


@pytest.mark.parametrize(
    ("options", "says"),
    [(("--watch", "--json"), "--watch is a screen"), (("--html", "/no/such/folder/x.html"), "there is no folder")],
)
def test_what_cannot_be_shown_ends_with_2(capsys, monkeypatch, options, says):
    code, _, err = run(capsys, monkeypatch, WELL, *options)

    assert code == 2
    assert says in err


def test_help_shows_examples():
    assert "python -m tools.status single-account --local" in CliRunner().invoke(status.main, ["--help"]).output
