"""Asks tools that others wrote about policies: parliament for faults, Principal Mapper for decisions.

They are installed in a virtual environment of their own when they are first asked, and each runs as a process.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from tools import paths, tool_environments
from tools.tool_environments import ToolEnvironment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.plan.policy_documents import Document

ENVIRONMENT: Final = ToolEnvironment("policy-tools", paths.REQUIREMENTS / "policies.txt")
Decision = Literal["allowed", "not allowed", "denied"]
_PROGRAMS: Final = Path(__file__).parent / "policy_programs"


class Finding(msgspec.Struct, frozen=True):
    """What parliament finds wrong with a statement (its Sid), or with a document ("")."""

    statement: str
    issue: str
    detail: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A request, and the policy that is to decide it.

    Without a caller the policy is a role's own. A caller is the ARN of a role, or a service.
    """

    policy: str
    action: str
    resource: str
    context: dict[str, str] = {}
    caller: str = ""


def findings(documents: Mapping[str, Document]) -> dict[str, list[Finding]]:
    """Returns name -> what parliament finds in the document of that name."""
    return msgspec.convert(_answered("lint.py", documents), dict[str, list[Finding]])


def decisions(documents: Mapping[str, Document], questions: Sequence[Question]) -> list[Decision]:
    """Returns what Principal Mapper decides of each request, by the document that it names alone."""
    asked = {"documents": documents, "questions": msgspec.to_builtins(questions)}
    return msgspec.convert(_answered("simulate.py", asked), list[Decision])


def _answered(program: str, asked: object) -> Any:
    # -P: nothing of ours is to take the place of what is installed there.
    done = subprocess.run(
        [tool_environments.interpreter(ENVIRONMENT), "-P", _PROGRAMS / program],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
