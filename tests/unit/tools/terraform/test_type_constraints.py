from __future__ import annotations

import pytest

from tests.unit.tools.terraform.declarations import declared
from tools.deployments import environments
from tools.terraform.hcl import HclError
from tools.terraform.type_constraints import AnyType, Collection, Member, ObjectType, Primitive, TupleType, union

STRING, NUMBER, BOOL = Primitive("string"), Primitive("number"), Primitive("bool")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("string", STRING),
        ("number", NUMBER),
        ("bool", BOOL),
        ("any", AnyType()),
        ("list(string)", Collection("list", STRING)),
        ("set(number)", Collection("set", NUMBER)),
        ("map(any)", Collection("map", AnyType())),
        ("list", Collection("list", AnyType())),
        ("tuple([string, list(bool)])", TupleType((STRING, Collection("list", BOOL)))),
        ("object({})", ObjectType({})),
        (
            'object({ a = string, b = optional(number), "c" = optional(list(bool), [true]) })',
            ObjectType(
                {
                    "a": Member(STRING, False),
                    "b": Member(NUMBER, True),
                    "c": Member(Collection("list", BOOL), True, [True]),
                }
            ),
        ),
        (
            'map(object({\n  a = optional(object({\n    b = optional(string, "x") # why\n  }), {})\n}))',
            Collection("map", ObjectType({"a": Member(ObjectType({"b": Member(STRING, True, "x")}), True, {})})),
        ),
    ],
)
def test_a_type_is_read(tmp_path, text, wanted):
    (variable,) = declared(tmp_path, f'variable "x" {{\n  type = {text}\n}}\n').values()

    assert variable.type == wanted


@pytest.mark.parametrize("text", ["strin", "maps(string)", "object(string)", "tuple(string)", "7", '"string"'])
def test_what_is_no_type_is_told_with_its_line(tmp_path, text):
    with pytest.raises(HclError, match="no type constraint") as caught:
        declared(tmp_path, f'variable "x" {{\n  type = {text}\n}}\n')
    assert caught.value.line == 2


def test_what_a_variable_accepts_besides_its_type_is_read(tmp_path):
    found = declared(
        tmp_path,
        'variable "plain" {}\n'
        'variable "strict" {\n  type = string\n  nullable = false\n  default = "x"\n}\n'
        'variable "secret" {\n  type = string\n  sensitive = true\n  default = null\n}\n',
    )

    plain, strict, secret = found["plain"], found["strict"], found["secret"]
    assert (plain.type, plain.is_nullable, plain.has_default, plain.is_sensitive) == (AnyType(), True, False, False)
    assert (strict.is_nullable, strict.has_default, strict.is_sensitive) == (False, True, False)
    assert (secret.is_nullable, secret.has_default, secret.is_sensitive) == (True, True, True)


@pytest.mark.parametrize("name", environments.names())
def test_every_variable_of_an_environment_is_declared_where_it_is_looked_for(name):
    environment = environments.find(name)
    everywhere = sorted(
        line.split('"')[1]
        for file in environment.folder.glob("*.tf")
        for line in file.read_text().splitlines()
        if line.startswith("variable ")
    )

    assert sorted(environment.declared()) == sorted(environment.variables()) == everywhere


def test_a_union_has_the_members_of_both_at_every_depth_and_demands_those_of_the_first(tmp_path):
    found = declared(
        tmp_path,
        'variable "one" {\n  type = map(object({ a = string, b = object({ c = number }) }))\n}\n'
        'variable "other" {\n  type = map(object({ b = object({ c = string, d = bool }), e = number }))\n}\n'
        'variable "both" {\n  type = map(object({ a = string, b = object({ c = number, d = optional(bool) }), '
        "e = optional(number) }))\n}\n",
    )

    assert union(found["one"].type, found["other"].type) == found["both"].type
