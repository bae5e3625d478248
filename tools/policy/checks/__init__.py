"""Checks of our own for checkov: `PYTHONPATH=. checkov --directory envs --external-checks-dir tools/policy/checks`.

IDs are stable: CKV_LAKE_n looks at one resource, CKV2_LAKE_n at several that belong together.
"""

from pathlib import Path

# checkov loads what is named here.
__all__ = [file.stem for file in sorted(Path(__file__).parent.glob("*.py")) if file.stem != "__init__"]
