variable "tables" {
  description = "Tables with `rules` or `before`, which the package holds; `key` is not used for an `existing` table."
  type = map(object({
    existing = optional(bool, false)
    before   = optional(bool, false)
    rules    = optional(map(object({ as = string })), {})
    key = optional(object({
      hash_key  = optional(string, "id")
      range_key = optional(string)
    }), {})
  }))
  nullable = false
  default  = {}

  validation {
    condition = alltrue(flatten([
      for table in values(var.tables) : [
        for rule in values(table.rules) : can(regex("^(json|text|hash|drop)$", rule.as))
      ]
    ]))
    error_message = format(
      "%s: use \"json\", \"text\", \"hash\" or \"drop\".",
      join(", ", flatten([
        for name, table in var.tables : [
          for path, rule in table.rules :
          "table ${name}: rules[${jsonencode(path)}].as is ${jsonencode(try(rule.as, null))}"
          if !can(regex("^(json|text|hash|drop)$", rule.as))
        ]
      ])),
    )
  }
  # Names joined by ".", of which the first is not empty; "\" stands before a "." or "\" that belongs to a name.
  validation {
    condition = alltrue(flatten([
      for table in values(var.tables) : [
        for path in keys(table.rules) : can(regex("^([^.\\\\]|\\\\[.\\\\])+([.]|[^.\\\\]|\\\\[.\\\\])*$", path))
      ]
    ]))
    error_message = format(
      "%s: use attribute names joined by \".\", and \"\\\\.\" or \"\\\\\\\\\" for a \".\" or \"\\\\\" in a name.",
      join(", ", flatten([
        for name, table in var.tables : [
          for path in keys(table.rules) : "table ${name}: rules[${jsonencode(path)}] is no path"
          if !can(regex("^([^.\\\\]|\\\\[.\\\\])+([.]|[^.\\\\]|\\\\[.\\\\])*$", path))
        ]
      ])),
    )
  }
  # An item whose key is left out is no item any more. The key of an existing table is not known here.
  validation {
    condition = alltrue(flatten([
      for table in values(var.tables) : [
        for attribute in table.existing ? [] : compact([table.key.hash_key, table.key.range_key]) :
        try(table.rules[replace(replace(attribute, "\\", "\\\\"), ".", "\\.")].as != "drop", true)
      ]
    ]))
    error_message = format(
      "%s: use \"hash\", which keeps equal keys equal.",
      join(", ", flatten([
        for name, table in var.tables : [
          for attribute in table.existing ? [] : compact([table.key.hash_key, table.key.range_key]) :
          "table ${name}: rules drop ${jsonencode(attribute)}, an attribute of its key"
          if try(table.rules[replace(replace(attribute, "\\", "\\\\"), ".", "\\.")].as == "drop", false)
        ]
      ])),
    )
  }
}

# The rules stand here and not in the environments: of a variable that Terraform checks itself it shows the value.
variable "mask_key" {
  description = "Key of the rules that hash: 32 to 256 printable ASCII characters, as `openssl rand -hex 32` makes them."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition = var.mask_key == null ? true : can(regex("^[!-~]{32,256}$", var.mask_key))
    error_message = join("", [
      "mask_key: use 32 to 256 printable ASCII characters without spaces, ",
      "for example those of openssl rand -hex 32.",
    ])
  }
  validation {
    condition = var.mask_key != null || !contains(flatten([
      for table in values(var.tables) : [for rule in values(table.rules) : try(rule.as, null)]
    ]), "hash")
    error_message = format(
      "mask_key is not set, and rules of %s hash: set it, for example to what openssl rand -hex 32 prints.",
      join(", ", [
        for name, table in var.tables : name if contains([for rule in values(table.rules) : try(rule.as, null)], "hash")
      ]),
    )
  }
}
