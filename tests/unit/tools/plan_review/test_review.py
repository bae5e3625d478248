"""A whole review, and how it is laid out for a terminal, a pull request and a page."""

from __future__ import annotations

import html
import json
import re

import pytest
from click.testing import CliRunner
from markdown_it import MarkdownIt

from tests.unit.tools.plan_review.plans import change, planned
from tools.cli import command
from tools.errors import UsageError
from tools.plan_review import picture, report, text
from tools.plan_review.guards import Allowed
from tools.plan_review.review import Gate, review
from tools.review import main

POLICY = '{"Statement":[{"Sid":"S","Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
SEVERAL = (
    change("module.key.aws_kms_key.this", "aws_kms_key", ["create"], None, {"x": 1}),
    change('module.table["t"].aws_x.new', "aws_x", ["create"], None, {"x": 1}),
    change('module.table["t"].aws_x.changed', "aws_x", ["update"], {"x": 1, "y": 1}, {"x": 2, "y": 1}),
    change('module.table["t"].aws_x.gone', "aws_x", ["delete"], {"x": 1}, None),
    change("module.later.aws_x.y", "aws_x", ["create"], None, {}),
    change("aws_x.y", "aws_x", ["forget"], {}, None),
    change("module.bucket.aws_s3_bucket_versioning.v", "aws_s3_bucket_versioning", ["update"], {"s": 1}, {"s": 2}),
    change("module.key.aws_iam_role_policy.p", "aws_iam_role_policy", ["create"], None, {"policy": POLICY}),
)
LOSS = change("module.bucket.aws_s3_bucket.this", "aws_s3_bucket", ["delete"], {"bucket": "b"}, None)


def of(*changes, **options):
    return review(planned(*changes, after={"region": "us-east-1"}), "title", **options)


def test_layers_follow_the_data_and_the_dangerous_come_first():
    found = of(*SEVERAL)

    assert [layer.name for layer in found.layers] == ["table", "bucket", "key", "root", "later"]
    assert [item.action for item in found.layers[0].items] == ["delete", "update", "create"]
    assert found.layers[0].action == "delete"
    assert found.counts == "4 to create, 1 to forget, 2 to update, 1 to delete"


def test_the_text_says_it_all_in_order():
    assert text.lines(of(*SEVERAL, gate=Gate(7))) == [
        "4 to create, 1 to forget, 2 to update, 1 to delete; nothing is refused",
        "policy gate: 7 checks passed, 0 findings",
        "monthly cost: +1.00 USD",
        "table",
        '    - module.table["t"].aws_x.gone',
        '    ~ module.table["t"].aws_x.changed',
        "          x: 1 -> 2",
        '    + module.table["t"].aws_x.new',
        "bucket",
        "    ~ module.bucket.aws_s3_bucket_versioning.v",
        "          s: 1 -> 2",
        "key",
        "    + module.key.aws_iam_role_policy.p",
        "    + module.key.aws_kms_key.this",
        "root",
        "    . aws_x.y",
        "later",
        "    + module.later.aws_x.y",
        "who may do more",
        "  module.key.aws_iam_role_policy.p",
        "      + S: allow s3:* on *",
        "data that is touched",
        "  module.bucket.aws_s3_bucket_versioning.v: update",
        "what is paid by the month",
        "  0.00 -> 1.00  module.key.aws_kms_key.this",
        f"  ({of(*SEVERAL).estimate.note})",
        "4 to create, 1 to forget, 2 to update, 1 to delete.",
    ]


def test_a_refused_plan_says_so_first():
    assert text.lines(of(LOSS))[0] == "refused, for the reasons at the end"


def test_an_empty_plan_has_no_more_to_say():
    assert text.lines(of()) == ["no resource changes."]
    assert not of().is_refused


def test_many_attributes_are_counted_instead_of_listed():
    many = {f"a{number:02}": number for number in range(20)}
    lines = text.lines(of(change("a.b", "a", ["update"], {}, many)))

    assert lines[-2] == "          and 8 more attributes"
    assert len(lines) == 1 + 1 + 1 + 12 + 1 + 1


def test_what_a_terminal_would_obey_is_written_out():
    lines = text.lines(of(change("a.\x1b[2Jb", "a", ["update"], {"x": "1"}, {"x": "\x1b]0;\x07"})))

    assert all(line.isprintable() for line in lines)
    assert any(r"\x1b[2J" in line for line in lines)


@pytest.mark.parametrize(
    ("options", "refused", "lines"),
    [
        ({}, True, 1),
        ({"allowed": Allowed(replace=(LOSS["address"],))}, False, 0),
        ({"allowed": Allowed(replace=(LOSS["address"],)), "gate": Gate(1, ("open to all",))}, True, 1),
        ({"gate": Gate(1, ("open to all",))}, True, 2),
    ],
)
def test_losses_that_nobody_allowed_and_findings_of_the_gate_refuse_the_plan(options, refused, lines):
    found = of(LOSS, **options)

    assert found.is_refused is refused
    assert len(text.refusal_lines(found)) == lines


def test_each_layer_of_the_data_path_has_a_box_coloured_by_what_is_worst():
    boxes = {box.layer: box for box in picture.boxes(of(*SEVERAL))}

    assert (boxes["table"].action, boxes["table"].detail) == ("delete", "1 to delete, 1 to update, 1 to create")
    assert (boxes["key"].action, boxes["key"].detail) == ("create", "2 to create")
    assert (boxes["stream"].action, boxes["stream"].detail) == ("none", "no change")


HOSTILE = '<script>alert(1)</script>`**x**|\n"'


def hostile():
    resource = change(f"module.{HOSTILE}.a.b", "a", ["update"], {"x": "1"}, {"x": HOSTILE})
    return review(planned(resource, LOSS), HOSTILE, gate=Gate(1, (HOSTILE,)))


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing_of_the_plans():
    page = report.page(hostile())

    assert "<script" not in page
    assert html.escape("<script>") in page
    assert not re.search(r"(?:src|href)\s*=|url\((?!#tip)|@import", page)
    assert page.count("<svg") == page.count("</svg>") == 1


def test_in_markdown_nothing_of_the_plans_is_read_as_markdown():
    tokens = MarkdownIt("commonmark").enable("table").parse(report.markdown(hostile()))
    parts = [child for token in tokens for child in token.children or ()]

    assert not [token.type for token in (*tokens, *parts) if "html" in token.type]
    assert not [
        part.content for part in parts if part.type == "text" and ("script" in part.content or part.content == "x")
    ]
    assert [part.content for part in parts if part.type == "code_inline" and "script" in part.content]


@pytest.mark.parametrize(
    ("raw", "span"), [("a", "`a`"), ("a`b", "`` a`b ``"), ("``", "``` `` ```"), ("a\nb", r"`a\nb`")]
)
def test_a_code_span_is_longer_than_any_backticks_in_it(raw, span):
    assert report.code(raw) == span


def test_reports_tell_what_the_terminal_tells():
    found = of(*SEVERAL, LOSS, gate=Gate(7))

    for written in (report.markdown(found), html.unescape(report.page(found))):
        for item in found.items:
            assert item.address in written
        for told in (
            found.counts,
            "x: 1 -> 2",
            "+ S: allow s3:* on *",
            "module.bucket.aws_s3_bucket_versioning.v: update",
            found.refusals[0],
            found.estimate.note,
            "+1.00 USD",
            "7 checks passed, 0 findings",
            "efused",
        ):
            assert told in written, told


PROVISIONED = {"shard_count": 4, "retention_period": 48, "stream_mode_details": [{"stream_mode": "PROVISIONED"}]}
ELSEWHERE = (
    change("a.b", "aws_x", ["delete", "create"], {"x": 1}, {"x": 2}, replace_paths=[["x"]]),
    {**change("a.new", "aws_x", ["no-op"], {}, {}), "previous_address": "a.old"},
    change("a.found", "aws_x", ["no-op"], {}, {}, importing={"id": "orders"}),
    change("a.log", "aws_cloudwatch_log_group", ["update"], {"retention_in_days": 9}, {"retention_in_days": 3}),
    change("a.stream", "aws_kinesis_stream", ["update"], PROVISIONED, PROVISIONED | {"retention_period": 24}),
    change("a.shards", "aws_kinesis_stream", ["update"], PROVISIONED, PROVISIONED | {"shard_count": 2}),
)


def test_every_format_of_the_review_says_why_what_moved_what_is_imported_and_what_a_saving_risks():
    found = of(*ELSEWHERE)
    printed = [*text.lines(found), *text.refusal_lines(found)]
    formats = [printed, report.markdown(found).splitlines(), html.unescape(report.page(found)).splitlines()]
    formats.append(run("-", "--json", document=as_plan(*ELSEWHERE))()[1].splitlines())

    for lines in formats:
        whole = "\n".join(lines)
        assert "replaced, because it cannot change in place: x" in whole
        assert "a.old -> a.new" in whole
        assert "a.found (orders)" in whole
        assert "a.log: retention_in_days 9 -> 3: " in whole
        assert found.refusals[0] in whole
    for lines in formats[:3]:
        savings = [line for line in lines if "at a risk: " in line]
        assert [("a.stream" in line, "a.shards" in line) for line in savings] == [(True, False), (False, True)]
        assert "raised again, it brings none of them back" in savings[0]
        assert "a shard takes 1 MiB" in savings[1]
        (total,) = [line for line in lines if f"{found.estimate.change:+.2f} USD" in line]
        assert "at the risks told beside the lower costs" in total


@pytest.mark.parametrize(
    ("name", "says"),
    [("plan.txt", "must end in .md or .html"), ("no/plan.md", "there is no folder"), ("folder.md", "this is a folder")],
)
def test_a_report_that_cannot_be_written_is_refused_before_anything_is_done(tmp_path, name, says):
    (tmp_path / "folder.md").mkdir()

    with pytest.raises(UsageError, match=says):
        report.check(tmp_path / name)


# The command.


def run(*arguments, document=b""):
    runner = CliRunner()

    def invoke():
        result = runner.invoke(main, [str(each) for each in arguments], input=document, standalone_mode=False)
        if result.exception:
            raise result.exception
        return result.return_value, result.output

    return invoke


def as_plan(*changes):
    region = {"region": {"value": "us-east-1"}}
    document = {"format_version": "1.2", "planned_values": {}, "variables": region, "resource_changes": list(changes)}
    return json.dumps(document).encode()


def test_a_plan_from_somewhere_else_is_reviewed_from_a_file_or_from_a_pipe(tmp_path):
    file = tmp_path / "plan.json"
    file.write_bytes(as_plan(*SEVERAL))

    code, printed = run(file)()
    again = run("-", document=file.read_bytes())()

    assert code == 0
    assert "who may do more" in printed
    assert again == (code, printed)


def test_a_plan_that_would_lose_data_exits_with_3_and_says_what_would_be_lost(capsys, tmp_path):
    file = tmp_path / "plan.json"
    file.write_bytes(as_plan(LOSS))

    assert command.outcome(lambda: run(file)()[0], "python -m tools.review") == 3
    assert command.outcome(lambda: run(file, "--allow-replace", LOSS["address"])()[0], "python -m tools.review") == 0


def test_reports_are_written_beside(tmp_path):
    run("-", "--report", tmp_path / "a.md", "--report", tmp_path / "a.html", document=as_plan(*SEVERAL))()

    assert (tmp_path / "a.md").read_text().startswith("# Plan review: ")
    assert (tmp_path / "a.html").read_text().startswith("<!DOCTYPE html>")


def test_the_review_as_json_is_the_whole_review():
    _, printed = run("-", "--json", document=as_plan(*SEVERAL))()

    found = json.loads(printed)
    assert found["layers"][0]["items"][1]["differences"] == [{"path": "x", "before": "1", "after": "2"}]
    assert found["estimate"]["costs"][0]["after"] == "1.00"


@pytest.mark.parametrize("document", [b"", b"PK\x03\x04", b"{}", b"[1]"])
def test_what_is_no_plan_is_a_usage_error(document):
    with pytest.raises(UsageError, match="standard input is"):
        run("-", document=document)()
