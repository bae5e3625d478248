variable "account" {
  description = "Where all this is made: account id, Region, partition, and the path and permissions boundary of roles."
  type = object({
    id        = string
    region    = string
    partition = string

    iam_path                 = optional(string, "/")
    permissions_boundary_arn = optional(string)
  })
  nullable = false
}

variable "names" {
  description = "Names of everything here: the outputs of the module `names` for the same tables."
  type = object({
    database_name            = string
    workgroup_name           = string
    results_prefix           = string
    lake_formation_role_name = string
    crawler = object({
      database_name  = string
      role_name      = string
      log_group_name = string
    })
    tables = map(object({
      data_prefix   = string
      error_prefix  = string
      catalog_table = string
      state_prefix  = optional(string)
    }))
  })
  nullable = false

  # AWS Glue Developer Guide, "Table structure": a name has at most 255 bytes.
  validation {
    condition = alltrue([for table in values(var.names.tables) : length("${table.catalog_table}_changes") <= 255])
    error_message = format(
      "tables: the name of %s is too long for its views in the catalog: use at most 247 characters.",
      join(", ", [
        for name, table in var.names.tables : name if length("${table.catalog_table}_changes") > 255
      ]),
    )
  }
  validation {
    condition = alltrue([
      for owners in values({
        for each in flatten([
          for name, table in var.names.tables : [
            for suffix in ["", "_changes", "_current", "_failed", "_history"] :
            { name = "${table.catalog_table}${suffix}", owner = name }
          ]
        ]) : each.name => each.owner...
      }) : length(owners) == 1
    ])
    error_message = format(
      "tables: in the catalog several would have one name (%s): %s; stream one of them from a deployment of its own.",
      join("; ", [
        for name, owners in {
          for each in flatten([
            for name, table in var.names.tables : [
              for suffix in ["", "_changes", "_current", "_failed", "_history"] :
              { name = "${table.catalog_table}${suffix}", owner = name }
            ]
          ]) : each.name => each.owner...
        } : "${name} of ${join(" and ", owners)}" if length(owners) > 1
      ]),
      join("", [
        "a table's name is in lower case there, with \"_\" for other characters than letters and digits, ",
        "and has a view after it for each of _changes, _current, _failed, _history",
      ]),
    )
  }
}

variable "tables" {
  description = "The tables by name: their key, whether rows have the old image, rules, and whether a current state is kept."
  type = map(object({
    existing = optional(bool)
    before   = optional(bool)
    rules    = optional(map(object({ as = string })), {})
    state    = optional(object({ every = optional(string) }))
    key = optional(object({
      hash_key  = optional(string)
      range_key = optional(string)
    }), {})
  }))
  nullable = false
}

variable "bucket_name" {
  description = "Bucket of the lake."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Customer managed key that encrypts the lake, and what queries find."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.kms_key_arn))
    error_message = join("", [
      "kms_key_arn is ${jsonencode(var.kms_key_arn)}: give the full ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID); ",
      "an alias would resolve in another account's name space.",
    ])
  }
}
