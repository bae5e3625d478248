"""No page shows a command, an option or a target that does not exist, and what can run here without an account runs."""

from __future__ import annotations

import ast
import doctest
import json
import os
import re
import subprocess
import sys

import pytest

from tests.docs import command_lines, pages
from tests.unit.tools.plan_review import plans
from tools import paths
from tools.deployments import environments

RUNS_HERE = "tested by: tests/docs/test_commands.py::test_a_block_that_needs_no_account_runs"
TESTED = re.compile(r"<!-- tested by: (?P<file>tests/\S+\.py)::(?P<name>test_\w+) -->")
UNTESTED = re.compile(r"<!-- not tested: [^>]+ -->")
OF_OTHER_PROGRAMS = {"--editable", "--no-deps", "--require-hashes", "--plot", "--markdown", "--quick"}
"""Options in running text that are pip's, or the benchmark's."""

PLAN = {
    "format_version": "1.2",
    "resource_changes": [
        plans.change("aws_kinesis_stream.this", "aws_kinesis_stream", ["create"], after={"name": "a"})
    ],
}
"""What a block calls plan.json."""

ENVIRONMENTS = {*environments.names(), environments.CROSS_ACCOUNT, "ENV"}


def shell_texts():
    for page in pages.pages():
        yield from (block for block in page.blocks if block.language in ("", "sh"))
        yield from (span for span in page.spans if "tools." in span.text or span.text.startswith(("make ", "dynamo-")))


def commands():
    """Yields where a command of ours is shown, and its words after the program's name."""
    for piece in shell_texts():
        for words in command_lines.simple_commands(piece.text):
            found = command_lines.ours(words)
            if found is not None and "VERB" not in found:
                yield piece, found
    for piece in [*recipes(), *examples()]:
        for words in command_lines.simple_commands(piece.text):
            found = command_lines.ours(words)
            if found is not None:
                yield pages.Block(piece.text, piece.where), found


def recipes():
    """Yields the lines of the Makefile that run or print a command of ours."""
    text = (paths.REPOSITORY / "Makefile").read_text()
    for number, line in enumerate(text.replace("$(RUN)", "python -m").replace("$$", "$").splitlines(), start=1):
        if line.startswith("\t") and "python -m tools." in line:
            printed = re.fullmatch(r"\t@echo '[^:]*: +(.*)'", line)
            yield pages.Piece(printed[1] if printed else line.strip("\t@"), f"Makefile:{number}")


def examples():
    """Yields the examples in the verbs' own help."""
    for file in sorted((paths.REPOSITORY / "tools").glob("*.py")):
        for number, line in enumerate(file.read_text().splitlines(), start=1):
            if re.match(r" +(python -m tools\.|eval |terraform .* python -m tools\.)", line):
                yield pages.Piece(line, f"tools/{file.name}:{number}")


def is_a_name(piece, words):
    """True for running text that names a verb and shows no use of it."""
    return not isinstance(piece, pages.Block) and len(words) == 1


def test_every_command_that_is_shown_can_be_parsed_by_its_verb():
    wrong = []
    for piece, words in commands():
        try:
            command_lines.parse([*words, "--help"] if is_a_name(piece, words) else words)
        except command_lines.NoSuchCommandError as error:
            wrong.append(f"{piece.where}: {error}")
    assert not wrong, "\n".join(wrong)


def test_the_environment_of_a_command_exists():
    wrong = []
    for piece, words in commands():
        if not is_a_name(piece, words):
            parameters = command_lines.parse(words).parameters
            named = {parameters.get("env"), *parameters.get("envs", ())} - {None, "[ENV]..."}
            wrong += [f"{piece.where}: {name}" for name in named - ENVIRONMENTS]
    assert not wrong, "\n".join(wrong)


def test_the_examples_of_the_reader_of_commands_are_true():
    found = doctest.testmod(command_lines)
    assert found.attempted > 0
    assert found.failed == 0


def test_every_verb_is_shown_somewhere():
    shown = {words[0] for _, words in commands() if words}
    assert shown >= {
        "build",
        "compact",
        "deploy",
        "destroy",
        "local",
        "query",
        "reconcile",
        "review",
        "scan",
        "schema",
        "verify",
    }


def test_every_option_in_running_text_is_an_option_of_a_verb():
    known = command_lines.options() | OF_OTHER_PROGRAMS
    spans = [span for page in pages.pages() for span in page.spans if re.match(r"--[a-z]", span.text)]
    wrong = [f"{span.where}: {span.text}" for span in spans if re.split(r"[ =]", span.text)[0] not in known]
    assert spans
    assert not wrong, "\n".join(wrong)


def test_every_make_target_and_variable_exists():
    wrong, seen = [], 0
    for piece in shell_texts():
        for words in command_lines.simple_commands(piece.text):
            if words[0] == "make":
                seen += 1
                try:
                    command_lines.check_make(words)
                except command_lines.NoSuchCommandError as error:
                    wrong.append(f"{piece.where}: {error}")
    assert seen
    assert not wrong, "\n".join(wrong)


def blocks_of_commands():
    """Returns the blocks of README and docs/ in which the project's own commands are shown."""
    shown = [page for page in pages.pages() if page.name == "README.md" or page.name.startswith("docs/")]
    blocks = [block for page in shown for block in page.blocks if block.language in ("", "sh")]
    return [
        block
        for block in blocks
        if any(
            command_lines.ours(words) is not None or words[0] == "make"
            for words in command_lines.simple_commands(block.text)
        )
    ]


def test_every_block_of_commands_names_the_test_that_runs_it_or_why_none_does():
    blocks = blocks_of_commands()
    assert blocks
    wrong = []
    for block in blocks:
        tested = TESTED.fullmatch(block.comment)
        if tested:
            file = paths.REPOSITORY / tested["file"]
            tree = ast.parse(file.read_text()) if file.is_file() else ast.Module([], [])
            functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            if tested["name"] not in functions:
                wrong.append(f"{block.where}: there is no test {tested['file']}::{tested['name']}")
        elif UNTESTED.fullmatch(block.comment):
            named = re.findall(r"tests/[\w./]+\w", block.comment)
            wrong += [f"{block.where}: there is no {name}" for name in named if not (paths.REPOSITORY / name).exists()]
        else:
            wrong.append(f"{block.where}: no comment before the block says which test runs it, or why none does")
    assert not wrong, "\n".join(wrong)


RUNNABLE = [block for block in blocks_of_commands() if RUNS_HERE in block.comment]


@pytest.mark.parametrize("block", RUNNABLE, ids=[block.where for block in RUNNABLE])
def test_a_block_that_needs_no_account_runs(block, tmp_path):
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text.replace(".venv/bin/python", sys.executable)],
        cwd=tmp_path,
        env={**kept, "PYTHONPATH": str(paths.REPOSITORY), "LAKE_LOCAL_HOME": str(tmp_path / "home")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert result.returncode == 0, f"{block.text}\n{result.stdout}\n{result.stderr}"


def test_the_makefiles_recipes_and_the_verbs_examples_are_read_too():
    where = {piece.where.partition(":")[0] for piece, _ in commands()}
    assert where >= {"Makefile", "README.md", "tools/deploy.py", "tools/local.py"}
    assert len([piece for piece in recipes() if "tools.destroy" in piece.text]) == 2


def test_some_blocks_run_here():
    verbs = {words[0] for block in RUNNABLE for words in map(command_lines.ours, _words(block)) if words}
    assert verbs >= {"build", "review", "size"}


def _words(block):
    return command_lines.simple_commands(block.text)


def test_make_help_tells_of_every_target():
    makefile = (paths.REPOSITORY / "Makefile").read_text()
    targets = [target for line in re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE) for target in line.split()]
    command = ["make", "--no-print-directory", "help"]
    listed = subprocess.run(command, cwd=paths.REPOSITORY, capture_output=True, text=True, check=True).stdout
    assert [line.split()[0] for line in listed.splitlines()] == re.findall(r"^([a-z-]+):.* ## ", makefile, re.MULTILINE)
    assert {line.split()[0] for line in listed.splitlines() if len(line.split()) > 1} == set(targets)
