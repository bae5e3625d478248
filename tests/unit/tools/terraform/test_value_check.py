from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tools.terraform.declarations import TABLES_IN_BLOCKS, declared
from tools.deployments import environments
from tools.deployments.variables import MOVED
from tools.terraform import hcl
from tools.terraform.nearest import member_paths
from tools.terraform.type_constraints import Collection, ObjectType
from tools.terraform.value_check import path_text, problems

MOVES = MOVED["tables"]


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """The variable `tables` with its blocks."""
    return declared(tmp_path_factory.mktemp("tables"), TABLES_IN_BLOCKS)["tables"]


def lines(variable, text, moved=MOVES):
    """Returns the problems of a value in HCL as `PATH: MESSAGE`."""
    value = hcl.parse(f"x = {text}").values["x"]
    return [f"{path_text(problem.path)}: {problem.message}" for problem in problems(variable, value, moved)]


WHOLE = """{
  orders = {
    existing  = true
    key       = { hash_key = "Customer", range_key = "PlacedAt", range_key_type = "N" }
    stream    = { name = null, mode = "PROVISIONED", shards = "2", retention_hours = 24 }
    transform = { buffering_seconds = 0, buffering_mb = 1, retries = 5 }
    delivery  = { name = "x", buffering_seconds = 1, buffering_mib = 1, compression = "GZIP" }
  }
  "a.b" = {}
}"""


def test_a_value_that_its_type_knows_has_no_problem(tables):
    assert lines(tables, WHOLE) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{ orders = { shard = 2 } }", "tables.orders.shard: there is no such setting; did you mean stream.shards?"),
        (
            "{ orders = { stream = { shard = 2 } } }",
            "tables.orders.stream.shard: there is no such setting; did you mean stream.shards?",
        ),
        ("{ orders = { steam = {} } }", "tables.orders.steam: there is no such setting; did you mean stream?"),
        (
            "{ orders = { name = 1 } }",
            "tables.orders.name: there is no such setting; did you mean stream.name or delivery.name?",
        ),
        (
            '{ "a.b" = { delivery = { retries = 1 } } }',
            'tables["a.b"].delivery.retries: there is no such setting; did you mean transform.retries?',
        ),
        (
            "{ orders = { zzz = 1 } }",
            "tables.orders.zzz: there is no such setting; there are: existing, before, rules, key, stream, transform, "
            "delivery",
        ),
    ],
)
def test_an_unknown_setting_is_refused_with_the_nearest_one(tables, text, line):
    assert lines(tables, text) == [line]


@pytest.mark.parametrize("block", [None, "key", "stream", "transform", "delivery"])
@pytest.mark.parametrize("name", MOVES)
def test_an_old_flat_name_is_refused_with_its_place_wherever_it_is_given(tables, name, block):
    members = tables.type.element.members
    known = members if block is None else members[block].type.members
    if name in known:  # then it is no old name there
        assert MOVES[name].endswith(f".{name}")
        return
    given_as = f"{name} = 1" if block is None else f"{block} = {{ {name} = 1 }}"

    (line,) = lines(tables, f"{{ orders = {{ {given_as} }} }}")

    if (block, name) == ("transform", "buffering_mib"):  # nearer still is the block's own setting
        assert line.endswith("did you mean transform.buffering_mb?")
    else:
        new_block, setting = MOVES[name].split(".")
        assert line.endswith(f": its place is {MOVES[name]}, written {new_block} = {{ {setting} = ... }}")


def test_every_new_place_of_an_old_name_exists(tables):
    known = {".".join(path) for path in member_paths(tables.type.element)}

    assert set(MOVES.values()) <= known


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[]", "tables: needs a map ({ NAME = VALUE }), not a list of 0 values"),
        ("{ orders = 2 }", "tables.orders: needs an object ({ NAME = VALUE }), not the number 2"),
        ("{ orders = { stream = 2 } }", "tables.orders.stream: needs an object ({ NAME = VALUE }), not the number 2"),
        (
            '{ orders = { stream = { shards = "two" } } }',
            'tables.orders.stream.shards: needs a number, not the text "two"',
        ),
        (
            "{ orders = { stream = { shards = true } } }",
            "tables.orders.stream.shards: needs a number, not the bool true",
        ),
        ("{ orders = { existing = 1 } }", "tables.orders.existing: needs true or false, not the number 1"),
        ("{ orders = { key = { hash_key = {} } } }", "tables.orders.key.hash_key: needs text, not an object"),
    ],
)
def test_a_value_of_a_wrong_type_is_refused_with_what_is_needed(tables, text, line):
    assert lines(tables, text) == [line]


def test_every_problem_is_told(tables):
    assert len(lines(tables, "{ a = { shards = 1, zzz = 1 }, b = { stream = { shards = [], mod = 1 } } }")) == 4


def test_what_only_terraform_can_evaluate_is_left_to_it(tables):
    assert lines(tables, '{ for n in ["a"] : n => { shard = 2 } }') == []
    assert lines(tables, '{ a = { stream = { shards = "${1}" }, existing = !true, shard = 1 + 1 } }') == [
        "tables.a.shard: there is no such setting; did you mean stream.shards?"
    ]


TYPES = """
variable "tuple" { type = tuple([string, number]) }
variable "set" { type = set(number) }
variable "demanding" { type = object({ a = string, b = optional(number) }) }
variable "nested" { type = list(object({ a = optional(list(object({ b = optional(string) })))})) }
variable "strict" {
  type     = string
  nullable = false
}
variable "optional" {
  type    = object({ a = optional(string) })
  default = {}
}
variable "secret" {
  type      = object({ a = optional(number), b = optional(list(number)) })
  sensitive = true
}
"""


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("tuple", '["a", 1]', []),
        ("tuple", '["a"]', ["tuple: needs a list of exactly 2 values, not a list of 1 values"]),
        ("tuple", '["a", "b"]', ['tuple[1]: needs a number, not the text "b"']),
        ("set", '[1, "2", null]', []),
        ("set", "{ a = 1 }", ["set: needs a set ([ VALUE, VALUE ]), not an object"]),
        ("demanding", '{ a = "x" }', []),
        ("demanding", "{ a = null }", []),
        ("demanding", "{ b = 1 }", ["demanding.a: this setting is missing, and it has no default"]),
        ("nested", '[{ a = [{ b = "x" }] }]', []),
        ("nested", "[{}, { a = [{}, { bb = 1 }] }]", ["nested[1].a[1].bb: there is no such setting; did you mean b?"]),
        ("strict", "null", ["strict: needs a value, not null"]),
        ("optional", "null", []),
    ],
)
def test_other_types_are_checked_as_strictly(tmp_path, name, text, wanted):
    assert lines(declared(tmp_path, TYPES)[name], text) == wanted


def test_a_sensitive_value_is_never_repeated(tmp_path):
    secret = declared(tmp_path, TYPES)["secret"]

    for text in ('{ a = "hunter2" }', '{ b = ["hunter2"] }', '"hunter2"', '["hunter2"]'):
        (line,) = lines(secret, text)
        assert "hunter2" not in line


def test_a_long_value_is_cut(tables):
    (line,) = lines(tables, f'{{ orders = {{ stream = {{ shards = "{"x" * 500}" }} }} }}')

    assert len(line) < 120


# Every declared setting, misspelt.


def settings_of(variable):
    """Yields the path of every setting of a variable, from the object that a reader sees as one thing."""
    inner = variable.type.element if isinstance(variable.type, Collection) else variable.type
    if isinstance(inner, ObjectType):
        yield from member_paths(inner)


def nested(path, value):
    """Returns `value` under the names of `path`."""
    for name in reversed(path):
        value = {name: value}
    return value


def place(variable, path, value):
    """Returns a value for `variable` that holds `value` at `path`."""
    inside = nested(path, value)
    return {"orders": inside} if isinstance(variable.type, Collection) else inside


@st.composite
def slips(draw, name):
    """Draws `name` with one slip of the finger: a letter left out, put in, doubled, replaced, or two swapped."""
    at = draw(st.integers(0, len(name) - 1))
    letter = draw(st.sampled_from(string.ascii_lowercase))
    kinds = [name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :], name[:at] + name[at] + name[at:]]
    if len(name) > 2:
        kinds.append(name[:at] + name[at + 1 :])
    kinds.append(name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :])
    return draw(st.sampled_from(kinds))


ALL_SETTINGS = [
    (environment, variable, path)
    for environment in environments.names()
    for variable in environments.find(environment).declared().values()
    for path in settings_of(variable)
]


@given(st.data())
def test_every_setting_of_tables_misspelt_is_refused_and_the_right_one_is_named(tables, data):
    path = data.draw(st.sampled_from(list(settings_of(tables))))
    assert_slip_is_found(tables, path, data, MOVES)


@given(st.data())
def test_every_setting_of_every_environment_misspelt_is_refused_and_the_right_one_is_named(data):
    environment, variable, path = data.draw(st.sampled_from(ALL_SETTINGS))
    assert_slip_is_found(
        environments.find(environment).declared()[variable.name], path, data, MOVED.get(variable.name, {})
    )


def of_given(found):
    """Returns the problems of settings that are given, without those that are missing beside them."""
    return [problem for problem in found if "this setting is missing" not in problem.message]


def assert_slip_is_found(variable, path, data, moved):
    wrong = data.draw(slips(path[-1]))
    siblings = {each[-1] for each in settings_of(variable) if each[:-1] == path[:-1]}
    if wrong in siblings:
        return
    (problem,) = of_given(problems(variable, place(variable, (*path[:-1], wrong), None), moved))

    assert problem.path[-1] == wrong
    named = problem.message.partition("did you mean ")[2].rstrip("?").split(" or ")
    assert ".".join(path) in named, problem.message


@pytest.mark.parametrize(("environment", "variable", "path"), ALL_SETTINGS)
def test_every_setting_is_known_and_the_same_with_one_letter_more_is_not(environment, variable, path):
    assert of_given(problems(variable, place(variable, path, None))) == []
    (problem,) = of_given(problems(variable, place(variable, (*path[:-1], f"{path[-1]}x"), None)))
    assert problem.message.startswith("there is no such setting")
