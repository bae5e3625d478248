variable "account" {
  description = "Where the lake is: account id, Region, partition, and the path and permissions boundary of roles."
  type = object({
    id                       = string
    region                   = string
    partition                = string
    iam_path                 = optional(string, "/")
    permissions_boundary_arn = optional(string)
  })
  nullable = false
}

variable "names" {
  description = "Names of everything here: the outputs of the module `names` for the same lake."
  type = object({
    kms_key_alias       = string
    alarm_prefix        = string
    topic_name          = string
    dashboard_name      = string
    original_prefixes   = optional(list(string), [])
    replicated_prefixes = map(string)
    replica             = object({ bucket_name = string, role_name = string })
  })
  nullable = false
}

variable "replication" {
  description = "Region of the replica, and what exists there already: a key by its full ARN, a topic for the alarm."
  type = object({
    region      = string
    kms_key_arn = optional(string)
    topic_arn   = optional(string)
  })
  nullable = false

  validation {
    condition = can(regex("^[a-z]{2}(-gov)?-[a-z]+-[0-9]+$", var.replication.region))
    error_message = join("", [
      "replication.region is ${jsonencode(var.replication.region)}: give the code of a Region, for example ",
      "\"us-west-2\".",
    ])
  }
  validation {
    condition = var.replication.region != var.account.region
    error_message = join("", [
      "replication.region is ${jsonencode(var.replication.region)}, the Region of the lake: give another one, so that ",
      "one of the two is left when a Region is not.",
    ])
  }
  # Amazon S3 User Guide, "Requirements and considerations for replication": not from one partition to another.
  validation {
    condition = (
      startswith(var.replication.region, "cn-") == (var.account.partition == "aws-cn")
      && startswith(var.replication.region, "us-gov-") == (var.account.partition == "aws-us-gov")
    )
    error_message = join("", [
      "replication.region is ${jsonencode(var.replication.region)}, of another partition than the lake ",
      "(${var.account.partition}): give a Region of the same.",
    ])
  }
}

variable "bucket_name" {
  description = "Bucket of the lake, whose versions are on already."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Customer managed key of the lake."
  type        = string
  nullable    = false
}

variable "options" {
  description = "Options of the lake's bucket: colder classes and object lock are the replica's too."
  type = object({
    colder      = optional(map(map(number)), {})
    object_lock = optional(object({ mode = string, days = number }))
  })
  nullable = false
  default  = {}
}

variable "noncurrent_version_days" {
  description = "Days after which versions that were overwritten or deleted are removed for good, there too."
  type        = number
  nullable    = false
  default     = 90
}

variable "original_reader_role_arns" {
  description = "Roles that may read the replica's failed records of tables with rules; nobody else may."
  type        = list(string)
  nullable    = false
  default     = []
}

variable "original_days" {
  description = "Days that the replica's failed records of tables with rules are kept."
  type        = number
  nullable    = false
  default     = 30
}

variable "environment" {
  description = "What `python -m tools.verify` is called with, for the commands that the alarm names."
  type        = string
  nullable    = false
}

variable "monitoring" {
  description = "Whom the alarm in the replica's Region tells, and after how many minutes. Null: there is no alarm."
  type = object({
    email        = optional(string)
    late_minutes = optional(number)
  })
  default = null
}
