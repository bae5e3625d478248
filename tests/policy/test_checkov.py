"""checkov finds nothing in the environments, and what it is told to pass over says why."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.core import environments, paths


@pytest.fixture(scope="module", params=environments.names())
def results(request):
    """What checkov says of one environment and the modules that it uses."""
    run = subprocess.run(
        [
            Path(sys.executable).with_name("checkov"),
            *("--directory", paths.ENVIRONMENTS / request.param, "--framework", "terraform"),
            *("--skip-download", "--output", "json"),
        ],
        cwd=paths.REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(run.stdout)["results"]


def test_no_environment_fails_a_check(results):
    assert [(check["check_id"], check["resource"]) for check in results["failed_checks"]] == []
    assert not results["parsing_errors"]


def test_every_check_that_is_passed_over_says_why_where_it_is(results):
    assert results["skipped_checks"]
    for check in results["skipped_checks"]:
        reason = check["check_result"]["suppress_comment"]
        assert len(reason.split()) >= 5, f"{check['check_id']} on {check['resource']}: {reason!r}"
