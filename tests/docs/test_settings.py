"""Settings that a page shows are settings that the environments and modules have, at every depth."""

from __future__ import annotations

import re

import pytest

from tests.docs import command_lines, pages
from tests.docs.test_commands import commands
from tools import paths
from tools.deployments import environments
from tools.terraform import hcl, type_constraints, value_check

VARIABLES = {name: type_constraints.read_variables(paths.ENVIRONMENTS / name) for name in environments.names()}


def hcl_blocks():
    return [block for page in pages.pages() for block in page.blocks if block.language == "hcl"]


def candidates(block):
    """Returns the environments whose settings a block may show: that of its page, else all but the consumer."""
    folder = re.match(r"envs/([a-z-]+)/", block.where)
    return [folder[1]] if folder else [name for name in VARIABLES if name != environments.CONSUMER]


def problems_with(name, value, names):
    """Returns what is wrong with a variable's value in the environment in which it is the least wrong."""
    found = [
        [value_check.path_text(problem.path) + ": " + problem.message for problem in check(VARIABLES[env], name, value)]
        for env in names
    ]
    return min(found, key=len, default=[])


def check(variables, name, value):
    if name not in variables:
        return [value_check.Problem((name,), "there is no such variable")]
    return value_check.problems(variables[name], value)


@pytest.mark.parametrize("block", hcl_blocks(), ids=lambda block: block.where)
def test_a_block_of_settings_names_only_what_there_is(block):
    if re.match(r"\s*module \"", block.text):
        source = re.search(r'source\s*=\s*"../../(modules/[a-z]+)"', block.text)[1]
        declared = type_constraints.read_variables(paths.REPOSITORY / source)
        shown = set(re.findall(r"^  ([a-z_]+)\s*=", block.text, re.MULTILINE))
        assert shown - {"source", "for_each", "providers"} <= declared.keys()
        return
    values = hcl.parse(block.text).values
    assert values
    wrong = [problem for name, value in values.items() for problem in problems_with(name, value, candidates(block))]
    assert not wrong


def test_the_pages_show_settings():
    shown = {name for block in hcl_blocks() if "module" not in block.text for name in hcl.parse(block.text).values}
    assert shown >= {"tables", "transform"}


def test_a_variable_of_a_command_is_one_of_its_environment():
    wrong, seen = [], 0
    for piece, words in commands():
        if not isinstance(piece, pages.Block) and len(words) == 1:
            continue
        parameters = command_lines.parse(words).parameters
        for pair in parameters.get("pairs", ()):
            seen += 1
            name, _, text = pair.partition("=")
            half, dot, inner = name.partition(".")
            pair_of = [environments.CONSUMER, environments.PRODUCER]
            known = (
                [half] if dot else pair_of if parameters["env"] == environments.CROSS_ACCOUNT else [parameters["env"]]
            )
            names = [env for env in known if env in VARIABLES] or list(VARIABLES)
            value = hcl.parse(f"value = {text}\n").values["value"] if text.startswith(("{", "[")) else text
            wrong += [f"{piece.where}: {problem}" for problem in problems_with(inner if dot else name, value, names)]
    assert seen
    assert not wrong, "\n".join(wrong)
