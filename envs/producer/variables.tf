variable "region" {
  description = "Region of everything, the consumer's lake included."
  type        = string
  nullable    = false
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-gov)?-[a-z]+-[0-9]+$", var.region))
    error_message = "region is ${jsonencode(var.region)}: give the code of a Region of the partitions aws, aws-cn or aws-us-gov, for example \"us-east-1\"."
  }
}

variable "account_id" {
  description = "The producer's account; with it, credentials of any other account are refused. Null: the account of the credentials."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null ? true : can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is ${jsonencode(var.account_id)}: give an AWS account id, exactly 12 digits."
  }
}

variable "consumer_account_id" {
  description = "Account that owns the lake: the consumer environment's output `account_id`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.consumer_account_id))
    error_message = "consumer_account_id is ${jsonencode(var.consumer_account_id)}: give an AWS account id, exactly 12 digits."
  }
  validation {
    condition     = var.account_id == null || var.consumer_account_id != var.account_id
    error_message = "consumer_account_id is ${jsonencode(var.consumer_account_id)}, this account: for a lake in the account of its tables use envs/single-account."
  }
}

variable "cross_account_datalake_bucket" {
  description = "Data lake bucket in the consumer's account: the consumer environment's output `bucket_name`."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.cross_account_datalake_bucket))
    error_message = "cross_account_datalake_bucket is ${jsonencode(var.cross_account_datalake_bucket)}: give the consumer's output bucket_name (3 to 63 lower-case letters, digits and hyphens), not an ARN or URL."
  }
}

variable "cross_account_kms_key_arn" {
  description = "Key of the data lake bucket, by its full ARN: the consumer environment's output `kms_key_arn`. The lake's objects are encrypted with it, and nothing else."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.cross_account_kms_key_arn))
    error_message = "cross_account_kms_key_arn is ${jsonencode(var.cross_account_kms_key_arn)}: give the consumer's output kms_key_arn (arn:aws:kms:REGION:ACCOUNT:key/ID); an alias would resolve in this account's name space."
  }
  validation {
    condition     = try(split(":", var.cross_account_kms_key_arn)[4], var.consumer_account_id) == var.consumer_account_id
    error_message = "cross_account_kms_key_arn is ${jsonencode(var.cross_account_kms_key_arn)}, a key of another account than consumer_account_id (${var.consumer_account_id}): one of the two is wrong."
  }
  validation {
    condition     = try(split(":", var.cross_account_kms_key_arn)[3], var.region) == var.region
    error_message = "cross_account_kms_key_arn is ${jsonencode(var.cross_account_kms_key_arn)}, a key of another Region than region (${var.region}): the producer delivers to a lake in its own Region."
  }
}

variable "name" {
  description = "Prefix of the names of what the tables share: function, network."
  type        = string
  nullable    = false
  default     = "blog-srca"

  # As long as the consumer's may be, whose bucket is named after it.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,24}[a-z0-9]$", var.name)) && !startswith(var.name, "sg-")
    error_message = "name is ${jsonencode(var.name)} (${length(var.name)} characters): use 2 to 26 lower-case letters, digits and hyphens, starting with a letter (and not with \"sg-\"), ending with a letter or digit; names of function, network and roles are made from it."
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

variable "artifact_bucket" {
  description = "Bucket that holds the function's package; null: the package is a local file."
  type        = string
  default     = null

  validation {
    condition     = var.artifact_bucket == null ? true : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifact_bucket))
    error_message = "artifact_bucket is ${jsonencode(var.artifact_bucket)}: give a bucket's name (3 to 63 lower-case letters, digits and hyphens), not an ARN or URL."
  }
}

variable "transformation_lambda_file" {
  description = "The function's package: a local path, or with `artifact_bucket` a key in that bucket. Null: what `python -m tools.build` built for `transform.runtime` and `transform.architecture`."
  type        = string
  default     = null

  validation {
    condition     = var.artifact_bucket == null || var.transformation_lambda_file != null
    error_message = "artifact_bucket is ${jsonencode(var.artifact_bucket)} but transformation_lambda_file is not set: give the key of the function's package in that bucket."
  }
  validation {
    condition     = var.transformation_lambda_file == null ? true : length(trimspace(var.transformation_lambda_file)) > 0
    error_message = "transformation_lambda_file is empty: give a path (or a key in artifact_bucket), or leave it out to use what python -m tools.build built."
  }
}

variable "kms_key_alias" {
  description = "Alias of the producer's own customer managed key, without the prefix `alias/`."
  type        = string
  nullable    = false
  default     = "blog-bdb1040-srca-kms-key"
}

variable "log_retention_days" {
  description = "Days that log events are kept; one of the values that CloudWatch Logs accepts."
  type        = number
  nullable    = false
  default     = 365
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC: private (RFC 1918), from /16 to /26."
  type        = string
  nullable    = false
  default     = "10.0.0.0/24"
}

variable "availability_zone_suffixes" {
  description = "Letters of the Availability Zones that the function runs in: 1 to 4."
  type        = list(string)
  nullable    = false
  default     = ["a", "b"]
}

variable "transform" {
  description = "The function: `runtime` and `architecture` (the package must be built for them), `memory_mb`, `timeout_seconds`, and how it flattens: `path_separator`, `list_format` (`text` or `array`), `log_level`, `native_code` (false leaves everything to Python, with the same lines), `hook` (`package.module:function`), whose code, a Python file or package folder, `python -m tools.deploy` packages from `hook_source`."
  type = object({
    runtime         = optional(string, "python3.13")
    architecture    = optional(string, "arm64")
    memory_mb       = optional(number, 1024)
    timeout_seconds = optional(number, 120)
    path_separator  = optional(string, "_")
    list_format     = optional(string, "text")
    log_level       = optional(string, "INFO")
    native_code     = optional(bool, true)
    hook            = optional(string)
    hook_source     = optional(string)
  })
  nullable = false
  default  = {}
}
