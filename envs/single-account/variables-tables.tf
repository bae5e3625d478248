variable "tables" {
  description = "The tables to stream: table name -> settings, all optional."
  type = map(object({
    existing                    = optional(bool, false)  # true: the table is there already
    hash_key                    = optional(string, "id") # partition key of a table made here
    hash_key_type               = optional(string, "S")  # S, N or B
    range_key                   = optional(string)       # sort key of a table made here
    range_key_type              = optional(string, "S")  # S, N or B
    stream_name                 = optional(string)       # TABLE-data-stream
    stream_mode                 = optional(string, "PROVISIONED")
    shards                      = optional(number, 10)
    stream_retention_hours      = optional(number, 24)
    delivery_stream_name        = optional(string) # TABLE-delivery-stream; names the delivery role too
    buffering_seconds           = optional(number, 120)
    buffering_mib               = optional(number, 1)
    transform_buffering_seconds = optional(number, 60)
    transform_buffering_mb      = optional(number, 1)
    compression                 = optional(string, "GZIP")
  }))
  default  = { blog-srsa-ddb-table = {} }
  nullable = false

  validation {
    condition     = length(var.tables) > 0
    error_message = "tables must name at least one table."
  }
  validation {
    condition     = alltrue([for name in keys(var.tables) : can(regex("^[a-zA-Z0-9_.-]{3,255}$", name))])
    error_message = "tables: a table name must be 3 to 255 of a-z, A-Z, 0-9, _, . and -; not so: ${join(", ", [for name in keys(var.tables) : name if !can(regex("^[a-zA-Z0-9_.-]{3,255}$", name))])}."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : length(coalesce(table.delivery_stream_name, "${name}-delivery-stream")) <= 64])
    error_message = "tables: a delivery stream's name has at most 64 characters; set a shorter delivery_stream_name for: ${join(", ", [for name, table in var.tables : name if length(coalesce(table.delivery_stream_name, "${name}-delivery-stream")) > 64])}."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : length(coalesce(table.stream_name, "${name}-data-stream")) <= 128])
    error_message = "tables: a stream's name has at most 128 characters; set a shorter stream_name for: ${join(", ", [for name, table in var.tables : name if length(coalesce(table.stream_name, "${name}-data-stream")) > 128])}."
  }
  validation {
    condition = (
      length(distinct([for name, table in var.tables : coalesce(table.stream_name, "${name}-data-stream")])) == length(var.tables)
      && length(distinct([for name, table in var.tables : coalesce(table.delivery_stream_name, "${name}-delivery-stream")])) == length(var.tables)
    )
    error_message = "tables: every table needs a stream and a delivery stream of its own; two tables name the same stream_name or delivery_stream_name."
  }
  validation {
    condition     = alltrue([for table in values(var.tables) : table.shards >= 1 && table.shards <= 10000 && floor(table.shards) == table.shards])
    error_message = "tables: shards must be a whole number from 1 to 10000; not so for: ${join(", ", [for name, table in var.tables : "${name} (${table.shards})" if !(table.shards >= 1 && table.shards <= 10000 && floor(table.shards) == table.shards)])}."
  }
  validation {
    condition     = alltrue([for table in values(var.tables) : table.buffering_seconds >= 0 && table.buffering_seconds <= 900 && floor(table.buffering_seconds) == table.buffering_seconds])
    error_message = "tables: buffering_seconds must be a whole number from 0 to 900; not so for: ${join(", ", [for name, table in var.tables : "${name} (${table.buffering_seconds})" if !(table.buffering_seconds >= 0 && table.buffering_seconds <= 900 && floor(table.buffering_seconds) == table.buffering_seconds)])}."
  }
}
