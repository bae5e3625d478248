"""What our checks have in common: a rule is a function from a block to whether it is kept."""

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

    def __init__(self, identifier: str, name: str, types: tuple[str, ...], is_kept: Rule) -> None:
        super().__init__(
            name=name, id=identifier, categories=[CheckCategories.GENERAL_SECURITY], supported_resources=types
        )
        self._is_kept = is_kept

    def scan_resource_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Applies the rule."""
        return CheckResult.PASSED if self._is_kept(conf) else CheckResult.FAILED


class PolicyRule(BaseDataCheck):
    """A rule for policy documents."""

    def __init__(self, identifier: str, name: str, is_kept: Rule) -> None:
        super().__init__(
            name=name,
            id=identifier,
            categories=[CheckCategories.IAM],
            supported_data=["aws_iam_policy_document"],
        )
        self._is_kept = is_kept

    def scan_data_conf(self, conf: dict[str, list[Any]]) -> CheckResult:
        """Applies the rule."""
        return CheckResult.PASSED if self._is_kept(conf) else CheckResult.FAILED


def never(_: Mapping[str, Any]) -> bool:
    """False: that there is such a resource breaks the rule."""
    return False
