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

variable "names" {
  description = "Names of everything here: the outputs of the module `names` for the same tables."
  type = object({
    network_name        = string
    flow_log_role_name  = string
    function_name       = string
    execution_role_name = string
    tables = map(object({
      stream_name          = string
      delivery_stream_name = string
      delivery_role_name   = string
      data_prefix          = string
      error_prefix         = string
    }))
  })
  nullable = false
}

variable "bucket_name" {
  description = "Bucket that receives the records."
  type        = string
  nullable    = false
}

variable "bucket_is_in_other_account" {
  description = "True when the bucket belongs to another account; its policy must then name the delivery roles."
  type        = bool
  nullable    = false
  default     = false
}

variable "bucket_kms_key_arn" {
  description = "Key that encrypts the bucket's objects; `kms_key_arn` when null."
  type        = string
  default     = null
}

variable "wait_for" {
  description = "Attributes of the bucket: the delivery streams, but not their roles, are made after them."
  type        = list(string)
  nullable    = false
  default     = []
}

variable "transform" {
  description = "The function and how it flattens; the module `transform` has the defaults."
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
  })
  nullable = false
  default  = {}
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

variable "network" {
  description = "VPC and private subnets that exist already, by their ids: no network is made. Null: one is."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  default = null

  validation {
    condition = var.network == null ? true : (
      can(regex("^vpc-[0-9a-f]+$", var.network.vpc_id))
      && length(var.network.subnet_ids) > 0
      && length(distinct(var.network.subnet_ids)) == length(var.network.subnet_ids)
      && alltrue([for id in var.network.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    )
    error_message = join("", [
      "network is ${jsonencode(var.network)}: give a vpc_id (vpc-...) and one or more different subnet_ids (subnet-...) ",
      "of its private subnets.",
    ])
  }
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC; the module `network` has the default."
  type        = string
  default     = null
}

variable "availability_zone_suffixes" {
  description = "Letters of the Availability Zones that the function runs in; the module `network` has the default."
  type        = list(string)
  default     = null
}

variable "kms_key_arn" {
  description = "Customer managed key that encrypts everything here."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.kms_key_arn))
    error_message = join("", [
      "kms_key_arn is ${jsonencode(var.kms_key_arn)}: give the full ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID); ",
      "an alias would resolve in another account's name space.",
    ])
  }
}

variable "log_retention_days" {
  description = "Days that log events are kept; one of the values that CloudWatch Logs accepts."
  type        = number
  nullable    = false
  default     = 365

  validation {
    condition = contains(
      [
        1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
      ],
      var.log_retention_days,
    )
    error_message = join("", [
      "log_retention_days is ${var.log_retention_days}: CloudWatch Logs keeps events for 1, 3, 5, 7, 14, 30, 60, 90, ",
      "120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days; choose one of these.",
    ])
  }
}
