"""Values are refused early exactly where Terraform would refuse them later."""

from __future__ import annotations

import json
import random
import re
import subprocess

from tools.terraform import assignments
from tools.terraform.type_constraints import read_variables
from tools.terraform.value_check import problems

CASES = 400
UNKNOWN = "there is no such setting"
TEXTS = (
    "",
    "x",
    "3",
    " 3",
    "-1.5",
    "+5",
    ".5",
    "5.",
    "1e3",
    "1e",
    "0x10",
    "1_000",
    "1p3",
    "true",
    "TRUE",
    "1",
    "0",
    "null",
)
NUMBERS = (1, -2.5, "3", "-1.5", "+5", ".5", "5.", "1e3", "1p3")
BOOLS = (True, False, "true", "false", "1", "0")


def draw_type(draw, depth=0):
    """Returns a type constraint as HCL spells it."""
    kind = draw.choice(
        ("string", "number", "bool")
        if depth > 2
        else ("string", "number", "bool", "map", "list", "set", "object", "tuple")
    )
    if kind in ("string", "number", "bool"):
        return kind
    if kind == "object":
        inner = (draw_type(draw, depth + 1) for _ in "ab")
        members = (f"optional({each})" if draw.random() < 0.7 else each for each in inner)
        return "object({{ a = {}, b = {} }})".format(*members)
    if kind == "tuple":
        return f"tuple([{draw_type(draw, depth + 1)}, {draw_type(draw, depth + 1)}])"
    return f"{kind}({draw_type(draw, depth + 1)})"


def draw_value(draw, depth=0):
    """Returns a value as JSON, and so HCL, spells it."""
    kind = draw.choice(
        ("text", "number", "bool", "null")
        if depth > 2
        else ("text", "number", "bool", "null", "list", "object", "object")
    )
    if kind == "text":
        return draw.choice(TEXTS)
    if kind == "number":
        return draw.choice((0, 1, -3, 2.5, 10**20))
    if kind == "list":
        return [draw_value(draw, depth + 1) for _ in range(draw.choice((0, 1, 2, 2)))]
    if kind == "object":
        names = draw.sample("abc", draw.choice((0, 1, 2)))
        return {name: draw_value(draw, depth + 1) for name in names}
    return None if kind == "null" else draw.random() < 0.5


def draw_fitting(draw, text):
    """Returns a value that mostly suits a type, so that the check gets far into both."""
    if draw.random() < 0.1:
        return draw_value(draw, 2)
    inner = re.fullmatch(r"(\w+)\((.*)\)", text)
    if inner is None:
        suitable = {"string": (*TEXTS, 1, 2.5, True), "number": NUMBERS, "bool": BOOLS}[text]
        return draw.choice(suitable if draw.random() < 0.8 else TEXTS)
    kind, element = inner.groups()
    if kind == "map":
        return {"k": draw_fitting(draw, element)}
    if kind in ("list", "set"):
        return [draw_fitting(draw, element)]
    if kind == "tuple":
        return [draw_fitting(draw, each) for each in split(element[1:-1])]
    members = [each.partition(" = ") for each in split(element[2:-2])]
    plain = {name: re.sub(r"^optional\((.*)\)$", r"\1", each) for name, _, each in members}
    return {name: draw_fitting(draw, each) for name, each in plain.items() if draw.random() < 0.8}


def split(text):
    """Returns what commas at the outermost level separate."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def test_a_value_is_refused_exactly_where_terraform_refuses_it(tmp_path):
    draw = random.Random(10)
    types = {f"v{number}": draw_type(draw) for number in range(CASES)}
    values = {
        name: draw_fitting(draw, each) if draw.random() < 0.7 else draw_value(draw) for name, each in types.items()
    }
    (tmp_path / "variables.tf").write_text(
        "".join(f'variable "{name}" {{\n  type = {each}\n}}\n' for name, each in types.items())
    )
    file = tmp_path / "values.tfvars"
    file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))
    declared = read_variables(tmp_path)
    read = assignments.read_file(file, lambda _text: None).values
    assert read == values

    refused = {
        name
        for name, value in read.items()
        if any(UNKNOWN not in problem.message for problem in problems(declared[name], value))
    }

    assert refused == refused_by_terraform(tmp_path, file)
    assert CASES / 5 < len(refused) < CASES * 4 / 5


def refused_by_terraform(folder, file):
    done = subprocess.run(
        ["terraform", "plan", "-input=false", "-json", f"-var-file={file}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    events = map(json.loads, done.stdout.splitlines())
    details = [event["diagnostic"]["detail"] for event in events if "diagnostic" in event]
    named = [re.search(r"not suitable for var\.(\w+) ", detail) for detail in details]
    assert all(named), details
    return {match[1] for match in named}
