"""What pages promise beside commands and links: length, form, and figures that agree with their source."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from itertools import pairwise

from tools import paths
from tools.sizing import prices

PRICES = prices.of_region("us-east-1")
QUESTIONS = (
    "a policy check",
    "a metadata column",
    "an alarm",
    "a type of resource",
    "a statement of a policy",
    "an environment",
    "a verb",
)
DECISIONS = ("Context", "Decision", "Why", "What it costs", "What would change it")


def text(name):
    return (paths.REPOSITORY / name).read_text(encoding="utf-8")


def monthly(price, hours=prices.HOURS):
    return f"{(PRICES.of(price) * hours).quantize(Decimal('0.01'))} USD"


def test_the_readme_can_be_read_in_a_few_minutes():
    assert len(text("README.md").split()) <= 800


def test_the_cost_of_the_defaults_stands_before_the_first_command_for_an_account():
    before, _, after = text("README.md").partition("-m tools.deploy single-account")
    ten_shards = monthly("shard_hour", 10 * prices.HOURS)
    assert after
    assert ten_shards == "109.50 USD"
    assert f"**{ten_shards} a month for each table, idle**" in " ".join(before.split())
    assert f"{PRICES.of('kms_key_month').normalize()} USD for the key" in before
    assert "2.40 USD for its [alarms]" in " ".join(before.split())
    assert "That is 2.40 USD a month for each table" in " ".join(text("docs/monitoring.md").split())


def test_costs_of_streams_are_those_of_the_price_table():
    costs = {
        "ten": monthly("shard_hour", 7300),
        "one": monthly("shard_hour"),
        "demand": monthly("on_demand_stream_hour"),
    }
    for name in ("README.md", "docs/tables.md"):
        assert not [cost for cost in costs.values() if cost not in text(name)]
    rows = dict(re.findall(r"^\| (.+?) \| ([\d.]+ USD) \|$", text("docs/tables.md"), re.MULTILINE))
    assert rows == {
        "the default: ten shards": costs["ten"],
        "`{ shards = 1 }`": costs["one"],
        '`{ mode = "ON_DEMAND" }`': costs["demand"],
    }


def test_the_table_of_performance_is_an_excerpt_of_the_benchmarks():
    def rows(name):
        return re.findall(r"^\| (.+?) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", text(name), re.MULTILINE)

    excerpt = rows("docs/performance.md")
    whole = rows("tests/bench/README.md")
    assert len(excerpt) == 13
    assert not [row for row in excerpt if row not in whole]
    measured = re.search(r"^\d{4}-\d\d-\d\d, .*? CPython [\d.]+\d", text("docs/performance.md"), re.MULTILINE)[0]
    assert measured in text("tests/bench/README.md")


def test_contributing_answers_each_question_in_one_line():
    rows = re.findall(r"^\| (an? .+?) \| (.+) \|$", text("CONTRIBUTING.md"), re.MULTILINE)
    assert tuple(question.partition(" (")[0] for question, _ in rows) == QUESTIONS
    assert all("`" in answer for _, answer in rows)


def test_the_changelog_has_the_form_that_it_names():
    changelog = text("CHANGELOG.md")
    versions = re.findall(r"^## \[(.+?)\]", changelog, re.MULTILINE)
    kinds = re.findall(r"^### (.+)$", changelog, re.MULTILINE)
    version = tomllib.loads(text("pyproject.toml"))["project"]["version"]
    assert versions[0] == "Unreleased"
    assert versions[1:2] in ([], [version])
    assert kinds == [
        kind for kind in ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security") if kind in kinds
    ]


def test_a_decision_says_why_what_it_costs_and_what_would_change_it_on_one_page():
    pages = [file for file in (paths.REPOSITORY / "docs" / "decisions").glob("*.md") if file.name != "README.md"]
    assert len(pages) >= 6
    for page in pages:
        content = page.read_text(encoding="utf-8")
        assert tuple(re.findall(r"^\*\*(.+?)\.\*\*", content, re.MULTILINE)) == DECISIONS, page.name
        assert len(content.split()) <= 350, page.name


def test_surprises_are_dated():
    entries = re.findall(r"^- (.*)$", text("docs/surprises.md"), re.MULTILINE)
    dates = [re.match(r"(\d{4}-\d\d-\d\d): ", entry) for entry in entries]
    assert entries
    assert all(dates)


def test_headings_skip_no_level():
    for name in (
        "README.md",
        "CONTRIBUTING.md",
        *(f"docs/{file.name}" for file in (paths.REPOSITORY / "docs").glob("*.md")),
    ):
        prose = re.sub(r"^```.*?^```", "", text(name), flags=re.MULTILINE | re.DOTALL)
        levels = [len(marks) for marks in re.findall(r"^(#+) ", prose, re.MULTILINE)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels)), name


def test_every_test_that_the_page_of_reliability_names_exists():
    named = set(re.findall(r"`(tests/\S+\.py)::(test_\w+)`", text("docs/reliability.md")))
    missing = [f"{file}::{name}" for file, name in named if f"\ndef {name}(" not in text(file)]
    assert len(named) > 20
    assert not missing, "\n".join(missing)
