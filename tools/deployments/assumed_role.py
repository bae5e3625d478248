"""Credentials of an assumed role that AWS's clients renew by themselves, those of Terraform and those of boto3.

An assumed role's credentials last an hour, and emptying a lake or waiting for network interfaces takes longer. Both
take a `credential_process` from a profile, and run it again when what it printed expires (AWS SDKs and Tools Reference
Guide, "Process credential provider"). This file is that process, run with the user's own credentials; what it prints
is kept in a file for this user alone, so that AWS is asked once for all clients of a command.
"""

from __future__ import annotations

import atexit
import json
import os
import shlex
import shutil
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))

from tools import files

if TYPE_CHECKING:
    from collections.abc import Mapping

PROFILE: Final = "dynamo-to-lake"
KEYS: Final = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
BASE: Final = "LAKE_BASE_CREDENTIALS"
"""Environment variable: as JSON, the variables of the AWS CLI with which the role is assumed."""

_SPARE: Final = timedelta(minutes=20)
"""How long credentials must still last that are handed out again: clients renew theirs up to 15 minutes early."""
_CACHE: Final = "credentials.json"
_REMEDY: Final = "remove it"
_KEPT: Final = ("AWS_CA_BUNDLE", "AWS_DEFAULT_REGION", "AWS_REGION")
_KEPT_PREFIX: Final = "AWS_ENDPOINT_URL"


def with_profile(base: Mapping[str, str], profile: str) -> dict[str, str]:
    """Returns `base`, variables of the AWS CLI, changed so that a profile counts and no keys do."""
    return {**{name: value for name, value in base.items() if name not in KEYS}, "AWS_PROFILE": profile}


def acting(base: Mapping[str, str], role_arn: str) -> dict[str, str]:
    """Returns `base`, variables of the AWS CLI, changed so that clients act as the role for as long as they run.

    The role is assumed at once. The profile that it needs lies in a temporary folder that goes when this process ends.

    Raises:
        BotoCoreError, ClientError: it cannot be assumed.
    """
    own = {name: value for name, value in base.items() if name.startswith("AWS_")}
    folder = Path(tempfile.mkdtemp(prefix=f"{PROFILE}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    obtain(folder, own, role_arn)
    profile = [own["AWS_PROFILE"]] if "AWS_PROFILE" in own and KEYS[0] not in own else []
    command = shlex.join([sys.executable, "-P", __file__, str(folder), role_arn, *profile])
    config = folder / "config"
    config.write_text(f"[profile {PROFILE}]\ncredential_process = {command}\n", encoding="utf-8")
    others = {name: value for name, value in base.items() if name not in own or _is_no_credential(name)}
    return {**others, "AWS_PROFILE": PROFILE, "AWS_CONFIG_FILE": str(config), BASE: json.dumps(own)}


def obtain(folder: Path, base: Mapping[str, str], role_arn: str) -> dict[str, Any]:
    """Returns the role's credentials as a `credential_process` prints them: those in `folder`, or fresh ones.

    Raises:
        BotoCoreError, ClientError: the role cannot be assumed.
    """
    kept = files.read_json(folder / _CACHE, _REMEDY)
    if kept and datetime.fromisoformat(kept["Expiration"]) - datetime.now(UTC) > _SPARE:
        return kept
    fresh = _assume(base, role_arn)
    files.write_json(folder / _CACHE, fresh)
    return fresh


def _assume(base: Mapping[str, str], role_arn: str) -> dict[str, Any]:
    from tools.deployments.aws import Aws  # noqa: PLC0415  # takes half a second, which kept credentials spare

    # STS answers in every Region; some client needs one to start from.
    region = None if base.get("AWS_REGION") or base.get("AWS_DEFAULT_REGION") else "us-east-1"
    given = Aws(base, region).client("sts").assume_role(RoleArn=role_arn, RoleSessionName=PROFILE)["Credentials"]
    return {
        "Version": 1,
        "AccessKeyId": given["AccessKeyId"],
        "SecretAccessKey": given["SecretAccessKey"],
        "SessionToken": given["SessionToken"],
        "Expiration": given["Expiration"].astimezone(UTC).isoformat(timespec="seconds"),
    }


def _is_no_credential(name: str) -> bool:
    return name in _KEPT or name.startswith(_KEPT_PREFIX)


def main() -> None:
    """Prints the credentials of a role; arguments: the folder that keeps them, the role, and the profile to start from.

    A client of this project's own runs it with the user's variables, Terraform with those that `acting` returned.
    """
    folder, role_arn, *profile = sys.argv[1:]
    base = with_profile(os.environ, profile[0]) if profile else os.environ
    if BASE in os.environ:
        base = json.loads(os.environ[BASE])
    print(json.dumps(obtain(Path(folder), base, role_arn)))


if __name__ == "__main__":
    main()
