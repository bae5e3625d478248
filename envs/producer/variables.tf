variable "consumer_account_id" {
  description = "Account that owns the lake: the consumer environment's output `account_id`."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^[0-9]{12}$", var.consumer_account_id))
    error_message = join("", [
      "consumer_account_id is ${jsonencode(var.consumer_account_id)}: ",
      "give an AWS account id, exactly 12 digits.",
    ])
  }
  validation {
    condition = var.account_id == null || var.consumer_account_id != var.account_id
    error_message = join("", [
      "consumer_account_id is ${jsonencode(var.consumer_account_id)}, this account: ",
      "for a lake in the account of its tables use envs/single-account.",
    ])
  }
}

variable "cross_account_datalake_bucket" {
  description = "Data lake bucket in the consumer's account: the consumer environment's output `bucket_name`."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.cross_account_datalake_bucket))
    error_message = join("", [
      "cross_account_datalake_bucket is ${jsonencode(var.cross_account_datalake_bucket)}: give the consumer's output ",
      "bucket_name (3 to 63 lower-case letters, digits and hyphens), not an ARN or URL.",
    ])
  }
}

variable "cross_account_kms_key_arn" {
  description = "Key of the lake's objects, by its full ARN: the consumer environment's output `kms_key_arn`."
  type        = string
  nullable    = false

  validation {
    condition = can(regex(
      "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.cross_account_kms_key_arn
    ))
    error_message = join("", [
      "cross_account_kms_key_arn is ${jsonencode(var.cross_account_kms_key_arn)}: give the consumer's output ",
      "kms_key_arn (arn:aws:kms:REGION:ACCOUNT:key/ID); an alias would resolve in this account's name space.",
    ])
  }
  validation {
    condition = try(split(":", var.cross_account_kms_key_arn)[4], var.consumer_account_id) == var.consumer_account_id
    error_message = join("", [
      "cross_account_kms_key_arn is ${jsonencode(var.cross_account_kms_key_arn)}, a key of another account than ",
      "consumer_account_id (${var.consumer_account_id}): one of the two is wrong.",
    ])
  }
  validation {
    condition = try(split(":", var.cross_account_kms_key_arn)[3], var.region) == var.region
    error_message = join("", [
      "cross_account_kms_key_arn is ${jsonencode(var.cross_account_kms_key_arn)}, a key of another Region than region ",
      "(${var.region}): the producer delivers to a lake in its own Region.",
    ])
  }
}

variable "name" {
  description = "Prefix of the names of what the tables share: key, function, network, roles."
  type        = string
  nullable    = false
  default     = "blog-srca"
}

variable "kms_key_alias" {
  description = "Alias of the key, without `alias/`. Null: `<name>-kms-key`, by default `blog-bdb1040-srca-kms-key`."
  type        = string
  default     = null
}

variable "artifact_bucket" {
  description = "Bucket that holds the function's package; null: the package is a local file."
  type        = string
  default     = null
}

variable "transformation_lambda_file" {
  description = "The package: a local path, or a key in `artifact_bucket`. Null: what `python -m tools.build` built."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "Days that log events are kept; one of the values that CloudWatch Logs accepts."
  type        = number
  nullable    = false
  default     = 365
}

variable "network" {
  description = "VPC and private subnets that exist already, by their ids: no network is made. Null: one is."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  default = null
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
  description = "The function and how it flattens; README has the settings."
  type = object({
    runtime         = optional(string)
    architecture    = optional(string)
    memory_mb       = optional(number)
    timeout_seconds = optional(number)
    path_separator  = optional(string)
    list_format     = optional(string)
    log_level       = optional(string)
    native_code     = optional(bool)
    hook            = optional(string)
    hook_source     = optional(string)
  })
  nullable = false
  default  = {}
}
