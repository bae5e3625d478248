"""`python -m tools`, installed as `dynamo-to-lake`: lists the verbs, and runs the one that is named."""

from __future__ import annotations

from tools.cli import verbs

if __name__ == "__main__":
    verbs.run()
