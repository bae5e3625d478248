"""Base classes of our checks. A rule is a function that returns whether a block passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkov.common.models.enums import CheckCategories, CheckResult
from checkov.terraform.checks.data.base_check import BaseDataCheck
from checkov.terraform.checks.resource.base_resource_check import BaseResourceCheck

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Rule = Callable[[Mapping[str, Any]], bool]


class ResourceRule(BaseResourceCheck):
    """A rule for resources of some types."""

    def __init__(self, identifier: str, name: str, types: tuple[str, ...], passes: Rule) -> None:
        super().__init__(
            name=name, id=identifier, categories=[CheckCategories.GENERAL_SECURITY], supported_resources=types
        )
        self._passes = passes

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Applies the rule."""
        return CheckResult.PASSED if self._passes(conf) else CheckResult.FAILED


class PolicyRule(BaseDataCheck):
    """A rule for policy documents."""

    def __init__(self, identifier: str, name: str, passes: Rule) -> None:
        super().__init__(
            name=name,
            id=identifier,
            categories=[CheckCategories.IAM],
            supported_data=["aws_iam_policy_document"],
        )
        self._passes = passes

    def scan_data_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Applies the rule."""
        return CheckResult.PASSED if self._passes(conf) else CheckResult.FAILED


def always_fails(_: Mapping[str, Any]) -> bool:
    """Returns False: the rule allows no such resource."""
    return False
