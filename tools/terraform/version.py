"""Which releases of Terraform the configuration works with."""

from __future__ import annotations

from typing import Final

from packaging.version import InvalidVersion, Version

OLDEST: Final = Version("1.11.0")
"""First release whose S3 backend locks natively (`use_lockfile`) without being experimental."""


def is_too_old(version: str) -> bool:
    """Returns whether a release is older than `OLDEST`; a version that cannot be read is not.

    >>> is_too_old("1.5.7"), is_too_old("1.11.0"), is_too_old("1.12.0-beta1"), is_too_old("dev")
    (True, False, False, False)
    """
    try:
        return Version(version) < OLDEST
    except InvalidVersion:
        return False
