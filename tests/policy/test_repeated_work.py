"""What checkov is spared changes no outcome."""

from __future__ import annotations

import pytest

from tools.policy.repeated_work import Evaluated, Grammars, spare

pytestmark = pytest.mark.xdist_group("policy")


def test_an_expression_is_evaluated_once_and_each_caller_has_a_value_of_its_own():
    asked = []
    evaluated = Evaluated(lambda text: asked.append(text) or [text])
    evaluated("a").append("changed by a caller")

    assert evaluated("a") == ["a"]
    assert asked == ["a"]


def test_an_expression_that_cannot_be_evaluated_fails_each_time():
    def fail(text):
        raise ValueError(text)

    evaluated = Evaluated(fail)
    for _ in range(2):
        with pytest.raises(ValueError, match="a"):
            evaluated("a")


def test_what_depends_on_the_time_is_asked_anew():
    answers = iter("ab")
    evaluated = Evaluated(lambda _text: next(answers))

    assert [evaluated("timestamp()"), evaluated("timestamp()")] == ["a", "b"]


def test_a_parser_is_built_once_for_a_grammar_and_a_first_symbol():
    built = []
    grammars = Grammars(lambda module, start, **_options: built.append(start) or (type(module), start))

    assert grammars(module=1, start="a", debug=False) == grammars(module=2, start="a") == (int, "a")
    assert grammars(module="", start="a") == (str, "a")
    assert grammars(module=1, start="b") == (int, "b")
    assert built == ["a", "a", "b"]


def test_checkov_uses_what_is_kept():
    from bc_jsonpath_ng import parser
    from checkov.terraform.graph_builder.variable_rendering import evaluate_terraform

    spare()
    spare()

    assert isinstance(evaluate_terraform.evaluate, Evaluated)
    assert not isinstance(evaluate_terraform.evaluate._function, Evaluated)
    assert isinstance(parser.ply.yacc.yacc, Grammars)
    assert evaluate_terraform.evaluate_terraform("1 + 2") == 3
    assert str(parser.parse("a.b")) == "a.b"
