"""The deployer's policy: `python -m tests.docs.deployer_policy` writes its documents anew from their statements.

With a log of requests of local AWS (LAKE_LOCAL_REQUEST_LOG) and an access key it writes the recording anew too.

An environment's statements are spread over documents that each fit into one managed policy.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from tools import paths
from tools.deployments import environments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COMMAND: Final = ".venv/bin/python -m tests.docs.deployer_policy"
FOLDER: Final = paths.REPOSITORY / "docs" / "deployer-policy"
RECORDED: Final = Path(__file__).parent / "recorded_requests.json"
LOCAL: Final = {
    **dict.fromkeys(("lambda:ListAliases",), "lambda:GetAlias"),
    **{
        action: action
        for action in (
            *("athena:ListTagsForResource", "cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards"),
            *("cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource"),
            *("cloudwatch:PutDashboard", "dynamodb:ListTagsOfResource", "ec2:CreateFlowLogs", "ec2:CreateTags"),
            *("ec2:CreateVpc", "ec2:DeleteFlowLogs", "ec2:DisassociateRouteTable", "glue:DeleteCrawler"),
            *("glue:GetCrawler", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "lambda:CreateFunction"),
            *("scheduler:CreateSchedule", "scheduler:DeleteSchedule", "scheduler:GetSchedule"),
            *("scheduler:ListTagsForResource", "sns:ListTagsForResource", "states:ListTagsForResource"),
        )
    },
}
"""Action that local AWS authorises on another resource than AWS documents, most often on "*" -> the action on AWS."""

LIMIT: Final = 6144
"""Characters of a managed policy, white space left out (IAM User Guide, "IAM and AWS STS quotas")."""


@dataclass(frozen=True)
class Place:
    """Where an environment is deployed, and the names that are chosen; the defaults are those of the documents."""

    name: str
    account: str = "111122223333"
    region: str = "us-east-1"
    roles: str = "/"
    bucket: str = ""
    artifacts: str = "artifacts-of-the-organisation"
    states: str = "states-of-the-organisation"
    abroad: str = "us-west-2"
    """The Region of the lake's replica."""

    def fill(self, template: str) -> str:
        """Returns a resource or a condition's value with the names of this place."""
        values = {
            "account": self.account,
            "region": self.region,
            "name": self.name,
            "database": self.name.replace("-", "_"),
            "bucket": self.bucket or f"{self.name}-datalake-{self.account}-{self.region}",
            "replica": f"{self.name}-datalake-{self.account}-{self.abroad}",
            "abroad": self.abroad,
            "roles": self.roles,
            "artifacts": self.artifacts,
            "states": self.states,
        }
        here = re.sub(r"\{arn:([a-z0-9]+)\}", r"arn:aws:\1:{region}:{account}", template)
        whole = re.sub(r"\{arn:([a-z0-9]+)@abroad\}", r"arn:aws:\1:{abroad}:{account}", here)
        return re.sub(r"\{([a-z]+)\}", lambda found: values[found[1]], whole)


def default_place(environment: str) -> Place:
    """Returns the place that the written documents are for."""
    return Place(environments.find(environment).default("name"))


@cache
def written() -> list[dict[str, Any]]:
    """Returns the statements as they are written, of all environments."""
    found: list[dict[str, Any]] = yaml.safe_load((FOLDER / "statements.yaml").read_text(encoding="utf-8"))
    return found


def statements(environment: str, place: Place) -> list[dict[str, Any]]:
    """Returns an environment's statements as IAM takes them."""
    return [_statement(each, place) for each in written() if environment in each["for"]]


def documents(environment: str, place: Place) -> list[dict[str, Any]]:
    """Returns an environment's policy as documents that each fit into one managed policy."""
    found: list[dict[str, Any]] = []
    for statement in statements(environment, place):
        if not found or size({**found[-1], "Statement": [*found[-1]["Statement"], statement]}) > LIMIT:
            found.append({"Version": "2012-10-17", "Statement": []})
        found[-1]["Statement"].append(statement)
    return found


def size(document: Mapping[str, Any]) -> int:
    """Returns the characters that IAM counts of a document."""
    return len(json.dumps(document, separators=(",", ":")))


def files(environment: str) -> Iterator[tuple[Path, str]]:
    """Yields the files of an environment's documents, and their text."""
    for number, document in enumerate(documents(environment, default_place(environment)), 1):
        yield FOLDER / f"{environment}-{number}.json", json.dumps(document, indent=2) + "\n"


def asked(log: Path, key: str) -> dict[str, list[str]]:
    """Returns action -> resources, sorted: what an access key asked local AWS for, as its log of requests has it.

    Ids that are made up anew each time, and names of objects, are left out of the resources.
    """
    found: dict[str, set[str]] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        request = json.loads(line)
        if request["key"] == key:
            found.setdefault(request["action"], set()).add(_lasting(request["resource"]))
    return {action: sorted(resources) for action, resources in sorted(found.items())}


def _lasting(resource: str) -> str:
    shorter = re.sub(r"\b(vpc|subnet|sg|rtb|eni|fl|acl)-[0-9a-f]{8,}", r"\1-1", resource)
    shorter = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "1", shorter)
    return re.sub(r"^(arn:aws:s3:::[^/]+/[^/]+)/.*", r"\1/x", shorter)


def _statement(each: Mapping[str, Any], place: Place) -> dict[str, Any]:
    condition = {
        operator: {place.fill(key): _filled(value, place) for key, value in keys.items()}
        for operator, keys in each.get("condition", {}).items()
    }
    return {
        "Sid": each["sid"],
        "Effect": "Allow",
        "Action": each["actions"],
        "Resource": [place.fill(resource) for resource in each["resources"]],
        **({"Condition": condition} if condition else {}),
    }


def _filled(value: str | list[str], place: Place) -> str | list[str]:
    return place.fill(value) if isinstance(value, str) else [place.fill(each) for each in value]


def main(log: str = "", key: str = "") -> None:
    if log:
        RECORDED.write_text(json.dumps(asked(Path(log), key), indent=1) + "\n", encoding="utf-8")
    kept = {file: text for environment in environments.names() for file, text in files(environment)}
    for stray in {*FOLDER.glob("*.json")} - kept.keys():
        stray.unlink()
    for file, text in kept.items():
        file.write_text(text, encoding="utf-8")
        print(file.relative_to(paths.REPOSITORY))


if __name__ == "__main__":
    main(*sys.argv[1:])
