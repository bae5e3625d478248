variable "region" {
  description = "Region of the lake, and of the producer's tables."
  type        = string
  nullable    = false
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-gov)?-[a-z]+-[0-9]+$", var.region))
    error_message = "region is ${jsonencode(var.region)}: give the code of a Region of the partitions aws, aws-cn or aws-us-gov, for example \"us-east-1\"."
  }
}

variable "account_id" {
  description = "The consumer's account; with it, credentials of any other account are refused. Null: the account of the credentials."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null ? true : can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is ${jsonencode(var.account_id)}: give an AWS account id, exactly 12 digits."
  }
}

variable "ddb_producer_account_id" {
  description = "Account of the tables, whose delivery roles may write here."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.ddb_producer_account_id))
    error_message = "ddb_producer_account_id is ${jsonencode(var.ddb_producer_account_id)}: give an AWS account id, exactly 12 digits."
  }
  validation {
    condition     = var.account_id == null || var.ddb_producer_account_id != var.account_id
    error_message = "ddb_producer_account_id is ${jsonencode(var.ddb_producer_account_id)}, this account: for a lake in the account of its tables use envs/single-account."
  }
}

variable "tables" {
  description = "The producer's tables, by name: for each, its delivery role may write under the table's prefixes. `delivery_stream_name` only where the producer sets one; the producer's own map can be given as it is, its other settings are left out."
  type = map(object({
    delivery_stream_name = optional(string)
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
    condition     = alltrue([for name, table in var.tables : can(regex("^[a-zA-Z0-9_.-]{1,64}$", coalesce(table.delivery_stream_name, "${name}-delivery-stream")))])
    error_message = "tables: delivery stream name of ${join(", ", [for name, table in var.tables : name if !can(regex("^[a-zA-Z0-9_.-]{1,64}$", coalesce(table.delivery_stream_name, "${name}-delivery-stream")))])} is no delivery stream's name (1 to 64 letters, digits, \"_\", \".\" and \"-\"); set delivery_stream_name to one."
  }
  # Roles are named like delivery streams, and IAM takes two names that differ only by case for the same.
  validation {
    condition     = length(distinct([for name, table in var.tables : lower(coalesce(table.delivery_stream_name, "${name}-delivery-stream"))])) == length(var.tables)
    error_message = "tables: several tables share one delivery stream (${join(", ", [for name, table in var.tables : "${name}: ${coalesce(table.delivery_stream_name, "${name}-delivery-stream")}"])}); give each its own delivery_stream_name (upper and lower case count as the same)."
  }
}

variable "name" {
  description = "Prefix of the bucket's name."
  type        = string
  nullable    = false
  default     = "blog-srca"

  # NAME-datalake-ACCOUNT-REGION must fit into 63 characters.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,24}[a-z0-9]$", var.name)) && !startswith(var.name, "sg-")
    error_message = "name is ${jsonencode(var.name)} (${length(var.name)} characters): use 2 to 26 lower-case letters, digits and hyphens, starting with a letter (and not with \"sg-\"), ending with a letter or digit; the bucket's name is made from it."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition     = alltrue([for key, value in var.tags : length(key) >= 1 && length(key) <= 128 && length(value) <= 256 && !startswith(lower(key), "aws:")])
    error_message = "tags is ${jsonencode(var.tags)}: use keys of 1 to 128 characters that do not start with \"aws:\", and values of at most 256."
  }
}

variable "kms_key_alias" {
  description = "Alias of the lake's customer managed key, without the prefix `alias/`."
  type        = string
  nullable    = false
  default     = "blog-bdb1040-srca-kms-key"
}

variable "bucket_name" {
  description = "Name of the data lake bucket; null: `<name>-datalake-<account>-<region>`."
  type        = string
  default     = null
}

variable "noncurrent_version_days" {
  description = "Days after which objects' versions that were overwritten or deleted are removed for good."
  type        = number
  nullable    = false
  default     = 90
}
