"""The error of this package."""

from __future__ import annotations


class BackfillError(RuntimeError):
    """A set cannot be written. The message names objects and numbers, and never what is in an item."""
