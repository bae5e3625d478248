"""SQL of the comparison, for DuckDB. Letters of outcomes and events are those of `claims` and `digests`.

The order of changes is that of the views: time, length and text of the sequence number, identity.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST_WINDOWS: Final = """
CREATE OR REPLACE TABLE windows AS
WITH claimed AS (SELECT * FROM claims WHERE k IS NOT NULL AND hash(k) % $parts = $part)
SELECT id, version, outcome, dig, true AS same_key, k, k AS open_k, item_key, lo, hi FROM claimed
UNION ALL
SELECT k, 0, 'A', NULL, true, k, k, NULL, $first, $last
FROM (SELECT DISTINCT k FROM lake WHERE ev <> 'B' AND hash(k) % $parts = $part) AS known
WHERE NOT EXISTS (SELECT 1 FROM claimed WHERE claimed.k = known.k)
"""
"""A window for each item, and for each key that the lake alone has."""

NEXT_WINDOWS: Final = """
CREATE OR REPLACE TABLE windows AS
SELECT o.id, c.version, c.outcome, c.dig, coalesce(c.k = o.k, true) AS same_key,
  CASE WHEN c.outcome = 'A' THEN o.k ELSE coalesce(c.k, o.k) END AS k, o.k AS open_k, c.item_key, c.lo, c.hi
FROM open AS o JOIN claims AS c ON c.id = o.id
WHERE hash(o.id) % $parts = $part
"""
"""A window for each claim about a key that is open."""

STATES: Final = """
SELECT w.id, w.version, w.outcome, w.dig, w.same_key, w.open_k, w.item_key, w.lo,
  arg_max({'object': l.object, 'line': l.line, 'us': l.us, 'ev': l.ev, 'dig': l.dig, 'seq': l.seq, 'eid': l.eid},
    (l.us, length(l.seq), l.seq, l.eid)) FILTER (l.us <= w.lo - $margin) AS before,
  any_value(l.cdc_key) AS cdc_key,
  count(l.us) FILTER (l.us > w.lo - $margin AND l.us <= w.hi + $margin) AS moving,
  coalesce(bool_or(CASE WHEN w.outcome = 'A' THEN l.ev = 'R' ELSE l.ev <> 'R' AND l.dig = w.dig END)
    FILTER (l.us > w.lo - $margin AND l.us <= w.hi + $margin), false) AS met
FROM windows AS w LEFT JOIN lake AS l ON l.k = w.k AND l.ev <> 'B'
GROUP BY w.id, w.version, w.outcome, w.dig, w.same_key, w.open_k, w.item_key, w.lo, w.hi
ORDER BY w.id, w.open_k, w.version
"""
"""What the lake has for each window. A row of the lake that is later than the window says nothing of it."""

HIDDEN: Final = "SELECT id, outcome, item_key, lo FROM claims WHERE k IS NULL AND outcome <> 'A'"
"""Items of which there is neither a line nor a key that may be shown."""

LOST_VERSIONS: Final = """
SELECT any_value(cdc_key), min(counter), max(counter), max(counter) - min(counter) + 1 - count(DISTINCT counter)
FROM lake WHERE counter IS NOT NULL AND us <= $until GROUP BY k
HAVING max(counter) - min(counter) + 1 > count(DISTINCT counter) ORDER BY 4 DESC, 1
"""

QUIET: Final = """
SELECT us, later FROM (
    SELECT us, lead(us, 1, $until) OVER (ORDER BY us) AS later
    FROM (SELECT DISTINCT us FROM lake WHERE ev NOT IN ('B', 'S') AND us BETWEEN $since AND $until)
) WHERE later - us >= $least ORDER BY later - us DESC LIMIT 1
"""
"""The longest time between two changes that came one after the other; rows of snapshots are none."""

ROWS: Final = """
SELECT k, object, line, us, ev, dig, seq, eid FROM lake
WHERE ev <> 'B' AND k IN (SELECT CAST(unnest($keys) AS UUID)) ORDER BY k, us, length(seq), seq, eid
"""
"""All rows of some keys, in the order of changes."""

HAVE: Final = "SELECT DISTINCT k FROM lake WHERE k IN (SELECT CAST(unnest($keys) AS UUID))"
COUNTS: Final = "SELECT count(*), count(*) FILTER (ev = 'B') FROM lake"
CLAIMS: Final = "SELECT count(*) FROM claims"
OPEN_TABLE: Final = "CREATE OR REPLACE TABLE open (id UUID, k UUID)"
OPEN: Final = "INSERT INTO open SELECT CAST(unnest($ids) AS UUID), CAST(unnest($keys) AS UUID)"
FILES_TABLE: Final = "CREATE OR REPLACE TABLE files (file VARCHAR, object UINTEGER)"
FILES: Final = "INSERT INTO files SELECT unnest($files), unnest($objects)"


def table(name: str, columns: Mapping[str, str], *more: str) -> str:
    """Returns the statement that makes a table of columns: name -> type."""
    return f"CREATE OR REPLACE TABLE {name} ({', '.join((*more, *(f'{each} {columns[each]}' for each in columns)))})"


def load_lines(columns: Mapping[str, str]) -> str:
    """Returns the statement that adds the lines in files of CSV, each with the number of its object.

    An empty text is read as null, which would come after all others in the order of changes.
    """
    texts = ", ".join(f"coalesce({name}, '') AS {name}" for name, kind in columns.items() if kind == "VARCHAR")
    chosen = f"f.object, c.* EXCLUDE filename REPLACE ({texts})"
    return f"INSERT INTO lake SELECT {chosen} FROM {_csv(columns)} AS c JOIN files AS f ON f.file = c.filename"  # noqa: S608  # names of ours


def load_claims(columns: Mapping[str, str]) -> str:
    """Returns the statement that adds the claims in files of CSV."""
    return f"INSERT INTO claims SELECT * EXCLUDE filename FROM {_csv(columns)}"  # noqa: S608  # names of ours


def _csv(columns: Mapping[str, str]) -> str:
    types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns.items())
    return (
        f"read_csv($files, columns = {{{types}}}, header = false, delim = ',', quote = '', escape = '', "
        "compression = 'gzip', filename = true, auto_detect = false)"
    )
