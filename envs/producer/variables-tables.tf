variable "tables" {
  description = "Tables that are streamed into the consumer's lake, by name. Every setting has a default: `{ my-table = {} }`. README describes them."
  type = map(object({
    existing                    = optional(bool, false)
    hash_key                    = optional(string, "id")
    hash_key_type               = optional(string, "S")
    range_key                   = optional(string)
    range_key_type              = optional(string, "S")
    stream_name                 = optional(string)
    stream_mode                 = optional(string, "PROVISIONED")
    shards                      = optional(number, 10)
    stream_retention_hours      = optional(number, 24)
    delivery_stream_name        = optional(string)
    buffering_seconds           = optional(number, 120)
    buffering_mib               = optional(number, 1)
    transform_buffering_seconds = optional(number, 60)
    transform_buffering_mb      = optional(number, 1)
    compression                 = optional(string, "GZIP")
  }))
  nullable = false
  default  = { blog-srca-ddb-table = {} }

  validation {
    condition     = length(var.tables) > 0
    error_message = "tables is empty: name at least one table, for example { my-table = {} }."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : can(regex("^[a-zA-Z0-9_.-]{3,255}$", name))])
    error_message = "tables: ${join(", ", [for name, table in var.tables : jsonencode(name) if !can(regex("^[a-zA-Z0-9_.-]{3,255}$", name))])} cannot be a table's name; use 3 to 255 letters, digits, \"_\", \".\" and \"-\"."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : contains(["S", "N", "B"], table.hash_key_type) && contains(["S", "N", "B"], table.range_key_type)])
    error_message = "tables: key types of ${join(", ", [for name, table in var.tables : "${name} (hash_key_type ${table.hash_key_type}, range_key_type ${table.range_key_type})" if !(contains(["S", "N", "B"], table.hash_key_type) && contains(["S", "N", "B"], table.range_key_type))])}: use \"S\" (string), \"N\" (number) or \"B\" (binary)."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : length(table.hash_key) >= 1 && length(table.hash_key) <= 255 && (table.range_key == null ? true : length(table.range_key) >= 1 && length(table.range_key) <= 255 && table.range_key != table.hash_key)])
    error_message = "tables: keys of ${join(", ", [for name, table in var.tables : "${name} (hash_key ${jsonencode(table.hash_key)}, range_key ${jsonencode(table.range_key)})" if !(length(table.hash_key) >= 1 && length(table.hash_key) <= 255 && (table.range_key == null ? true : length(table.range_key) >= 1 && length(table.range_key) <= 255 && table.range_key != table.hash_key))])}: give two different attribute names of 1 to 255 characters; leave range_key out for a table without sort key."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : contains(["PROVISIONED", "ON_DEMAND"], table.stream_mode)])
    error_message = "tables: stream_mode of ${join(", ", [for name, table in var.tables : "${name} (${table.stream_mode})" if !contains(["PROVISIONED", "ON_DEMAND"], table.stream_mode)])}: use \"PROVISIONED\" or \"ON_DEMAND\"."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : table.shards >= 1 && table.shards <= 10000 && floor(table.shards) == table.shards])
    error_message = "tables: shards of ${join(", ", [for name, table in var.tables : "${name} (${table.shards})" if !(table.shards >= 1 && table.shards <= 10000 && floor(table.shards) == table.shards)])}: give a whole number from 1 to 10000."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : table.stream_retention_hours >= 24 && table.stream_retention_hours <= 8760 && floor(table.stream_retention_hours) == table.stream_retention_hours])
    error_message = "tables: stream_retention_hours of ${join(", ", [for name, table in var.tables : "${name} (${table.stream_retention_hours})" if !(table.stream_retention_hours >= 24 && table.stream_retention_hours <= 8760 && floor(table.stream_retention_hours) == table.stream_retention_hours)])}: give a whole number from 24 to 8760 (365 days)."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : can(regex("^[a-zA-Z0-9_.-]{1,128}$", coalesce(table.stream_name, "${name}-data-stream")))])
    error_message = "tables: stream name of ${join(", ", [for name, table in var.tables : name if !can(regex("^[a-zA-Z0-9_.-]{1,128}$", coalesce(table.stream_name, "${name}-data-stream")))])} is no data stream's name (1 to 128 letters, digits, \"_\", \".\" and \"-\"); set stream_name to one."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : can(regex("^[a-zA-Z0-9_.-]{1,64}$", coalesce(table.delivery_stream_name, "${name}-delivery-stream")))])
    error_message = "tables: delivery stream name of ${join(", ", [for name, table in var.tables : name if !can(regex("^[a-zA-Z0-9_.-]{1,64}$", coalesce(table.delivery_stream_name, "${name}-delivery-stream")))])} is no delivery stream's name (1 to 64 letters, digits, \"_\", \".\" and \"-\"); set delivery_stream_name to one."
  }
  validation {
    condition     = length(distinct([for name, table in var.tables : coalesce(table.stream_name, "${name}-data-stream")])) == length(var.tables)
    error_message = "tables: several tables share one data stream (${join(", ", [for name, table in var.tables : "${name}: ${coalesce(table.stream_name, "${name}-data-stream")}"])}); give each its own stream_name."
  }
  # Roles are named like delivery streams, and IAM takes two names that differ only by case for the same.
  validation {
    condition     = length(distinct([for name, table in var.tables : lower(coalesce(table.delivery_stream_name, "${name}-delivery-stream"))])) == length(var.tables)
    error_message = "tables: several tables share one delivery stream (${join(", ", [for name, table in var.tables : "${name}: ${coalesce(table.delivery_stream_name, "${name}-delivery-stream")}"])}); give each its own delivery_stream_name (upper and lower case count as the same)."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : table.buffering_seconds >= 0 && table.buffering_seconds <= 900 && floor(table.buffering_seconds) == table.buffering_seconds])
    error_message = "tables: buffering_seconds of ${join(", ", [for name, table in var.tables : "${name} (${table.buffering_seconds})" if !(table.buffering_seconds >= 0 && table.buffering_seconds <= 900 && floor(table.buffering_seconds) == table.buffering_seconds)])}: give a whole number from 0 to 900."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : table.buffering_mib >= 1 && table.buffering_mib <= 128 && floor(table.buffering_mib) == table.buffering_mib])
    error_message = "tables: buffering_mib of ${join(", ", [for name, table in var.tables : "${name} (${table.buffering_mib})" if !(table.buffering_mib >= 1 && table.buffering_mib <= 128 && floor(table.buffering_mib) == table.buffering_mib)])}: give a whole number from 1 to 128."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : table.transform_buffering_seconds >= 0 && table.transform_buffering_seconds <= 900 && floor(table.transform_buffering_seconds) == table.transform_buffering_seconds])
    error_message = "tables: transform_buffering_seconds of ${join(", ", [for name, table in var.tables : "${name} (${table.transform_buffering_seconds})" if !(table.transform_buffering_seconds >= 0 && table.transform_buffering_seconds <= 900 && floor(table.transform_buffering_seconds) == table.transform_buffering_seconds)])}: give a whole number from 0 to 900."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : table.transform_buffering_mb >= 0.2 && table.transform_buffering_mb <= 3])
    error_message = "tables: transform_buffering_mb of ${join(", ", [for name, table in var.tables : "${name} (${table.transform_buffering_mb})" if !(table.transform_buffering_mb >= 0.2 && table.transform_buffering_mb <= 3)])}: give a number from 0.2 to 3."
  }
  validation {
    condition     = alltrue([for name, table in var.tables : contains(["GZIP", "UNCOMPRESSED"], table.compression)])
    error_message = "tables: compression of ${join(", ", [for name, table in var.tables : "${name} (${table.compression})" if !contains(["GZIP", "UNCOMPRESSED"], table.compression)])}: use \"GZIP\" or \"UNCOMPRESSED\"."
  }
}
