"""The user's transform hook as part of the artifact: one Python file, or one package folder, that is looked at first.

What would only fail at the function's first cold start fails here: the module that cannot be imported, the name that
is taken, the function that is not there. The code is read, never run.
"""

from __future__ import annotations

import ast
import keyword
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tools.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

DEFAULT_FUNCTION: Final = "hook"

# As the function's own settings read TRANSFORM_HOOK.
_REFERENCE: Final = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True)
class HookCode:
    """A hook that can be packaged.

    Attributes:
        reference: `package.module:function`, what TRANSFORM_HOOK has to say.
        files: path in the zip -> bytes.
    """

    reference: str
    files: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """The module or package at the top of the zip."""
        return self.reference.partition(":")[0].partition(".")[0]


def read(path: Path, reference: str | None = None) -> HookCode:
    """Reads the hook at `path`, a Python file or a package folder.

    Args:
        path: where the code lies.
        reference: which function of it is the hook; None is the function `hook` of the file, or of the package's
            `__init__.py`.

    Raises:
        UsageError: there is nothing there, it cannot be imported by its name, or the function is not in it.
    """
    name = path.stem if path.is_file() else path.resolve().name
    if not path.exists():
        raise UsageError(f"hook: there is no file or folder {path}")
    if path.is_file() and path.suffix != ".py":
        raise UsageError(f"hook: {path} is no Python file; give a file that ends in .py, or a package folder")
    if not (name.isascii() and name.isidentifier()) or keyword.iskeyword(name):
        raise UsageError(f"hook: {name!r} cannot be imported; name the file or folder like a Python module")
    if name in sys.stdlib_module_names:
        raise UsageError(f"hook: {name!r} is a module of Python itself; give the file or folder another name")
    if path.is_dir() and not (path / "__init__.py").is_file():
        raise UsageError(f"hook: the folder {path} is no package: it has no __init__.py")
    reference = reference or f"{name}:{DEFAULT_FUNCTION}"
    code = HookCode(reference, dict(_files(path, name)))
    _check_function(code, name, path)
    return code


def check_name(code: HookCode, taken: Iterable[str]) -> None:
    """Makes sure that the hook shares no name with what else is in the zip (paths).

    Raises:
        UsageError: it does.
    """
    if code.name in {path.partition("/")[0].partition(".")[0] for path in taken}:
        raise UsageError(f"hook: {code.name!r} is in the function's package already; give the hook another name")


def _files(path: Path, name: str) -> Iterator[tuple[str, bytes]]:
    if path.is_file():
        yield f"{name}.py", path.read_bytes()
        return
    for file in sorted(path.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            yield f"{name}/{file.relative_to(path).as_posix()}", file.read_bytes()


def _check_function(code: HookCode, name: str, path: Path) -> None:
    if not _REFERENCE.fullmatch(code.reference):
        raise UsageError(f"hook: {code.reference!r} is no reference; give package.module:function")
    module, _, function = code.reference.partition(":")
    if code.name != name:
        raise UsageError(f"hook: {code.reference!r} is not in {path}, which is imported as {name!r}")
    places = (f"{module.replace('.', '/')}.py", f"{module.replace('.', '/')}/__init__.py")
    found = [place for place in places if place in code.files]
    if not found:
        raise UsageError(f"hook: {path} has no module {module!r}")
    try:
        tree = ast.parse(code.files[found[0]])
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"hook: {found[0]} is no valid Python: {error}") from None
    if function not in set(_names(tree.body)):
        raise UsageError(f"hook: {found[0]} has no function {function!r}")


def _names(body: Iterable[ast.stmt]) -> Iterator[str]:
    """Yields the names that a module's own statements bind."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.ImportFrom(names=aliases) | ast.Import(names=aliases):
                yield from (alias.asname or alias.name.partition(".")[0] for alias in aliases)
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                yield name
            case ast.If(body=inner, orelse=other) | ast.Try(body=inner, orelse=other):
                yield from _names([*inner, *other])
