variable "ddb_producer_account_id" {
  description = "Account of the tables, whose delivery roles may write here."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^[0-9]{12}$", var.ddb_producer_account_id))
    error_message = join("", [
      "ddb_producer_account_id is ${jsonencode(var.ddb_producer_account_id)}: ",
      "give an AWS account id, exactly 12 digits.",
    ])
  }
  validation {
    condition = var.account_id == null || var.ddb_producer_account_id != var.account_id
    error_message = join("", [
      "ddb_producer_account_id is ${jsonencode(var.ddb_producer_account_id)}, this account: ",
      "for a lake in the account of its tables use envs/single-account.",
    ])
  }
}

variable "producer_iam_path" {
  description = "Path of the producer's roles: its `iam_path`. Null: the same as `iam_path`."
  type        = string
  default     = null

  validation {
    condition = var.producer_iam_path == null ? true : (
      can(regex("^/([!-.0-~]+/)*$", var.producer_iam_path)) && length(var.producer_iam_path) <= 512
    )
    error_message = join("", [
      "producer_iam_path is ${jsonencode(var.producer_iam_path)}: give the producer's iam_path, which starts and ends ",
      "with \"/\".",
    ])
  }
}

variable "tables" {
  description = "The producer's tables, by name: its own map will do. README says which settings count here."
  type = map(object({
    existing = optional(bool)
    before   = optional(bool)
    rules    = optional(map(object({ as = string })), {})
    key = optional(object({
      hash_key  = optional(string)
      range_key = optional(string)
    }), {})
    delivery = optional(object({ name = optional(string) }), {})
    state = optional(object({
      every         = optional(string)
      overlap_hours = optional(number)
    }))
  }))
  nullable = false
  default  = { blog-srca-ddb-table = {} }
}

variable "name" {
  description = "Prefix of the names of bucket and key."
  type        = string
  nullable    = false
  default     = "blog-srca"
}

variable "kms_key_alias" {
  description = "Alias of the key, without `alias/`. Null: `<name>-kms-key`, by default `blog-bdb1040-srca-kms-key`."
  type        = string
  default     = null
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

variable "original_reader_role_arns" {
  description = "Roles that may read failed records and exports of tables with `rules`; nobody else may."
  type        = list(string)
  nullable    = false
  default     = []
}

variable "exporter_role_arns" {
  description = "Roles of the producer that may export its tables to the lake, as `backfill` does."
  type        = list(string)
  nullable    = false
  default     = []
}

variable "original_days" {
  description = "Days that failed records and exports of tables with `rules` are kept: 1 to 365."
  type        = number
  nullable    = false
  default     = 30
}
