"""Which arguments, blocks and attributes the next major version of the AWS provider has, of the types that we use.

The provider itself is not needed: the bindings of the Terraform CDK, which are made from its schema, are a package on
PyPI. The extract is a file beside this one; after a new type of resource, or for a newer version, make it anew:

    pip download --no-deps cdktf-cdktf-provider-aws==21.22.1
    .venv/bin/python -m tests.plan.provider_schema cdktf_cdktf_provider_aws-*.whl
"""

from __future__ import annotations

import ast
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.plan import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.plan.written import Argument

FILE: Final = Path(__file__).parent / "provider_6.json"
_PACKAGE: Final = "cdktf_cdktf_provider_aws"
_VERSION: Final = re.compile(r"/providers/hashicorp/aws/([\d.]+)/docs")
_OF_THE_CDK: Final = {
    *("connection", "count", "depends_on", "for_each", "lifecycle", "provider", "provisioners"),
    *("alias", "tags_all"),
}
"""What the CDK has for every resource and provider, and arguments that nobody sets."""

Schema = dict[str, Any]
"""Name -> None for an argument, "deprecated" for one that is to go, or the schema of a block."""


def read() -> dict[str, Any]:
    """Returns the extract: `version`, and `types`, each (a data source has "data." before it) with its arguments.

    Beside the arguments stand the `attributes` that are none, which can only be read.
    """
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


def extract(wheel: Path, types: Iterable[str]) -> dict[str, Any]:
    """Returns the extract of the bindings for some types."""
    with zipfile.ZipFile(wheel) as package:
        sources = {kind: package.read(f"{_PACKAGE}/{_module(kind)}/__init__.py").decode() for kind in sorted(types)}
    versions = {version for source in sources.values() for version in _VERSION.findall(source)}
    if len(versions) != 1:
        raise ValueError(f"the bindings are of {sorted(versions)}, not of one version of the provider")
    return {"version": versions.pop(), "types": {kind: _described(source) for kind, source in sources.items()}}


def _module(kind: str) -> str:
    if kind == "provider":
        return kind
    return f"data_{kind.removeprefix('data.')}" if kind.startswith("data.") else kind.removeprefix("aws_")


def _described(source: str) -> dict[str, Any]:
    classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    # The configuration is the class that every resource's class is made with, and is named for it.
    (name,) = [each for each in classes if each.endswith("Config") and each.removesuffix("Config") in classes]
    arguments = _arguments(classes, name)
    attributes = _attributes(classes[name.removesuffix("Config")])
    return {"arguments": arguments, "attributes": sorted(attributes - arguments.keys())}


def _arguments(classes: dict[str, ast.ClassDef], name: str) -> Schema:
    made = _method(classes[name], "__init__")
    said = ast.get_docstring(made) or ""
    found: Schema = {}
    for argument in made.args.kwonlyargs:
        if argument.arg in _OF_THE_CDK:
            continue
        inner = re.findall(
            rf"""["']({name.removesuffix("Config")}\w+)["']""", ast.unparse(argument.annotation or argument)
        )
        described = re.search(rf"^:param {argument.arg}: (.*)$", said, re.MULTILINE)
        is_deprecated = described and re.search(r"\bdeprecated\b", described[1], re.IGNORECASE)
        # The bindings add "_" to names that are words of Python.
        own = argument.arg.removesuffix("_")
        found[own] = _arguments(classes, inner[0]) if inner else "deprecated" if is_deprecated else None
    return found


def _attributes(resource: ast.ClassDef) -> set[str]:
    properties = {
        node.name
        for node in resource.body
        if isinstance(node, ast.FunctionDef) and any("property" in ast.unparse(each) for each in node.decorator_list)
    }
    return {name for name in properties if not name.endswith("_input")}


def faults(schema: Mapping[str, Any], argument: Argument) -> str:
    """Returns what is wrong with an argument, a block or an attribute that is read, by an extract; "" for nothing."""
    of_type = schema["types"].get(argument.kind)
    if of_type is None:
        return "the extract does not have this type; make it anew"
    level: Any = of_type["arguments"]
    for name in argument.path:
        if not isinstance(level, dict):
            return ""
        if name not in level:
            is_read = argument.path == (name,) and argument.is_read and name in of_type["attributes"]
            return "" if is_read else f"provider {schema['version']} does not have it"
        if level[name] == "deprecated":
            return f"deprecated in provider {schema['version']}"
        level = level[name]
    return ""


def _method(node: ast.ClassDef, name: str) -> ast.FunctionDef:
    return next(each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == name)


def main() -> None:
    """Writes the extract from the wheel that the command line names."""
    made = extract(Path(sys.argv[1]), written.types())
    FILE.write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
