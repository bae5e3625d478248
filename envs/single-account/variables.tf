variable "region" {
  description = "Region of everything."
  type        = string
  nullable    = false
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-gov)?-[a-z]+-[0-9]+$", var.region))
    error_message = "region is ${jsonencode(var.region)}: give the code of a Region of the partitions aws, aws-cn or aws-us-gov, for example \"us-east-1\"."
  }
}

variable "account_id" {
  description = "Account that all this is for; with it, credentials of any other account are refused. Null: the account of the credentials."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null ? true : can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is ${jsonencode(var.account_id)}: give an AWS account id, exactly 12 digits."
  }
}

variable "name" {
  description = "Prefix of the names of what the tables share: function, network, bucket."
  type        = string
  nullable    = false
  default     = "blog-srsa"

  # The bucket's name is the longest: NAME-datalake-ACCOUNT-REGION must fit into 63 characters.
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,24}[a-z0-9]$", var.name)) && !startswith(var.name, "sg-")
    error_message = "name is ${jsonencode(var.name)} (${length(var.name)} characters): use 2 to 26 lower-case letters, digits and hyphens, starting with a letter (and not with \"sg-\"), ending with a letter or digit; names of bucket, function and roles are made from it."
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
  description = "Alias of the customer managed key, without the prefix `alias/`."
  type        = string
  nullable    = false
  default     = "blog-bdb1040-srsa-kms-key"
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
