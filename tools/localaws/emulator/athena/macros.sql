-- What the templates in functions.py, casts.py and rewriting.py call. A failure is a text that is no integer: a CAST
-- can stand within TRY, which error() cannot.
CREATE MACRO athena_fail(message) AS CAST('athena:' || message AS INTEGER);
CREATE MACRO athena_cannot(x, kind) AS athena_fail('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to ' || kind);
CREATE MACRO athena_long(x, kind) AS CASE WHEN x IS NULL THEN NULL
  WHEN regexp_full_match(x, '[+-]?[0-9]+') THEN CAST(x AS BIGINT) ELSE athena_cannot(x, kind) END;
CREATE MACRO athena_number(x, kind) AS CASE WHEN x IS NULL THEN NULL
  WHEN regexp_full_match(x, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?') THEN x
  ELSE CAST(athena_cannot(x, kind) AS VARCHAR) END;
CREATE MACRO athena_double(x) AS CASE WHEN trim(x) = 'NaN' THEN CAST('nan' AS DOUBLE)
  WHEN regexp_full_match(trim(x), '[+-]?Infinity') THEN CAST(lower(trim(x)) AS DOUBLE)
  ELSE CAST(athena_number(trim(x), 'DOUBLE') AS DOUBLE) END;
CREATE MACRO athena_boolean(x) AS CASE WHEN x IS NULL THEN NULL WHEN lower(x) IN ('t', 'true', '1') THEN true
  WHEN lower(x) IN ('f', 'false', '0') THEN false ELSE CAST(athena_cannot(x, 'BOOLEAN') AS BOOLEAN) END;
CREATE MACRO athena_date(x) AS CASE WHEN x IS NULL THEN NULL
  WHEN regexp_full_match(x, '\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*') THEN CAST(trim(x) AS DATE)
  ELSE CAST(CAST(athena_fail('INVALID_CAST_ARGUMENT: Value cannot be cast to date: ' || x) AS VARCHAR) AS DATE) END;
CREATE MACRO athena_time(x) AS CASE WHEN x IS NULL THEN NULL
  WHEN regexp_full_match(x, '\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]{1,9})?)?)?\s*')
  THEN CAST(trim(regexp_replace(x, '( [0-9]{1,2}:[0-9]{1,2})\s*$', '\1:00')) AS TIMESTAMP)
  ELSE CAST(CAST(athena_fail('INVALID_CAST_ARGUMENT: Value cannot be cast to timestamp: ' || x) AS VARCHAR)
    AS TIMESTAMP) END;
CREATE MACRO athena_iso(x) AS CASE WHEN x IS NULL THEN NULL
  WHEN regexp_full_match(x, '[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,3})?(Z)?)?')
  THEN timezone('UTC', CAST(rtrim(replace(x, 'T', ' '), 'Z') AS TIMESTAMP))
  ELSE CAST(CAST(athena_fail('NOT_SUPPORTED: in local AWS, from_iso8601_timestamp reads UTC only: ' || x) AS VARCHAR)
    AS TIMESTAMPTZ) END;
CREATE MACRO athena_at(us, step) AS us + step // 2 - ((us + step // 2) % step + step) % step;
CREATE MACRO athena_round(x, step) AS x + to_microseconds(athena_at(epoch_us(x), step) - epoch_us(x));
CREATE MACRO athena_stamp(x) AS
  strftime(x, CASE WHEN epoch_us(x) % 1000 = 0 THEN '%Y-%m-%d %H:%M:%S.%g' ELSE '%Y-%m-%d %H:%M:%S.%f' END);
CREATE MACRO athena_digits(d) AS left(d, 1) || '.' || coalesce(nullif(substr(d, 2), ''), '0');
CREATE MACRO athena_science(t) AS CASE
  WHEN contains(t, 'e') THEN split_part(t, 'e', 1) || CASE WHEN contains(t, '.') THEN '' ELSE '.0' END || 'E'
    || CAST(CAST(split_part(t, 'e', 2) AS INTEGER) AS VARCHAR)
  WHEN starts_with(t, '0.') THEN athena_digits(ltrim(substr(t, 3), '0')) || 'E-'
    || CAST(length(t) - 1 - length(ltrim(substr(t, 3), '0')) AS VARCHAR)
  ELSE athena_digits(rtrim(replace(t, '.', ''), '0')) || 'E' || CAST(length(split_part(t, '.', 1)) - 1 AS VARCHAR) END;
CREATE MACRO athena_java(x) AS CASE WHEN isnan(x) THEN 'NaN'
  WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
  WHEN x = 0 OR (abs(x) >= 0.001e0 AND abs(x) < 1e7) THEN CAST(x AS VARCHAR)
  ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || athena_science(CAST(abs(x) AS VARCHAR)) END;
CREATE MACRO athena_substr(x, start, size) AS CASE WHEN start = 0 OR abs(start) > length(x) THEN
  CASE WHEN x IS NULL OR start IS NULL THEN NULL ELSE '' END
  WHEN size IS NULL THEN substr(x, start) WHEN size <= 0 THEN '' ELSE substr(x, start, size) END;
CREATE MACRO athena_delimiter(x) AS CASE WHEN x = ''
  THEN CAST(athena_fail('INVALID_FUNCTION_ARGUMENT: The delimiter may not be the empty string') AS VARCHAR) ELSE x END;
CREATE MACRO athena_part(x, delimiter, place) AS CASE WHEN place <= 0
  THEN CAST(athena_fail('INVALID_FUNCTION_ARGUMENT: Index must be greater than zero') AS VARCHAR)
  ELSE list_extract(string_split(x, athena_delimiter(delimiter)), place) END;
CREATE MACRO athena_extract(x, pattern, part) AS
  CASE WHEN regexp_matches(x, pattern) THEN regexp_extract(x, pattern, part) END;
CREATE MACRO athena_subscript(x, place) AS CASE WHEN place = 0 OR place > len(x) OR place < 0
  THEN list_extract(x, athena_fail(CASE WHEN place > len(x)
    THEN 'INVALID_FUNCTION_ARGUMENT: Array subscript must be less than or equal to array length: '
    WHEN place = 0 THEN 'INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1: '
    ELSE 'INVALID_FUNCTION_ARGUMENT: Array subscript is negative: ' END || CAST(place AS VARCHAR)))
  ELSE list_extract(x, place) END;
CREATE MACRO athena_element(x, place) AS CASE WHEN place = 0
  THEN list_extract(x, athena_fail('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1' || left(CAST(place AS VARCHAR), 0)))
  ELSE list_extract(x, place) END;
CREATE MACRO athena_contains(x, each) AS CASE WHEN x IS NULL OR each IS NULL THEN NULL
  WHEN list_contains(x, each) THEN true WHEN len(list_filter(x, lambda one: one IS NULL)) > 0 THEN NULL ELSE false END;
CREATE MACRO athena_extreme(x, found) AS
  CASE WHEN len(list_filter(x, lambda one: one IS NULL)) > 0 THEN NULL ELSE found END;
CREATE MACRO athena_numbers(x) AS replace(regexp_replace(x, '("(?:[^"\\]|\\.)*")|(-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)', '\1' || chr(1) || '\2' || chr(2), 'g'), chr(1) || chr(2), '');
CREATE MACRO athena_quoted(x) AS replace(replace(athena_numbers(x), chr(1), '"'), chr(2), '"');
CREATE MACRO athena_scalar(x, path) AS CASE WHEN NOT json_valid(x) THEN NULL
  WHEN json_type(x, path) IN ('OBJECT', 'ARRAY') THEN NULL ELSE json_extract_string(athena_quoted(x), path) END;
CREATE MACRO athena_doubles(x) AS CASE
  WHEN contains(regexp_replace(athena_numbers(x), chr(1) || '-?([0-9]{1,18}|0\.(0+|0{0,2}[1-9][0-9]{0,9})|[1-9][0-9]{0,6}\.[0-9]{1,8})' || chr(2), '', 'g'), chr(1))
  THEN CAST(athena_fail('NOT_SUPPORTED: local AWS cannot tell how Athena spells the numbers of this JSON, which become '
    || 'doubles there; json_extract_scalar keeps their digits: ' || left(x, 200)) AS VARCHAR) ELSE x END;
CREATE MACRO athena_json(x) AS CASE WHEN x IS NULL THEN NULL WHEN json_valid(x) THEN json_extract(athena_doubles(x), '$')
  ELSE CAST(CAST(athena_fail('INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: ' || left(x, 200)) AS VARCHAR)
    AS JSON) END;
CREATE MACRO athena_json_at(x, path) AS
  CASE WHEN json_valid(x) THEN json_extract(athena_doubles(CAST(x AS VARCHAR)), path) END;
CREATE MACRO athena_json_length(x) AS
  CASE WHEN json_valid(x) THEN CASE WHEN json_type(x) = 'ARRAY' THEN CAST(json_array_length(x) AS BIGINT) END END;
CREATE MACRO athena_json_text(x) AS CASE WHEN contains(CAST(x AS VARCHAR), '{') THEN
  CAST(athena_fail('NOT_SUPPORTED: local AWS cannot tell the order of the members of: ' || left(CAST(x AS VARCHAR), 200))
    AS VARCHAR) ELSE CAST(x AS VARCHAR) END;
CREATE MACRO athena_json_scalar(x, kind) AS CASE WHEN json_type(x) IN ('OBJECT', 'ARRAY')
  THEN CAST(athena_cannot(left(CAST(x AS VARCHAR), 200), kind) AS VARCHAR) ELSE json_extract_string(x, '$') END;
CREATE MACRO athena_digit(s, b) AS {'q': s.q * 10 + (s.r * 10) // b, 'r': (s.r * 10) % b};
CREATE MACRO athena_nearest(s, b) AS CASE WHEN s.r >= b - s.r THEN s.q + 1 ELSE s.q END;
CREATE MACRO athena_divide(a, b, digits) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL
  WHEN b = 0 THEN CAST(athena_fail('DIVISION_BY_ZERO: Division by zero' || left(CAST(b AS VARCHAR), 0)) AS HUGEINT)
  ELSE (CASE WHEN (a < 0) = (b < 0) THEN 1 ELSE -1 END) * athena_nearest(list_reduce(
    list_transform(range(digits), lambda i: {'q': CAST(0 AS HUGEINT), 'r': CAST(0 AS HUGEINT)}),
    lambda s, i: athena_digit(s, abs(b)), {'q': abs(a) // abs(b), 'r': abs(a) % abs(b)}), abs(b)) END;
CREATE MACRO athena_unscaled(x) AS CAST(replace(CAST(x AS VARCHAR), '.', '') AS HUGEINT);
