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
  description = "Names of everything here: the outputs of the module `names` for the lake's tables."
  type = object({
    backfill = object({
      job_name   = string
      role_name  = string
      log_prefix = string
    })
    tables = map(object({
      data_prefix   = string
      error_prefix  = string
      export_prefix = string
    }))
  })
  nullable = false

  # IAM User Guide, "IAM and AWS STS quotas": the inline policies of a role have 10,240 characters, without white space.
  validation {
    condition = length(jsonencode(var.names.tables)) + 330 * length(var.names.tables) <= 8000
    error_message = join("", [
      "backfill: ${length(var.names.tables)} tables are more than the policy of the job's role has room for: ",
      "use `--engine local`, or a second deployment for some of them.",
    ])
  }
}

variable "backfill" {
  description = "Glue's version, and how many workers of which type make rows, for how long at most."
  type = object({
    glue_version    = optional(string, "5.0")
    worker_type     = optional(string, "G.1X")
    workers         = optional(number, 10)
    timeout_minutes = optional(number, 480)
  })
  nullable = false

  # AWS Glue Developer Guide, "AWS Glue versions": these have the Python that the package is built for.
  validation {
    condition     = contains(["5.0", "5.1"], var.backfill.glue_version)
    error_message = "backfill.glue_version is ${jsonencode(var.backfill.glue_version)}: use \"5.0\" or \"5.1\"."
  }
  # AWS Glue API Reference, "CreateJob": WorkerType.
  validation {
    condition = contains(["G.1X", "G.2X", "G.4X", "G.8X"], var.backfill.worker_type)
    error_message = join("", [
      "backfill.worker_type is ${jsonencode(var.backfill.worker_type)}: ",
      "use \"G.1X\", \"G.2X\", \"G.4X\" or \"G.8X\".",
    ])
  }
  validation {
    condition = (
      var.backfill.workers >= 2 && var.backfill.workers <= 299 && floor(var.backfill.workers) == var.backfill.workers
    )
    error_message = "backfill.workers is ${var.backfill.workers}: give a whole number, 2 to 299; one of them drives."
  }
  # AWS Glue Developer Guide, "AWS Glue quotas"; a job is billed while it runs, so a limit is a limit of what it costs.
  validation {
    condition = (
      var.backfill.timeout_minutes >= 10 && var.backfill.timeout_minutes <= 10080
      && floor(var.backfill.timeout_minutes) == var.backfill.timeout_minutes
    )
    error_message = join("", [
      "backfill.timeout_minutes is ${var.backfill.timeout_minutes}: ",
      "give a whole number of minutes, 10 to 10080, which are seven days.",
    ])
  }
}

variable "package_file" {
  description = "Package of the job, as `python -m tools.build --for glue` writes it; null: the one in `build/`."
  type        = string
  default     = null
}

variable "function_name" {
  description = "Function whose settings, rules and hook the job uses."
  type        = string
  nullable    = false
}

variable "bucket_name" {
  description = "Bucket of the lake, which has the exports, the plan and the job's code too."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Customer managed key that encrypts the lake, the function's settings, the job's code and its logs."
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
}
