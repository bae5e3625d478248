variable "account" {
  description = "Where all this is made: account id, Region, and partition (`aws`, `aws-cn` or `aws-us-gov`)."
  type        = object({ id = string, region = string, partition = string })
  nullable    = false
}

variable "names" {
  description = "Names of everything here: the outputs of the module `names` for the same tables."
  type = object({
    alarm_prefix   = string
    topic_name     = string
    dashboard_name = string
    tables = optional(map(object({
      alarm_prefix         = string
      stream_name          = string
      delivery_stream_name = string
    })), {})
  })
  nullable = false
}

variable "environment" {
  description = "What `python -m tools.verify` is called with, for the commands that descriptions name."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["single-account", "cross-account"], var.environment)
    error_message = "environment is ${jsonencode(var.environment)}: use \"single-account\" or \"cross-account\"."
  }
}

variable "kms_key_arn" {
  description = "Customer managed key of the topic, whose policy must let CloudWatch use it."
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

variable "monitoring" {
  description = "Whom alarms tell, how late changes may be, and whether there is a dashboard."
  type = object({
    email        = optional(string)
    topic_arn    = optional(string)
    late_minutes = optional(number, 15)
    dashboard    = optional(bool, true)
  })
  nullable = false
  default  = {}

  validation {
    condition = (
      var.monitoring.email == null ? true : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.monitoring.email))
    )
    error_message = join("", [
      "monitoring.email is ${jsonencode(var.monitoring.email)}: ",
      "give an e-mail address, such as \"lake@example.com\".",
    ])
  }
  validation {
    condition = var.monitoring.topic_arn == null ? true : can(regex(
      "^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[a-zA-Z0-9_-]{1,256}$", var.monitoring.topic_arn
    ))
    error_message = join("", [
      "monitoring.topic_arn is ${jsonencode(var.monitoring.topic_arn)}: give the full ARN of a standard topic ",
      "(arn:aws:sns:REGION:ACCOUNT:NAME).",
    ])
  }
  # CloudWatch API Reference, "PutMetricAlarm": an alarm tells topics of its own Region.
  validation {
    condition = try(split(":", var.monitoring.topic_arn)[3], var.account.region) == var.account.region
    error_message = join("", [
      "monitoring.topic_arn is ${jsonencode(var.monitoring.topic_arn)}: ",
      "alarms of ${var.account.region} tell topics of that Region only; give one of those.",
    ])
  }
  validation {
    condition = var.monitoring.email == null || var.monitoring.topic_arn == null
    error_message = join("", [
      "monitoring.email and monitoring.topic_arn are both given: the address is subscribed to the topic that is made ",
      "without topic_arn. Subscribe it to yours by yourself, and leave out email.",
    ])
  }
  validation {
    condition = (
      var.monitoring.late_minutes >= 1 && var.monitoring.late_minutes <= 60
      && floor(var.monitoring.late_minutes) == var.monitoring.late_minutes
    )
    error_message = "monitoring.late_minutes is ${var.monitoring.late_minutes}: give a whole number from 1 to 60."
  }
}

variable "pipeline" {
  description = "What streams into the lake: the output `monitored` of the module `pipeline`. Null: nothing does."
  type = object({
    function_name           = string
    function_log_group_name = string
    timeout_seconds         = number
    tables = map(object({
      retention_hours   = number
      shards            = number
      buffering_seconds = number
    }))
  })
  default = null
}

variable "states" {
  description = "Tables whose current state is kept: the output `monitored` of the module `state` of each."
  type = map(object({
    every             = string
    state_machine_arn = string
    schedule_group    = string
    log_group_name    = string
  }))
  nullable = false
  default  = {}
}

variable "bucket_name" {
  description = "Bucket of the lake, where it is in this account: the dashboard shows how it grows."
  type        = string
  default     = null
}

variable "replication" {
  description = "How the bucket is replicated: the output `monitored` of the module `replica`. Null: it is not."
  type = object({
    region              = string
    bucket_name         = string
    replica_bucket_name = string
    rules               = list(string)
  })
  default = null
}
