"""Athena as AWS documents it, in place of the emulator's: what a query answers here, it answers in an account.

`service` takes the requests, `statements` runs one, as `caller` who asked for it. Its tables come from `catalog`, what
lies in them through `projection`, `loading` and `serde`. `dialect`, `functions` and `typing` turn Athena's SQL into
DuckDB's, or refuse it: what cannot be answered rightly fails with a reason that says so. `results` writes the answer.
"""
