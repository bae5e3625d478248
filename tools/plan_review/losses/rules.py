"""Which change of which setting loses data, or its protection, while the resource stays: every rule, once.

A rule says what AWS does; the page of AWS's documentation that says so is named beside it.
"""

from __future__ import annotations

from typing import Final

from tools.plan_review.losses import of_buckets, of_delivery, of_keys, of_streams, of_tables, of_the_rest

RULES: Final = (
    *of_tables.RULES,
    *of_streams.RULES,
    *of_delivery.RULES,
    *of_buckets.RULES,
    *of_keys.RULES,
    *of_the_rest.RULES,
)
"""In the order in which data passes the resources."""
