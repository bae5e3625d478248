"""Variables as a configuration declares them, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.terraform.type_constraints import read_variables

if TYPE_CHECKING:
    from pathlib import Path

    from tools.terraform.type_constraints import Variable

TABLES_IN_BLOCKS = """\
variable "tables" {
  type = map(object({
    existing = optional(bool)
    before   = optional(bool)
    rules    = optional(map(object({ as = string })), {})
    key = optional(object({
      hash_key       = optional(string)
      hash_key_type  = optional(string)
      range_key      = optional(string)
      range_key_type = optional(string)
    }), {})
    stream = optional(object({
      name            = optional(string)
      mode            = optional(string)
      shards          = optional(number)
      retention_hours = optional(number)
    }), {})
    transform = optional(object({
      buffering_seconds = optional(number)
      buffering_mb      = optional(number)
      retries           = optional(number)
    }), {})
    delivery = optional(object({
      name              = optional(string)
      buffering_seconds = optional(number)
      buffering_mib     = optional(number)
      compression       = optional(string)
    }), {})
  }))
  nullable = false
  default  = {}
}
"""


def declared(folder: Path, text: str) -> dict[str, Variable]:
    """Returns the variables that a configuration of this text declares."""
    (folder / "variables.tf").write_text(text, encoding="utf-8")
    return read_variables(folder)
