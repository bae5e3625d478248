"""Athena as AWS documents it, in place of the emulator's: what a query answers here, it answers in an account.

`service` takes the requests, `statements` runs one, as the `caller` who asked for it. Its tables come from `catalog`,
what lies in them through `projection`, `loading` and `serde`. `planning` finds the tables; `dialect`, `calls`, `casts`,
`dates`, `rewriting` and `functions` turn Athena's SQL into DuckDB's, or refuse it: what cannot be answered rightly
fails with a reason that says so. `results` writes the answer.
"""
