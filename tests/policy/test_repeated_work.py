"""What checkov is spared changes no outcome."""

from __future__ import annotations

import io

import pytest

from tools.policy.repeated_work import Grammars, Kept, expression_key, reference_key, spare

pytestmark = pytest.mark.xdist_group("policy")


def test_an_expression_is_evaluated_once_and_each_caller_has_a_value_of_its_own():
    asked = []
    evaluated = Kept(lambda text: asked.append(text) or [text], expression_key)
    evaluated("a").append("changed by a caller")

    assert evaluated("a") == ["a"]
    assert asked == ["a"]


def test_an_expression_that_cannot_be_evaluated_fails_each_time():
    def fail(text):
        raise ValueError(text)

    evaluated = Kept(fail, expression_key)
    for _ in range(2):
        with pytest.raises(ValueError, match="a"):
            evaluated("a")


def test_what_depends_on_the_time_or_is_no_text_is_asked_anew():
    answers = iter("abcd")
    evaluated = Kept(lambda _text: next(answers), expression_key)

    assert [evaluated("timestamp()"), evaluated("timestamp()"), evaluated(1), evaluated(True)] == ["a", "b", "c", "d"]


def test_the_way_in_which_an_expression_is_evaluated_is_part_of_its_key():
    evaluated = Kept(lambda text, keep=True, *, escape=True: (text, keep, escape), expression_key)

    assert [evaluated("a"), evaluated("a", False), evaluated("a", escape=False)] == [
        ("a", True, True),
        ("a", False, True),
        ("a", True, False),
    ]


def test_a_reference_is_looked_for_anew_where_other_names_can_be_meant():
    def find(str_value, aliases, resources_types):
        return [name for name in (*aliases, *resources_types) if name in str_value]

    found = Kept(find, reference_key)

    assert found(str_value="a.b", aliases={}, resources_types=["b"]) == ["b"]
    assert found(str_value="a.b", aliases={"a": {"block_type_": "provider"}}, resources_types=["b"]) == ["a", "b"]
    assert found(str_value="a.b", aliases={}, resources_types=[]) == []


def test_a_parser_is_built_once_for_a_grammar_and_a_first_symbol():
    built = []
    grammars = Grammars(lambda module, start, **_options: built.append(start) or (type(module), start))

    assert grammars(module=1, start="a", debug=False) == grammars(module=2, start="a") == (int, "a")
    assert grammars(module="", start="a") == (str, "a")
    assert grammars(module=1, start="b") == (int, "b")
    assert built == ["a", "a", "b"]


def test_checkov_uses_what_is_kept():
    from bc_jsonpath_ng import parser
    from checkov.terraform import parser_utils
    from checkov.terraform.graph_builder import utils
    from checkov.terraform.graph_builder.variable_rendering import evaluate_terraform

    spare()
    kept = evaluate_terraform.evaluate_terraform
    spare()

    assert evaluate_terraform.evaluate_terraform is kept
    assert isinstance(kept, Kept)
    assert isinstance(evaluate_terraform.evaluate, Kept)
    assert isinstance(utils.get_referenced_vertices_in_str_value, Kept)
    assert isinstance(parser.ply.yacc.yacc, Grammars)
    assert kept("1 + 2") == 3
    (reference,) = utils.get_referenced_vertices_in_value("var.name", {}, [])
    assert reference.sub_parts == ["name"]
    assert parser_utils.hcl2.load(io.StringIO("a = 1\n")) == {"a": [1]}
    assert str(parser.parse("a.b")) == "a.b"
