"""The files for a public forge have the form that it asks for, and call only what there is. None has run on a forge."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest
import yaml

from tests.docs import command_lines
from tools import paths

FORGE = paths.REPOSITORY / ".github"
WORKFLOW = FORGE / "workflows" / "checks.yaml"
DEPENDABOT = FORGE / "dependabot.yml"
PRE_COMMIT = paths.REPOSITORY / ".pre-commit-config.yaml"

GH = '''#!/usr/bin/env python3
"""Stands in for GitHub's command line: keeps comments in a file, and finds ours as the filter of the workflow does."""
import json, pathlib, sys
arguments = sys.argv[1:]
store = pathlib.Path(__file__).with_name("comments.json")
comments = json.loads(store.read_text()) if store.exists() else [{"id": 1, "body": "Looks good"}]
path = next(each for each in arguments if each.startswith("repos/owner/lake/issues/"))
if "--jq" in arguments:
    assert path.endswith("/12/comments"), path
    marker = arguments[arguments.index("--jq") + 1].split('startswith("')[1].split('"')[0]
    print(*[comment["id"] for comment in comments if comment["body"].startswith(marker)], sep="\\n")
    sys.exit()
field = arguments[arguments.index("--field") + 1]
assert field.startswith("body=@"), field
body = pathlib.Path(field.removeprefix("body=@")).read_text()
if "POST" in arguments:
    comments.append({"id": len(comments) + 1, "body": body})
else:
    (changed,) = [comment for comment in comments if comment["id"] == int(path.rsplit("/", 1)[1])]
    changed["body"] = body
store.write_text(json.dumps(comments))
'''


def jobs():
    return yaml.safe_load(WORKFLOW.read_text())["jobs"]


def steps():
    return [(name, step) for name, job in jobs().items() for step in job["steps"]]


@pytest.mark.parametrize(
    ("schema", "file"),
    [
        ("vendor.github-workflows", WORKFLOW),
        ("custom.github-workflows-require-timeout", WORKFLOW),
        ("vendor.dependabot", DEPENDABOT),
    ],
)
def test_the_file_has_the_form_that_the_forge_asks_for(schema, file):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, file]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_action_is_pinned_to_a_commit_with_its_version_beside_it():
    lines = [line for line in WORKFLOW.read_text().splitlines() if "uses:" in line]
    assert lines
    assert not [line for line in lines if not re.search(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line)]


def test_one_action_is_pinned_to_one_commit_everywhere():
    pins = {step["uses"] for _, step in steps() if "uses" in step}
    assert len(pins) == len({pin.partition("@")[0] for pin in pins})


def test_a_job_may_do_only_what_it_needs():
    assert yaml.safe_load(WORKFLOW.read_text())["permissions"] == {}
    assert {name: job["permissions"] for name, job in jobs().items()} == {
        "check": {"contents": "read"},
        "test": {"contents": "read"},
        "plan": {"contents": "read", "id-token": "write"},
        "comment": {"pull-requests": "write"},
    }


def test_the_job_that_may_write_to_a_pull_request_runs_none_of_its_code():
    used = [step.get("uses", "").partition("@")[0] for step in jobs()["comment"]["steps"]]
    assert used == ["actions/download-artifact", ""]


def test_no_value_from_a_pull_request_is_pasted_into_a_script():
    assert not [step["run"] for _, step in steps() if "${{" in step.get("run", "")]


def test_the_targets_and_verbs_that_are_called_exist():
    called = [words for _, step in steps() for words in command_lines.simple_commands(step.get("run", "")) if words]
    for words in called:
        if words[0] == "make":
            command_lines.check_make(words)
        if command_lines.ours(words) is not None:
            command_lines.parse(command_lines.ours(words))
    assert ["make", "check"] in called
    assert ["make", "test"] in called
    assert [command_lines.ours(words)[0] for words in called if command_lines.ours(words)] == ["deploy"]


def test_the_review_is_posted_once_and_then_updated(tmp_path):
    gh = tmp_path / "gh"
    gh.write_text(GH)
    gh.chmod(0o755)
    (script,) = [step["run"] for name, step in steps() if name == "comment" and "run" in step]
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "REPOSITORY": "owner/lake", "PULL_REQUEST": "12"}
    for review in ("first", "second"):
        (tmp_path / "plan.md").write_text(f"# {review} review\n")
        subprocess.run(["bash", "-eo", "pipefail", "-c", script], cwd=tmp_path, env=environment, check=True)
    comments = json.loads((tmp_path / "comments.json").read_text())
    assert [comment["body"] for comment in comments] == [
        "Looks good",
        "<!-- plan review of single-account -->\n# second review\n",
    ]


def test_dependabot_looks_at_every_place_where_versions_are_pinned():
    updates = yaml.safe_load(DEPENDABOT.read_text())["updates"]
    looked_at = {
        (update["package-ecosystem"], folder)
        for update in updates
        for folder in update.get("directories", [update.get("directory")])
    }
    locks = {file.parent for file in paths.ENVIRONMENTS.glob("*/.terraform.lock.hcl")}
    assert looked_at == {
        ("pip", "/requirements"),
        ("github-actions", "/"),
        *(("terraform", f"/{folder.relative_to(paths.REPOSITORY).as_posix()}") for folder in locks),
    }


def test_hooks_before_a_commit_download_nothing_and_run_what_make_check_runs():
    makefile = (paths.REPOSITORY / "Makefile").read_text().replace("$(RUN)", ".venv/bin/python -m")
    (repository,) = yaml.safe_load(PRE_COMMIT.read_text())["repos"]
    entries = {hook["id"]: hook["entry"] for hook in repository["hooks"]}
    assert repository["repo"] == "local"
    assert {hook["language"] for hook in repository["hooks"]} == {"system"}
    assert entries.keys() == {"ruff-format", "ruff-check", "mypy", "terraform-fmt", "scan"}
    command_lines.parse(command_lines.ours(entries.pop("scan").split()))
    assert not [entry for entry in entries.values() if f"\t{entry}" not in makefile]
