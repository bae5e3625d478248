"""Where pages come from: the templates of a package, and those of the plan review, which others include."""

from __future__ import annotations

from typing import Final

import jinja2

from tools.sizing.amounts import usd

_SHARED: Final = "tools.plan_review"


def environment(package: str = _SHARED) -> jinja2.Environment:
    """Returns what renders the templates of a package. What is unknown fails, and values cannot become markup."""
    packages = dict.fromkeys((package, _SHARED))
    found = jinja2.Environment(
        loader=jinja2.ChoiceLoader([jinja2.PackageLoader(each, "templates") for each in packages]),
        autoescape=jinja2.select_autoescape(["html"]),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["usd"] = usd
    return found
