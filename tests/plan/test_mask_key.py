"""The key of hashes is in a plan's JSON in clear, and in nothing that the tools make of it."""

from __future__ import annotations

import json

import msgspec
from click.testing import CliRunner

from tests.plan.plans import MASK_KEY
from tools.plan_review import plan, report, text
from tools.plan_review.review import review
from tools.review import main

FUNCTION = "module.pipeline.module.transform.aws_lambda_function.this"


def shown(document, folder):
    """Returns all that the review makes of a plan's JSON, as one text."""
    reviewed = review(plan.parse(document), "title")
    file = folder / "plan.json"
    file.write_text(json.dumps(document))
    printed = CliRunner().invoke(main, [str(file), "--json"], standalone_mode=False)
    assert printed.exception is None
    lines = [*text.lines(reviewed), *text.refusal_lines(reviewed), *text.drift_lines(reviewed.drift)]
    pages = [report.page(reviewed), report.markdown(reviewed), msgspec.json.encode(reviewed).decode(), printed.output]
    return "\n".join([*lines, *pages])


def test_a_plan_marks_the_key_alone_as_a_secret_of_the_function(fleet):
    change = fleet.resource_changes[FUNCTION]["change"]

    assert change["after"]["environment"][0]["variables"]["MASK_KEY"] == MASK_KEY
    assert change["after_sensitive"]["environment"][0]["variables"] == {"MASK_KEY": True}


def test_the_key_is_shown_nowhere_whatever_happens_to_the_function(fleet, tmp_path):
    made = json.loads(json.dumps(dict(fleet)))
    assert json.dumps(made).count(MASK_KEY) > 1
    (function,) = [each for each in made["resource_changes"] if each["address"] == FUNCTION]
    after, marks = function["change"]["after"], function["change"]["after_sensitive"]
    older = json.loads(json.dumps(after).replace(MASK_KEY, MASK_KEY[::-1]).replace("INFO", "DEBUG"))
    without = {**after, "environment": []}

    for actions, before, hidden in [
        (["create"], None, marks),
        (["update"], older, marks),
        (["update"], older, False),
        (["update"], without, marks),
        (["update"], without, False),
        (["delete", "create"], older, marks),
    ]:
        function["change"] |= {
            "actions": actions,
            "before": before,
            "before_sensitive": hidden if before else False,
            "after_sensitive": hidden,
        }
        drift = {**function, "change": {**function["change"], "before": after, "after": older}}
        everything = shown({**made, "resource_drift": [drift]}, tmp_path)

        assert FUNCTION in everything
        assert before is not older or 'variables.LOG_LEVEL: "DEBUG" -> "INFO"' in everything
        assert MASK_KEY not in everything
        assert MASK_KEY[::-1] not in everything
