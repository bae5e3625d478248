"""The options by which a user says what a plan may lose, for each verb that reviews one."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import click

from tools.plan_review.guards import LOSS, REPLACE, Allowed

if TYPE_CHECKING:
    from collections.abc import Callable


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --allow-replace and --allow-loss; the command gets them as `allowed`."""

    @functools.wraps(command)
    def call(
        *,
        allow_replace: tuple[str, ...],
        allow_loss: tuple[str, ...],
        **others: Any,  # noqa: ANN401  # the command's other options
    ) -> Any:  # noqa: ANN401  # the command's own result
        return command(allowed=Allowed(allow_replace, allow_loss), **others)

    replace = click.option(
        REPLACE,
        multiple=True,
        metavar="ADDRESS",
        help="Let this resource be replaced, deleted or forgotten; repeatable.",
    )
    loss = click.option(
        LOSS, multiple=True, metavar="ADDRESS", help="Let this resource lose data or its protection; repeatable."
    )
    return replace(loss(call))
