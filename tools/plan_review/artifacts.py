"""Which code a plan gives to a Lambda function, and whether the apply uploads it.

Terraform's provider uploads code when one of the function's arguments for code changes, and publishes a version when
anything of the function does. It does not compare the package with the code that the function has (`code_sha256`).
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Final

from tools.plan_review import attributes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tools.plan_review.plan import Plan, ResourceChange

FUNCTION: Final = "aws_lambda_function"
_CODE_ARGUMENTS: Final = (
    "filename",
    "source_code_hash",
    "s3_bucket",
    "s3_key",
    "s3_object_version",
    "image_uri",
    "architectures",
)
"""Arguments that make the provider upload code when one of them changes."""


@dataclass(frozen=True)
class Artifact:
    """The code package of one function, and what the apply does with it. Hashes are SHA-256 in hex."""

    address: str
    function_name: str
    file: str | None
    """Path of the local file; None where the package lies in S3."""
    bucket: str | None
    key: str | None
    sha256: str | None
    """Of the package; None where the plan does not tell: in S3, or not yet known."""
    is_uploaded: bool
    """False when the function is left with the code that it has."""
    sha256_before: str | None
    """Of the code that the function had when it was planned; None where there is no function yet."""
    size: int | None = None
    """Bytes of the package; None, like what follows, where only the plan is known."""
    has_native_code: bool | None = None

    @property
    def name(self) -> str:
        """The package: the name of the file, or the place in S3."""
        return PurePath(self.file).name if self.file else f"s3://{self.bucket}/{self.key}"

    def text(self) -> str:
        """Returns which package the function runs after the apply, in one line."""
        size = "" if self.size is None else f", {self.size:,} bytes"
        native = (
            "" if self.has_native_code is None else f", {'with' if self.has_native_code else 'without'} native code"
        )
        return f"{self.name}, sha256 {self.sha256 or '(not in the plan)'}{size}{native}: {self._effect()}"

    def _effect(self) -> str:
        if self.sha256_before is None:
            return "first code of the function"
        if self.sha256 == self.sha256_before:
            return "the function has this code already"
        if self.is_uploaded:
            return f"replaces the code with sha256 {self.sha256_before}"
        if self.sha256 is None:
            return f"not uploaded; the function has the code with sha256 {self.sha256_before}"
        return f"not uploaded, but the function has other code, with sha256 {self.sha256_before}"


def function_variables(function: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the environment variables of a function, as a plan has its attributes."""
    environment = function.get("environment") or [{}]
    return (environment[0] or {}).get("variables") or {}


def find(plan: Plan) -> tuple[Artifact, ...]:
    """Returns the code package of each function that exists after the apply."""
    return tuple(
        _artifact(change)
        for change in plan.resource_changes
        if change.mode == "managed" and change.type == FUNCTION and change.change.after
    )


def is_uploaded(resource: ResourceChange) -> bool:
    """Returns whether the apply gives a function a package; without, it is left with the code that it has."""
    return "create" in resource.change.actions or any(_differs(resource, name) for name in _CODE_ARGUMENTS)


def _artifact(resource: ResourceChange) -> Artifact:
    change = resource.change
    before, after = change.before or {}, change.after or {}
    file = after.get("filename") or None
    code_before = before.get("code_sha256") or None
    return Artifact(
        address=resource.address,
        function_name=str(after.get("function_name", "")),
        file=file,
        bucket=after.get("s3_bucket") or None,
        key=after.get("s3_key") or None,
        # Of a package in S3 the provider keeps whatever hash was there before.
        sha256=to_hex(after["source_code_hash"]) if file and after.get("source_code_hash") else None,
        is_uploaded=is_uploaded(resource),
        sha256_before=to_hex(code_before) if code_before and "create" not in change.actions else None,
    )


def _differs(resource: ResourceChange, name: str) -> bool:
    change = resource.change
    unknown = change.after_unknown.get(name) if isinstance(change.after_unknown, dict) else False
    return attributes.holds_mark(unknown) or _value(change.before, name) != _value(change.after, name)


def _value(values: dict[str, Any] | None, name: str) -> object:
    return (values or {}).get(name) or None


def to_hex(code_sha256: str) -> str:
    """Returns a SHA-256 in hex that Lambda, S3 and Terraform give in Base64.

    >>> to_hex("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    """
    return base64.b64decode(code_sha256).hex()
