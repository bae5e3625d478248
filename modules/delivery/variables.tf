variable "name" {
  description = "Name of the delivery stream and of its role."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{1,64}$", var.name))
    error_message = "name is ${jsonencode(var.name)} (${length(var.name)} characters): use 1 to 64 letters, digits, \"_\", \".\" and \"-\" for a delivery stream's name."
  }
}

variable "table_name" {
  description = "Table whose changes are delivered; names the prefixes in the bucket."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.table_name))
    error_message = "table_name is ${jsonencode(var.table_name)}: use 3 to 255 letters, digits, \"_\", \".\" and \"-\" for a table's name."
  }
}

variable "stream_name" {
  description = "Data stream in this account and Region that is the source. By name, so that the role does not wait for it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{1,128}$", var.stream_name))
    error_message = "stream_name is ${jsonencode(var.stream_name)}: use 1 to 128 letters, digits, \"_\", \".\" and \"-\" for a data stream's name."
  }
}

variable "function_name" {
  description = "Function in this account and Region that transforms the records. By name, so that the role does not wait for it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.function_name))
    error_message = "function_name is ${jsonencode(var.function_name)}: use 1 to 64 letters, digits, \"_\" and \"-\"."
  }
}

variable "function_alias" {
  description = "Alias of the function that is called."
  type        = string
  nullable    = false
  default     = "live"

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,128}$", var.function_alias)) && !can(regex("^[0-9]+$", var.function_alias))
    error_message = "function_alias is ${jsonencode(var.function_alias)}: use 1 to 128 letters, digits, \"_\" and \"-\", not only digits."
  }
}

variable "bucket_name" {
  description = "Bucket that receives the records. By name, so that the role does not wait for it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name is ${jsonencode(var.bucket_name)}: give a bucket's name (3 to 63 lower-case letters, digits and hyphens), not an ARN or URL."
  }
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

  validation {
    condition     = var.bucket_kms_key_arn == null ? true : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.bucket_kms_key_arn))
    error_message = "bucket_kms_key_arn is ${jsonencode(var.bucket_kms_key_arn)}: give the full ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID); an alias would resolve in another account's name space."
  }
}

variable "buffering_seconds" {
  description = "Longest time that records wait for an object to fill: 0 to 900 seconds."
  type        = number
  nullable    = false
  default     = 120

  validation {
    condition     = var.buffering_seconds >= 0 && var.buffering_seconds <= 900 && floor(var.buffering_seconds) == var.buffering_seconds
    error_message = "buffering_seconds is ${var.buffering_seconds}: give a whole number from 0 to 900."
  }
}

variable "buffering_mib" {
  description = "Size at which an object is written before its time is up: 1 to 128 MiB."
  type        = number
  nullable    = false
  default     = 1

  validation {
    condition     = var.buffering_mib >= 1 && var.buffering_mib <= 128 && floor(var.buffering_mib) == var.buffering_mib
    error_message = "buffering_mib is ${var.buffering_mib}: give a whole number from 1 to 128."
  }
}

variable "transform_buffering_seconds" {
  description = "Longest time that records wait for the function to be called: 0 to 900 seconds."
  type        = number
  nullable    = false
  default     = 60

  validation {
    condition     = var.transform_buffering_seconds >= 0 && var.transform_buffering_seconds <= 900 && floor(var.transform_buffering_seconds) == var.transform_buffering_seconds
    error_message = "transform_buffering_seconds is ${var.transform_buffering_seconds}: give a whole number from 0 to 900."
  }
}

variable "transform_buffering_mb" {
  description = "Size at which the function is called before the time is up: 0.2 to 3 MB."
  type        = number
  nullable    = false
  default     = 1

  validation {
    condition     = var.transform_buffering_mb >= 0.2 && var.transform_buffering_mb <= 3
    error_message = "transform_buffering_mb is ${var.transform_buffering_mb}: give a number from 0.2 to 3 (a request to the function holds at most 6 MB, in base64)."
  }
}

variable "compression" {
  description = "`GZIP` or `UNCOMPRESSED` objects."
  type        = string
  nullable    = false
  default     = "GZIP"

  validation {
    condition     = contains(["GZIP", "UNCOMPRESSED"], var.compression)
    error_message = "compression is ${jsonencode(var.compression)}: use \"GZIP\" or \"UNCOMPRESSED\"."
  }
}

variable "wait_for" {
  description = "Attributes of the data stream, the function's alias and the bucket: the delivery stream, but not its role, is made after them."
  type        = list(string)
  nullable    = false
  default     = []
}

variable "kms_key_arn" {
  description = "Customer managed key that encrypts everything here."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn is ${jsonencode(var.kms_key_arn)}: give the full ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID); an alias would resolve in another account's name space."
  }
}

variable "log_retention_days" {
  description = "Days that log events are kept; one of the values that CloudWatch Logs accepts."
  type        = number
  nullable    = false
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}: CloudWatch Logs keeps events for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days; choose one of these."
  }
}

variable "account_id" {
  description = "Account in which all this is made."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is ${jsonencode(var.account_id)}: give an AWS account id, exactly 12 digits."
  }
}

variable "region" {
  description = "Region in which all this is made."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region is ${jsonencode(var.region)}: give a Region's code, for example \"us-east-1\"."
  }
}

variable "partition" {
  description = "Partition of the account: `aws`, `aws-cn` or `aws-us-gov`."
  type        = string
  nullable    = false
  default     = "aws"

  validation {
    condition     = contains(["aws", "aws-cn", "aws-us-gov"], var.partition)
    error_message = "partition is ${jsonencode(var.partition)}: use one of aws, aws-cn, aws-us-gov."
  }
}
