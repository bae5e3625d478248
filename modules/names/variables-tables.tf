variable "tables" {
  description = "The tables by name: names of streams where one was chosen, rules, and whether a current state is kept."
  type = map(object({
    rules    = optional(map(object({ as = string })), {})
    stream   = optional(object({ name = optional(string) }), {})
    delivery = optional(object({ name = optional(string) }), {})
    state    = optional(object({ every = optional(string) }))
  }))
  nullable = false

  validation {
    condition     = length(var.tables) > 0
    error_message = "tables is empty: name at least one table, for example { my-table = {} }."
  }
  validation {
    condition = alltrue([for name in keys(var.tables) : can(regex("^[a-zA-Z0-9_.-]{3,255}$", name))])
    error_message = format(
      "tables: %s cannot be a table's name; use 3 to 255 letters, digits, \"_\", \".\" and \"-\".",
      join(", ", [
        for name in keys(var.tables) : jsonencode(name) if !can(regex("^[a-zA-Z0-9_.-]{3,255}$", name))
      ]),
    )
  }
  validation {
    condition = alltrue([
      for name, table in var.tables :
      can(regex("^[a-zA-Z0-9_.-]{1,128}$", coalesce(table.stream.name, "${name}-data-stream")))
    ])
    error_message = format(
      "tables: stream.name of %s is no data stream's name; use 1 to 128 letters, digits, \"_\", \".\" and \"-\".",
      join(", ", [
        for name, table in var.tables : "${name} (${coalesce(table.stream.name, "${name}-data-stream")})"
        if !can(regex("^[a-zA-Z0-9_.-]{1,128}$", coalesce(table.stream.name, "${name}-data-stream")))
      ]),
    )
  }
  validation {
    condition = alltrue([
      for delivery_stream in [
        for name, table in var.tables :
        coalesce(table.delivery.name, "${replace(name, "/^[_.]/", "x$0")}-delivery-stream")
      ] : can(regex("^[a-zA-Z0-9_.-]{1,64}$", delivery_stream))
    ])
    error_message = format(
      "tables: delivery.name of %s is no delivery stream's name; use 1 to 64 letters, digits, \"_\", \".\" and \"-\".",
      join(", ", [
        for name, delivery_stream in {
          for name, table in var.tables :
          name => coalesce(table.delivery.name, "${replace(name, "/^[_.]/", "x$0")}-delivery-stream")
        } : "${name} (${delivery_stream})" if !can(regex("^[a-zA-Z0-9_.-]{1,64}$", delivery_stream))
      ]),
    )
  }
  # Objects are named after their delivery stream, and Spark, Trino and pyarrow take such objects for hidden.
  validation {
    condition = alltrue([for table in values(var.tables) : !can(regex("^[_.]", table.delivery.name))])
    error_message = format(
      "tables: delivery.name of %s starts with \"_\" or \".\"; use a letter, a digit or \"-\" there: %s.",
      join(", ", [
        for name, table in var.tables : "${name} (${table.delivery.name})" if can(regex("^[_.]", table.delivery.name))
      ]),
      "objects are named after it, and readers pass over objects that start so",
    )
  }
  validation {
    condition = length(var.tables) == length(distinct([
      for name, table in var.tables : coalesce(table.stream.name, "${name}-data-stream")
    ]))
    error_message = format(
      "tables: several tables share one data stream (%s); give each its own stream.name.",
      join(", ", [for name, table in var.tables : "${name}: ${coalesce(table.stream.name, "${name}-data-stream")}"]),
    )
  }
  # Roles are named after delivery streams, and IAM takes two names that differ only by case for the same.
  validation {
    condition = length(var.tables) == length(distinct([
      for name, table in var.tables :
      lower(coalesce(table.delivery.name, "${replace(name, "/^[_.]/", "x$0")}-delivery-stream"))
    ]))
    error_message = format(
      "tables: several tables share one delivery stream (%s); give each its own delivery.name (%s).",
      join(", ", [
        for name, table in var.tables :
        "${name}: ${coalesce(table.delivery.name, "${replace(name, "/^[_.]/", "x$0")}-delivery-stream")}"
      ]),
      "upper and lower case count as the same",
    )
  }
}
