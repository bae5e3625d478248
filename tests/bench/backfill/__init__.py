"""How long the engines of a backfill take, and that real PySpark writes the same lines: `make bench-backfill`."""
