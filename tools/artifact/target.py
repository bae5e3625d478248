"""What an artifact runs on: a Lambda runtime and architecture, or this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

RUNTIMES: Final = ("python3.11", "python3.12", "python3.13")
ARCHITECTURES: Final = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's name of an architecture -> the name wheels use."""


@dataclass(frozen=True)
class Target:
    """What an artifact runs on: a Lambda runtime and architecture, or this machine (both None)."""

    runtime: str | None
    architecture: str | None

    @property
    def label(self) -> str:
        """The part of the file name that tells targets apart."""
        return f"{self.runtime}-{self.architecture}" if self.runtime else "local"

    @property
    def pip_options(self) -> list[str]:
        """Options by which pip picks wheels of this target; none for this machine."""
        if not self.runtime or not self.architecture:
            return []
        version = self.runtime.removeprefix("python")
        abi = "cp" + version.replace(".", "")
        platform_tag = f"manylinux2014_{ARCHITECTURES[self.architecture]}"
        return ["--platform", platform_tag, "--python-version", version, "--implementation", "cp", "--abi", abi]


LOCAL: Final = Target(None, None)


def problems(transform: object) -> Iterator[tuple[tuple[str, str], str]]:
    """Yields what is wrong with the target in `transform`, as the user gave it: the path of the value, and the reason.

    What has another type than the variable's is left to others.
    """
    settings = transform if isinstance(transform, dict) else {}
    for name, accepted in (("runtime", RUNTIMES), ("architecture", tuple(ARCHITECTURES))):
        value = settings.get(name)
        if isinstance(value, str) and value not in accepted:
            yield ("transform", name), f"{value!r} is not supported; use one of {', '.join(accepted)}"


def lambda_target(runtime: str, architecture: str) -> Target:
    """Returns the target for a Lambda runtime and architecture.

    Raises:
        UsageError: either name is not one that the function supports.
    """
    if runtime not in RUNTIMES:
        raise UsageError(f"runtime {runtime!r} is not supported; choose one of {', '.join(RUNTIMES)}")
    if architecture not in ARCHITECTURES:
        raise UsageError(f"architecture {architecture!r} is not one of Lambda's: {', '.join(ARCHITECTURES)}")
    return Target(runtime, architecture)
