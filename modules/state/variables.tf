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
  description = "Names of everything here: the outputs of the module `names` for the lake's tables."
  type = object({
    database_name  = string
    workgroup_name = string
    results_prefix = string
    tables = map(object({
      data_prefix              = string
      state_prefix             = string
      catalog_table            = string
      state_machine_name       = string
      state_role_name          = string
      state_schedule_role_name = string
    }))
  })
  nullable = false

  # AWS Glue Developer Guide, "Table structure": a name has at most 255 bytes.
  validation {
    condition = length("${var.names.tables[var.table_name].catalog_table}_state_current") <= 255
    error_message = join("", [
      "tables: the name of ${var.table_name} is too long for the view of its state in the catalog: ",
      "use at most 241 characters, or leave out its state.",
    ])
  }
  validation {
    condition = length(setintersection(
      [for suffix in ["_state", "_state_current"] : "${var.names.tables[var.table_name].catalog_table}${suffix}"],
      flatten([
        for name, table in var.names.tables : [
          for suffix in ["", "_changes", "_current", "_failed", "_history"] : "${table.catalog_table}${suffix}"
        ]
      ]),
    )) == 0
    error_message = join("", [
      "tables: in the catalog the state of ${var.table_name} would be called like another table's: ",
      "leave out its state, or stream the other table from a deployment of its own.",
    ])
  }
}

variable "table_name" {
  description = "Table whose current state is kept, one of those in `names`."
  type        = string
  nullable    = false
}

variable "item_columns" {
  description = "Columns of the items, as the catalog declares them: names and types."
  type        = list(object({ name = string, type = string }))
  nullable    = false
}

variable "state" {
  description = "How often changes are merged, and how many hours before the last merge a run looks for late ones."
  type = object({
    every         = optional(string, "1 hour")
    overlap_hours = optional(number, 26)
  })
  nullable = false

  # EventBridge Scheduler User Guide, "Schedule types": a rate has a unit in the singular for 1, else in the plural.
  validation {
    condition = can(regex("^(1 (minute|hour|day)|([2-9]|[1-9][0-9]{1,3}) (minutes|hours|days))$", var.state.every))
    error_message = join("", [
      "tables: state.every of ${var.table_name} is ${jsonencode(var.state.every)}: give a number and a unit, ",
      "such as \"15 minutes\", \"1 hour\" or \"2 days\".",
    ])
  }
  validation {
    condition = (
      var.state.overlap_hours >= 1 && var.state.overlap_hours <= 8760
      && floor(var.state.overlap_hours) == var.state.overlap_hours
    )
    error_message = join("", [
      "tables: state.overlap_hours of ${var.table_name} is ${var.state.overlap_hours}: ",
      "give a whole number of hours, 1 to 8760.",
    ])
  }
}

variable "bucket_name" {
  description = "Bucket of the lake."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Customer managed key that encrypts the lake, the state machine, its log and its schedule."
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

variable "log_retention_days" {
  description = "Days that log events are kept; one of the values that CloudWatch Logs accepts."
  type        = number
  nullable    = false
  default     = 365
}
