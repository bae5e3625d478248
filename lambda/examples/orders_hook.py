"""An example of a transform hook, for a table of orders: it masks a column, derives one and drops rows.

`python -m tools.build --hook lambda/examples/orders_hook.py` packages it, and so does `python -m tools.deploy` with:

    transform = { hook = "orders_hook:hook", hook_source = "lambda/examples/orders_hook.py" }
"""

from __future__ import annotations

from decimal import Context, Decimal
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from lake_transform.change import HookChange

TEST_TENANT: Final = "load-test"

# Python's arithmetic rounds to 28 digits by default; the product of two numbers of DynamoDB has up to 76.
EXACT: Final = Context(prec=76)


def hook(row: dict[str, Any], change: HookChange | None) -> dict[str, Any] | None:  # noqa: ARG001 - the hook's signature
    """Returns the row to write, or None to drop it.

    >>> hook({"email": "eve@example.com", "price": Decimal("2.50"), "quantity": Decimal(3)}, None)
    {'email': '***@example.com', 'price': Decimal('2.50'), 'quantity': Decimal('3'), 'total': Decimal('7.50')}
    >>> hook({"tenant": "load-test"}, None) is None
    True
    """
    if row.get("tenant") == TEST_TENANT:
        return None
    email = row.get("email")
    if isinstance(email, str):
        row["email"] = "***@" + email.rpartition("@")[2] if "@" in email else "***"
    # A column can be missing or have another type: the items of a table can differ, and a REMOVE without an old image
    # has only its key.
    price, quantity = row.get("price"), row.get("quantity")
    if isinstance(price, Decimal) and isinstance(quantity, Decimal):
        row["total"] = EXACT.multiply(price, quantity)
    return row
