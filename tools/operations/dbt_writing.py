"""Writes the files for dbt into a folder, over none that somebody else wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools import files
from tools.cli import console
from tools.deployments.aws import Aws
from tools.errors import LakeError, RefusedError
from tools.lake import dbt_models, glue_catalog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.deployments.deployment import Deployment
    from tools.deployments.outputs import Outputs, Table


def write(folder: Path, lake: Deployment, outputs: Outputs, chosen: Mapping[str, Table], *, quiet: bool) -> list[str]:
    """Writes sources and models of the chosen tables, and returns the names of the files.

    Raises:
        LakeError: the lake has no catalog, it cannot be read, or a file cannot be written.
        RefusedError: a file is there that these tools did not write; none is written then.
    """
    names = [table.catalog_table for _, table in sorted(chosen.items()) if table.catalog_table]
    if outputs.database_name is None or not names:
        raise LakeError(f"{lake.label} has no catalog that --dbt could describe; deploy it again")
    found = glue_catalog.relations(
        Aws(lake.environment_variables, outputs.region).client("glue"), outputs.database_name
    )
    theirs = {f"{name}{suffix}" for name in names for suffix in ("", "_changes", "_current", "_failed", "_history")}
    wanted = dbt_models.files(outputs.database_name, names, [each for each in found if each.name in theirs])
    foreign = [name for name in wanted if not _is_ours(folder / name)]
    if foreign:
        raise RefusedError(
            f"refused: {folder} has {', '.join(foreign)}, written or changed by somebody else; "
            "move it away, or give another folder"
        )
    for name, content in wanted.items():
        try:
            files.write_bytes(folder / name, content)
            (folder / name).chmod(0o644)
        except OSError as error:
            raise LakeError(f"{folder / name} cannot be written ({error.strerror})") from None
    if not quiet:
        console.say(f"Written to {folder}: {', '.join(wanted)}.")
    return list(wanted)


def _is_ours(file: Path) -> bool:
    """Says whether there is no such file, or its first line says that these tools wrote it."""
    try:
        first = file.read_bytes().split(b"\n", 1)[0]
    except FileNotFoundError:
        return True
    except OSError as error:
        raise LakeError(f"{file} cannot be read ({error.strerror})") from None
    return first.decode(errors="replace").endswith(dbt_models.MARK)
