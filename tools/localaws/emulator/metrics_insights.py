"""Queries of CloudWatch Metrics Insights, as much of them as alarms on one time series need.

Source: Amazon CloudWatch User Guide, "Metrics Insights query components and syntax".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUERY: Final = re.compile(
    r"""SELECT\s+(?P<function>AVG|COUNT|MAX|MIN|SUM)\((?P<metric>[\w.]+)\)\s+
    FROM\s+SCHEMA\("(?P<namespace>[^"]+)"(?P<dimensions>(?:,\s*\w+)*)\)
    (?:\s+WHERE\s+(?P<conditions>.+))?""",
    re.VERBOSE,
)
_CONDITION: Final = re.compile(r"(\w+)\s*=\s*'([^']*)'")
_STATISTICS: Final = {"AVG": "Average", "COUNT": "SampleCount", "MAX": "Maximum", "MIN": "Minimum", "SUM": "Sum"}


@dataclass(frozen=True)
class Query:
    """A query: a statistic of all metrics of a name that have just these dimensions, some with just these values."""

    statistic: str
    namespace: str
    metric: str
    dimensions: frozenset[str]
    values: Mapping[str, str]

    def selects(self, namespace: str, metric: str, dimensions: Mapping[str, str]) -> bool:
        """Returns whether the query asks for this metric."""
        asked = (self.namespace, self.metric, self.dimensions)
        return (namespace, metric, frozenset(dimensions)) == asked and self.values.items() <= dimensions.items()


def is_query(expression: str) -> bool:
    """Returns whether an expression is a query, and no metric math."""
    return expression.startswith("SELECT ")


def read(expression: str) -> Query:
    """Returns the query that an expression is.

    Raises:
        ValueError: it has parts that are not known here.

    >>> query = read("SELECT MAX(Age) FROM SCHEMA(\\"N\\", Table, Kind) WHERE Table = 't'")
    >>> query.statistic, query.selects("N", "Age", {"Table": "t", "Kind": "any"})
    ('Maximum', True)
    """
    found = _QUERY.fullmatch(expression.strip())
    conditions = re.split(r"\s+AND\s+", found["conditions"]) if found and found["conditions"] else []
    pairs = [_CONDITION.fullmatch(condition.strip()) for condition in conditions]
    if found is None or None in pairs:
        raise ValueError(f"not understood: {expression}")
    return Query(
        _STATISTICS[found["function"]],
        found["namespace"],
        found["metric"],
        frozenset(re.findall(r"\w+", found["dimensions"])),
        {pair[1]: pair[2] for pair in pairs if pair},
    )
