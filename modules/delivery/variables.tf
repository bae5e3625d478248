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

variable "name" {
  description = "Name of the delivery stream."
  type        = string
  nullable    = false
}

variable "role_name" {
  description = "Name of its role, which the bucket's account can name in its policies before it exists."
  type        = string
  nullable    = false
}

variable "table_name" {
  description = "Table whose changes are delivered, named in messages."
  type        = string
  nullable    = false
}

variable "stream_name" {
  description = "Data stream that is the source. By name, so that the role does not wait for it."
  type        = string
  nullable    = false
}

variable "function_name" {
  description = "Function whose alias `live` transforms the records. By name, so that the role does not wait for it."
  type        = string
  nullable    = false
}

variable "bucket_name" {
  description = "Bucket that receives the records. By name, so that the role does not wait for it."
  type        = string
  nullable    = false
}

variable "bucket_is_in_other_account" {
  description = "True when the bucket belongs to another account; its policy must then name this role."
  type        = bool
  nullable    = false
  default     = false
}

variable "bucket_kms_key_arn" {
  description = "Key that encrypts the bucket's objects; `kms_key_arn` when null."
  type        = string
  default     = null
}

variable "data_prefix" {
  description = "Prefix of the table's records in the bucket."
  type        = string
  nullable    = false
}

variable "error_prefix" {
  description = "Prefix of the table's failed records in the bucket."
  type        = string
  nullable    = false
}

variable "delivery" {
  description = "How long, or up to which size, records wait for an object to be written, and its compression."
  type = object({
    buffering_seconds = optional(number, 120)
    buffering_mib     = optional(number, 1)
    compression       = optional(string, "GZIP")
  })
  nullable = false
  default  = {}

  validation {
    condition = (
      var.delivery.buffering_seconds >= 0 && var.delivery.buffering_seconds <= 900
      && floor(var.delivery.buffering_seconds) == var.delivery.buffering_seconds
    )
    error_message = join("", [
      "table ${var.table_name}: delivery.buffering_seconds is ${var.delivery.buffering_seconds}: ",
      "give a whole number from 0 to 900.",
    ])
  }
  validation {
    condition = (
      var.delivery.buffering_mib >= 1 && var.delivery.buffering_mib <= 128
      && floor(var.delivery.buffering_mib) == var.delivery.buffering_mib
    )
    error_message = join("", [
      "table ${var.table_name}: delivery.buffering_mib is ${var.delivery.buffering_mib}: ",
      "give a whole number from 1 to 128.",
    ])
  }
  validation {
    condition = contains(["GZIP", "UNCOMPRESSED"], var.delivery.compression)
    error_message = join("", [
      "table ${var.table_name}: delivery.compression is ${jsonencode(var.delivery.compression)}: ",
      "use \"GZIP\" or \"UNCOMPRESSED\".",
    ])
  }
}

variable "transform" {
  description = "How long, or up to which size, records wait for the function, and how often a call is repeated."
  type = object({
    buffering_seconds = optional(number, 60)
    buffering_mb      = optional(number, 1)
    retries           = optional(number, 20)
  })
  nullable = false
  default  = {}

  validation {
    condition = (
      var.transform.buffering_seconds >= 0 && var.transform.buffering_seconds <= 900
      && floor(var.transform.buffering_seconds) == var.transform.buffering_seconds
    )
    error_message = join("", [
      "table ${var.table_name}: transform.buffering_seconds is ${var.transform.buffering_seconds}: ",
      "give a whole number from 0 to 900.",
    ])
  }
  validation {
    condition = var.transform.buffering_mb >= 0.2 && var.transform.buffering_mb <= 3
    error_message = join("", [
      "table ${var.table_name}: transform.buffering_mb is ${var.transform.buffering_mb}: ",
      "give a number from 0.2 to 3 (a request to the function holds at most 6 MB, in base64).",
    ])
  }
  validation {
    condition = (
      var.transform.retries >= 0 && var.transform.retries <= 300
      && floor(var.transform.retries) == var.transform.retries
    )
    error_message = join("", [
      "table ${var.table_name}: transform.retries is ${var.transform.retries}: ",
      "give a whole number from 0 to 300.",
    ])
  }
}

variable "wait_for" {
  description = "Attributes of stream, function and bucket: the delivery stream, but not its role, is made after them."
  type        = list(string)
  nullable    = false
  default     = []
}

variable "kms_key_arn" {
  description = "Customer managed key that encrypts everything here."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that log events are kept."
  type        = number
  nullable    = false
}
