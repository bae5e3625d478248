"""The provider that plans share answers each of them as one of its own would."""

from __future__ import annotations

import pytest

from tests.plan import schema_message
from tests.plan.terraform_copy import Sandbox

APART = """
terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "us-east-1"
  default_tags {
    tags = { of = "us-east-1" }
  }
}

provider "aws" {
  alias  = "abroad"
  region = "eu-west-1"
  default_tags {
    tags = { of = "eu-west-1" }
  }
}

resource "aws_kms_key" "first" {
  provider = aws.abroad
}

resource "aws_kms_key" "second" {
  description = jsonencode(aws_kms_key.first.tags_all)
}

resource "aws_kms_key" "third" {
  provider    = aws.abroad
  description = jsonencode(aws_kms_key.second.tags_all)
}
"""


@pytest.fixture(scope="module")
def apart(sandbox: Sandbox):
    """A plan whose two configurations of the provider are used by turns."""
    folder = sandbox.root / "envs" / "apart"
    folder.mkdir()
    (folder / "main.tf").write_text(APART)
    return sandbox.plan("envs/apart")


def test_each_configuration_of_the_provider_makes_its_own_resources(apart):
    tags = {name: found["values"]["tags_all"] for name, found in apart.resources.items()}

    assert tags == {
        "aws_kms_key.first": {"of": "eu-west-1"},
        "aws_kms_key.second": {"of": "us-east-1"},
        "aws_kms_key.third": {"of": "eu-west-1"},
    }


def test_a_type_that_only_a_new_file_names_is_known_in_the_next_run(sandbox, apart):
    file = sandbox.root / "envs" / "apart" / "more.tf"
    file.write_text('resource "aws_vpclattice_service" "this" {\n  name = "named-here"\n}\n')
    try:
        assert sandbox.plan("envs/apart").resources["aws_vpclattice_service.this"]["values"]["name"] == "named-here"
    finally:
        file.unlink()


def field(number, content):
    return bytes([number << 3 | 2, len(content)]) + content


def test_schemas_of_other_types_are_left_out_and_all_else_stays_as_it_is():
    own = field(1, b"the provider itself")
    kept = field(2, field(1, b"aws_kept") + field(2, b"schema")), field(3, field(2, b"schema") + field(1, b"aws_kept"))
    others = field(2, field(1, b"aws_other") + field(2, b"schema")), field(3, field(1, b"aws_other"))
    number, long = b"\x30\x80\x01", b"\x3a\x80\x01" + bytes(128)

    whole = own + others[0] + kept[0] + number + kept[1] + others[1] + long

    assert schema_message.only(whole, {"aws_kept"}) == own + kept[0] + number + kept[1] + long
    assert schema_message.only(whole, {"aws_kept", "aws_other"}) == whole
