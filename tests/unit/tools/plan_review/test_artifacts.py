"""Which code a plan gives to a function. The changes are what the provider plans, cut to the attributes in question."""

from __future__ import annotations

import base64
import json

import pytest
from click.testing import CliRunner

from tests.unit.tools.plan_review.plans import change, planned
from tools.plan_review import artifacts, report, text
from tools.plan_review.review import review
from tools.review import main

OURS, FOREIGN = "aa" * 32, "bb" * 32
ADDRESS = "module.transform.aws_lambda_function.this"


def encoded(sha256):
    return base64.b64encode(bytes.fromhex(sha256)).decode()


def function(actions=("no-op",), *, has=OURS, planned_hash=OURS, unknown=None, **changed):
    """A function whose newest code has the hash `has`, and whose package has `planned_hash`."""
    before = {
        "function_name": "f",
        "filename": "/build/lake.zip",
        "source_code_hash": encoded(OURS),
        "s3_bucket": None,
        "s3_key": "",
        "architectures": ["arm64"],
        "memory_size": 1024,
        "code_sha256": encoded(has),
        "version": "1",
    }
    after = {**before, "source_code_hash": encoded(planned_hash), **changed}
    return change(
        ADDRESS, artifacts.FUNCTION, list(actions), None if actions == ("create",) else before, after, unknown
    )


def one(*args, **changed):
    (found,) = artifacts.find(planned(function(*args, **changed)))
    return found


@pytest.mark.parametrize(
    ("actions", "changed", "is_uploaded"),
    [
        (("no-op",), {}, False),
        (("update",), {"memory_size": 2048, "unknown": {"architectures": [False], "version": True}}, False),
        (("update",), {"s3_key": None}, False),
        (("update",), {"planned_hash": FOREIGN}, True),
        (("update",), {"filename": "/elsewhere/lake.zip"}, True),
        (("update",), {"architectures": ["x86_64"]}, True),
        (("update",), {"filename": None, "s3_bucket": "b", "s3_key": "k"}, True),
        (("update",), {"unknown": {"source_code_hash": True}}, True),
        (("update",), {"unknown": {"architectures": [True]}}, True),
        (("create",), {}, True),
        (("delete", "create"), {}, True),
    ],
)
def test_code_is_uploaded_when_an_argument_for_code_changes(actions, changed, is_uploaded):
    assert one(actions, **changed).is_uploaded is is_uploaded


@pytest.mark.parametrize(
    ("actions", "changed", "says"),
    [
        (("create",), {}, "first code of the function"),
        (("no-op",), {}, "the function has this code already"),
        (("update",), {"planned_hash": FOREIGN}, f"replaces the code with sha256 {OURS}"),
        (("no-op",), {"has": FOREIGN}, f"not uploaded, but the function has other code, with sha256 {FOREIGN}"),
    ],
)
def test_the_review_says_which_package_a_function_runs(actions, changed, says):
    found = one(actions, **changed)

    assert found.text() == f"lake.zip, sha256 {FOREIGN if 'planned_hash' in changed else OURS}: {says}"


def test_the_hash_of_a_package_in_s3_is_not_in_the_plan():
    found = one(("no-op",), filename=None, s3_bucket="b", s3_key="k.zip")

    assert (found.name, found.sha256) == ("s3://b/k.zip", None)


def test_a_function_that_goes_has_no_package():
    gone = change(ADDRESS, artifacts.FUNCTION, ["delete"], {"filename": "x"}, None)

    assert artifacts.find(planned(gone)) == ()


def test_every_format_of_the_review_shows_the_package(tmp_path):
    reviewed = review(planned(function()), "title")
    line = one().text()

    assert f"  {line}" in text.lines(reviewed)
    assert f"- `{line}`" in report.markdown(reviewed)
    assert f"<code>{line}</code>" in report.page(reviewed)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"format_version": "1.2", "resource_changes": [function()]}))
    printed = json.loads(CliRunner().invoke(main, [str(file), "--json"], standalone_mode=False).output)
    assert printed["code"][0]["sha256"] == OURS
