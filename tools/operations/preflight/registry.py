"""All checks of the account, in the order in which their findings are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tools.operations.preflight import (
    organisation,
    permissions,
    quotas,
    service_role,
    tables,
    taken_names,
    zones,
)

if TYPE_CHECKING:
    from tools.operations.preflight.check import Check

CHECKS: Final[tuple[Check[Any], ...]] = (
    tables.CHECK,
    zones.CHECK,
    *taken_names.CHECKS,
    *organisation.CHECKS,
    *quotas.CHECKS,
    service_role.CHECK,
    permissions.CHECK,
)
