"""Athena's functions, and how DuckDB computes the same. A function that is not here is refused.

Source: "Functions in Amazon Athena" of the Athena User Guide, and "Functions and operators" of Trino's documentation.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

# How arguments are declared: v varchar, n number, i integer, d date or timestamp, b boolean, a array, m map, j JSON,
# t JSON or varchar, y varbinary, x anything, s of the first one's kind, * the last one again any number of times.
_DATE_PARTS: Final = {
    "year": "year({0})",
    "quarter": "quarter({0})",
    "month": "month({0})",
    "week": "weekofyear({0})",
    "week_of_year": "weekofyear({0})",
    "day": "day({0})",
    "day_of_month": "day({0})",
    "day_of_week": "isodow({0})",
    "dow": "isodow({0})",
    "day_of_year": "dayofyear({0})",
    "doy": "dayofyear({0})",
    "year_of_week": "isoyear({0})",
    "yow": "isoyear({0})",
    "hour": "hour({0})",
    "minute": "minute({0})",
    "second": "second({0})",
    "millisecond": "(millisecond({0}) % 1000)",
}
_BLANKS: Final = "chr(32) || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"
_DOUBLES: Final = ("sqrt", "exp", "ln", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "cbrt", "degrees")

DATE_PARTS: Final = {name: f"CAST({template} AS BIGINT)" for name, template in _DATE_PARTS.items()}
"""Part of a date or timestamp -> its template."""

FUNCTIONS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    **{name: (("d", template),) for name, template in DATE_PARTS.items()},
    **{name: (("n", f"{name}(CAST({{0}} AS DOUBLE))"),) for name in _DOUBLES},
    "power": (("nn", "pow(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE))"),),
    "pow": (("nn", "pow(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE))"),),
    "log": (("nn", "log(CAST({0} AS DOUBLE), CAST({1} AS DOUBLE))"),),
    "abs": (("n", "abs({0})"),),
    "pi": (("", "pi()"),),
    "e": (("", "exp(1e0)"),),
    "nan": (("", "CAST('nan' AS DOUBLE)"),),
    "infinity": (("", "CAST('inf' AS DOUBLE)"),),
    "is_nan": (("n", "isnan(CAST({0} AS DOUBLE))"),),
    "rand": (("", "random()"),),
    "random": (("", "random()"),),
    # Text.
    "lower": (("v", "lower({0})"),),
    "upper": (("v", "upper({0})"),),
    "length": (("v", "length({0})"),),
    "trim": (("v", f"trim({{0}}, {_BLANKS})"),),
    "ltrim": (("v", f"ltrim({{0}}, {_BLANKS})"),),
    "rtrim": (("v", f"rtrim({{0}}, {_BLANKS})"),),
    "replace": (("vvv", "replace({0}, {1}, {2})"), ("vv", "replace({0}, {1}, '')")),
    "reverse": (("v", "reverse({0})"), ("a", "list_reverse({0})")),
    "strpos": (("vv", "strpos({0}, {1})"),),
    "starts_with": (("vv", "starts_with({0}, {1})"),),
    "substring": (("vi", "athena_substr({0}, {1}, NULL)"), ("vii", "athena_substr({0}, {1}, {2})")),
    "substr": (("vi", "athena_substr({0}, {1}, NULL)"), ("vii", "athena_substr({0}, {1}, {2})")),
    "lpad": (("viv", "lpad({0}, CAST({1} AS INTEGER), {2})"),),
    "rpad": (("viv", "rpad({0}, CAST({1} AS INTEGER), {2})"),),
    "chr": (("i", "chr(CAST({0} AS INTEGER))"),),
    "codepoint": (("v", "unicode({0})"),),
    "split": (("vv", "string_split({0}, athena_delimiter({1}))"),),
    "split_part": (("vvi", "athena_part({0}, {1}, {2})"),),
    "concat_ws": (("vv*", "concat_ws({all})"),),
    "regexp_like": (("vv", "regexp_matches({0}, {1})"),),
    "regexp_extract": (("vv", "athena_extract({0}, {1}, 0)"), ("vvi", "athena_extract({0}, {1}, {2})")),
    "regexp_extract_all": (("vv", "regexp_extract_all({0}, {1})"), ("vvi", "regexp_extract_all({0}, {1}, {2})")),
    "regexp_split": (("vv", "string_split_regex({0}, {1})"),),
    "regexp_count": (("vv", "len(regexp_extract_all({0}, {1}))"),),
    "to_utf8": (("v", "encode({0})"),),
    "from_utf8": (("y", "decode({0})"),),
    "to_hex": (("y", "hex({0})"),),
    "from_hex": (("v", "unhex({0})"),),
    "to_base64": (("y", "to_base64({0})"),),
    "from_base64": (("v", "from_base64({0})"),),
    "md5": (("y", "unhex(md5({0}))"),),
    "sha1": (("y", "unhex(sha1({0}))"),),
    "sha256": (("y", "unhex(sha256({0}))"),),
    # Times.
    "now": (("", "athena_round(now(), 1000)"),),
    "from_unixtime": (("n", "athena_round(to_timestamp(CAST({0} AS DOUBLE)), 1000)"),),
    "to_unixtime": (("d", "epoch({0})"),),
    "last_day_of_month": (("d", "last_day({0})"),),
    "from_iso8601_date": (("v", "athena_date({0})"),),
    "from_iso8601_timestamp": (("v", "athena_iso({0})"),),
    # JSON.
    "json_parse": (("v", "athena_json({0})"),),
    "json_format": (("j", "athena_json_text({0})"),),
    "json_array_length": (("t", "athena_json_length({0})"),),
    # Arrays and maps.
    "cardinality": (("a", "len({0})"), ("m", "CAST(cardinality({0}) AS BIGINT)")),
    "element_at": (("ai", "athena_element({0}, {1})"), ("mx", "map_extract_value({0}, {1})")),
    "contains": (("ax", "athena_contains({0}, {1})"),),
    "array_sort": (("a", "list_sort({0})"),),
    "array_max": (("a", "athena_extreme({0}, list_max({0}))"),),
    "array_min": (("a", "athena_extreme({0}, list_min({0}))"),),
    "array_distinct": (("a", "list_filter({0}, lambda each, place: list_position({0}, each) = place)"),),
    "array_position": (("ax", "CAST(coalesce(list_position({0}, {1}), 0) AS BIGINT)"),),
    "arrays_overlap": (("aa", "list_has_any({0}, {1})"),),
    "flatten": (("a", "flatten({0})"),),
    "slice": (("aii", "list_slice({0}, {1}, {1} + {2} - 1)"),),
    "sequence": (("ii", "generate_series({0}, {1})"), ("iii", "generate_series({0}, {1}, {2})")),
    "map": (("aa", "map({0}, {1})"),),
    "map_keys": (("m", "map_keys({0})"),),
    "map_values": (("m", "map_values({0})"),),
    # Any kind.
    "coalesce": (("xs*", "coalesce({all})"),),
    "nullif": (("xs", "nullif({0}, {1})"),),
    "greatest": (("xs*", "CASE WHEN ({nulls}) THEN NULL ELSE greatest({all}) END"),),
    "least": (("xs*", "CASE WHEN ({nulls}) THEN NULL ELSE least({all}) END"),),
    "if": (("bxs", "CASE WHEN {0} THEN {1} ELSE {2} END"), ("bx", "CASE WHEN {0} THEN {1} END")),
    "try": (("x", "TRY({0})"),),
    "grouping": (("x*", "grouping({all})"),),
}
"""Name -> (arguments, template), one for each way to call it."""

AGGREGATES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "count": (("", "count(*)"), ("x", "count({0})")),
    "count_if": (("b", "count(CASE WHEN {0} THEN 1 END)"),),
    "min": (("x", "min({0})"),),
    "max": (("x", "max({0})"),),
    "max_by": (("xx", "arg_max_null({0}, {1})"),),
    "min_by": (("xx", "arg_min_null({0}, {1})"),),
    "arbitrary": (("x", "any_value({0})"),),
    "any_value": (("x", "any_value({0})"),),
    "array_agg": (("x", "array_agg({0})"),),
    "approx_distinct": (("x", "count(DISTINCT {0})"),),
    "bool_and": (("b", "bool_and({0})"),),
    "bool_or": (("b", "bool_or({0})"),),
    "every": (("b", "bool_and({0})"),),
    **{
        name: (("n", f"{name}(CAST({{0}} AS DOUBLE))"),)
        for name in ("stddev", "stddev_pop", "stddev_samp", "variance", "var_pop", "var_samp")
    },
}
"""As FUNCTIONS. The argument is not probed for its type: it is inside of an aggregate."""

WINDOWS: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    **{name: (("", f"{name}()"),) for name in ("row_number", "rank", "dense_rank", "percent_rank", "cume_dist")},
    "ntile": (("i", "ntile({0})"),),
    **{
        name: (("x", f"{name}({{0}})"), ("xi", f"{name}({{0}}, {{1}})"), ("xix", f"{name}({{0}}, {{1}}, {{2}})"))
        for name in ("lag", "lead")
    },
    "first_value": (("x", "first_value({0})"),),
    "last_value": (("x", "last_value({0})"),),
    "nth_value": (("xi", "nth_value({0}, {1})"),),
}
"""As AGGREGATES, of the functions that need OVER."""

MACROS: Final = Path(__file__).with_name("macros.sql").read_text()
"""What the templates call."""
