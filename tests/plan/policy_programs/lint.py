"""Reads policies, as JSON on standard input, with parliament; runs in the virtual environment that has it.

Read is name -> document; written is name -> findings, each with its issue, its detail and the Sid of its statement.
"""

import json
import sys
import warnings

# parliament finds its own files by what setuptools is to take away.
warnings.filterwarnings("ignore", category=UserWarning, message="pkg_resources is deprecated")

from parliament import analyze_policy_string  # noqa: E402


def _findings(document: dict) -> list[dict]:
    """Returns what parliament finds in each statement, and ("" as the statement) in all of them together."""
    read = analyze_policy_string(json.dumps(document))
    of_statements = [each.findings for each in read.statements]
    sids = [each["Sid"] for each in document["Statement"]]
    together = [each for each in read.findings if not any(each in found for found in of_statements)]
    return [
        {"statement": sid, "issue": each.issue, "detail": str(each.detail)}
        for sid, found in zip((*sids, ""), (*of_statements, together), strict=True)
        for each in found
    ]


if __name__ == "__main__":
    json.dump({name: _findings(document) for name, document in json.load(sys.stdin).items()}, sys.stdout)
