"""Modules and environments take the next major version of the AWS provider: it has all that they write and read."""

from __future__ import annotations

import zipfile

import pytest

from tests.plan import provider_schema, written
from tests.plan.written import Argument
from tools import paths

SCHEMA = provider_schema.read()
CONSTRAINT = 'version = ">= 5.100, < 7"'


def test_the_extract_is_of_provider_6():
    assert SCHEMA["version"].startswith("6.")


def test_provider_6_has_every_argument_and_every_attribute():
    used = written.arguments() | written.attributes()
    assert len(used) > 400
    faults = {str(each): fault for each in used if (fault := provider_schema.faults(SCHEMA, each))}
    assert faults == {}


def test_the_extract_holds_no_type_that_is_not_used():
    assert set(SCHEMA["types"]) == written.types()


@pytest.mark.parametrize(
    ("argument", "fault"),
    [
        (Argument("main.tf", "aws_flow_log", ("log_group_name",)), "does not have it"),
        (Argument("main.tf", "aws_kinesis_stream", ("stream_mode_details", "mode")), "does not have it"),
        (Argument("main.tf", "aws_kms_key", ("arn",)), "does not have it"),
        (Argument("main.tf", "aws_vpc", ("arns",), is_read=True), "does not have it"),
        (Argument("main.tf", "aws_instance", ("ami",)), "does not have this type"),
        (Argument("main.tf", "aws_kms_key", ("arn",), is_read=True), ""),
        (Argument("main.tf", "aws_vpc", ("tags", "Name")), ""),
    ],
)
def test_what_provider_6_does_not_have_is_told(argument, fault):
    said = provider_schema.faults(SCHEMA, argument)
    assert (fault in said) if fault else not said


BINDINGS = '''
class Stream:
    @builtins.property
    def arn(self): ...
    @builtins.property
    def mode_input(self): ...

class StreamConfig:
    def __init__(self, *, count: int, mode: typing.Union["StreamMode", dict], old: str, from_: str) -> None:
        """
        :param mode: mode block. Docs: /providers/hashicorp/aws/6.1.0/docs/resources/stream
        :param old: Deprecated, use another.
        :param from_: from.
        """

class StreamMode:
    def __init__(self, *, name: str) -> None:
        """
        :param name: name.
        """
'''


def test_bindings_are_read_as_they_are_made(tmp_path):
    wheel = tmp_path / "bindings.whl"
    with zipfile.ZipFile(wheel, "w") as package:
        package.writestr("cdktf_cdktf_provider_aws/stream/__init__.py", BINDINGS)
    made = provider_schema.extract(wheel, ["aws_stream"])
    assert made == {
        "version": "6.1.0",
        "types": {
            "aws_stream": {
                "arguments": {"from": None, "mode": {"name": None}, "old": "deprecated"},
                "attributes": ["arn"],
            }
        },
    }
    assert provider_schema.faults(made, Argument("main.tf", "aws_stream", ("old",))) == "deprecated in provider 6.1.0"


FILES = [file for folder in (paths.MODULES, paths.ENVIRONMENTS) for file in sorted(folder.glob("*/versions.tf"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_whoever_uses_the_provider_takes_both_versions(file):
    text = file.read_text()
    assert (CONSTRAINT in text) == ("required_providers" in text)
