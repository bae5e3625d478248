"""The function that is measured: the built artifact, because the sources hold no native code."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from tools import paths


@contextlib.contextmanager
def unpacked(builds: Path = paths.BUILD) -> Iterator[Path]:
    """Unpacks the newest local artifact; this process and its children import the function from there.

    Its wheels are not unpacked: they can be for another Python, and the benchmark's environment has its own.

    Yields:
        The artifact.

    Raises:
        SystemExit: no artifact is built.
    """
    artifacts = sorted(builds.glob("lake_transform-local-*.zip"), key=lambda file: file.stat().st_mtime)
    if not artifacts:
        sys.exit(f"error: nothing is built in {builds}: run .venv/bin/python -m tools.build --local --native")
    # Beside the artifact, because a system can forbid to load a library from its folder of temporary files.
    with tempfile.TemporaryDirectory(prefix="bench-", dir=builds) as folder:
        with zipfile.ZipFile(artifacts[-1]) as archive:
            archive.extractall(folder, [name for name in archive.namelist() if name.startswith("lake_transform/")])
        with mock.patch.object(sys, "path", [folder, *sys.path]), mock.patch.dict(os.environ, PYTHONPATH=folder):
            yield artifacts[-1]
