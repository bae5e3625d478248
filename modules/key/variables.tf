variable "account" {
  description = "Where all this is made: account id, Region, and partition (`aws`, `aws-cn` or `aws-us-gov`)."
  type        = object({ id = string, region = string, partition = string })
  nullable    = false
}

variable "kms_key_alias" {
  description = "Alias of the key, without the prefix `alias/`."
  type        = string
  nullable    = false

  validation {
    condition     = !startswith(var.kms_key_alias, "alias/")
    error_message = "kms_key_alias is ${jsonencode(var.kms_key_alias)}: leave out the prefix \"alias/\", it is added."
  }
  validation {
    condition = !startswith(var.kms_key_alias, "aws/")
    error_message = join("", [
      "kms_key_alias is ${jsonencode(var.kms_key_alias)}: names that start with \"aws/\" are reserved by AWS; ",
      "choose another.",
    ])
  }
  validation {
    condition = (
      startswith(var.kms_key_alias, "alias/")
      || can(regex("^[a-zA-Z0-9/_-]{1,250}$", var.kms_key_alias))
    )
    error_message = join("", [
      "kms_key_alias is ${jsonencode(var.kms_key_alias)}: ",
      "use 1 to 250 letters, digits, \"/\", \"_\" and \"-\".",
    ])
  }
}

variable "existing_arn" {
  description = "Key that exists already, by its full ARN: none is made, and its policy is yours. Null: a key is made."
  type        = string
  default     = null

  validation {
    condition = var.existing_arn == null ? true : can(regex(
      "^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.existing_arn
    ))
    error_message = join("", [
      "kms_key_arn is ${jsonencode(var.existing_arn)}: give the full ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID), ",
      "not an alias.",
    ])
  }
  validation {
    condition = (
      var.existing_arn == null ? true
      : try(join(":", slice(split(":", var.existing_arn), 3, 5)) == "${var.account.region}:${var.account.id}", true)
    )
    error_message = join("", [
      "kms_key_arn is ${jsonencode(var.existing_arn)}: give a key of this account (${var.account.id}) and Region ",
      "(${var.account.region}).",
    ])
  }
}

variable "description" {
  description = "What the key protects, for people who read the list of keys."
  type        = string
  nullable    = false
  default     = "Data lake: tables, streams, objects and logs"
}

variable "services" {
  description = "Services through which the account may use the key, by the name they have in `kms:ViaService`."
  type        = set(string)
  nullable    = false
  default     = ["dynamodb", "kinesis", "lambda", "s3"]

  validation {
    condition = (
      length(var.services) > 0
      && alltrue([for service in var.services : can(regex("^[a-z0-9-]+$", service))])
    )
    error_message = join("", [
      "services is ${jsonencode(var.services)}: name at least one service, in lower case as in kms:ViaService, ",
      "for example \"s3\".",
    ])
  }
}

variable "log_group_names" {
  description = "Log groups that CloudWatch Logs may encrypt with the key; a `*` at the end of a name stands for the rest."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition = alltrue([for name in var.log_group_names : can(regex("^[a-zA-Z0-9_/.#-]{2,512}[*]?$", name))])
    error_message = join("", [
      "log_group_names is ${jsonencode(var.log_group_names)}: give log group names ",
      "(2 to 512 letters, digits, \"_\", \"-\", \"/\", \".\" and \"#\"), of which the last character may be \"*\".",
    ])
  }
}

variable "state_machine_prefix" {
  description = "Prefix of the names of state machines whose content is encrypted with the key. Null: there are none."
  type        = string
  default     = null

  validation {
    condition = var.state_machine_prefix == null ? true : can(regex("^[a-zA-Z0-9_-]{1,64}$", var.state_machine_prefix))
    error_message = join("", [
      "state_machine_prefix is ${jsonencode(var.state_machine_prefix)}: give what names of state machines start with ",
      "(1 to 64 letters, digits, \"_\" and \"-\"; no patterns).",
    ])
  }
}

variable "schedule_prefix" {
  description = "Prefix of the names of schedules, and of their groups, under the key. Null: there are none."
  type        = string
  default     = null

  validation {
    condition = var.schedule_prefix == null ? true : can(regex("^[a-zA-Z0-9_.-]{1,64}$", var.schedule_prefix))
    error_message = join("", [
      "schedule_prefix is ${jsonencode(var.schedule_prefix)}: give what names of schedule groups start with ",
      "(1 to 64 letters, digits, \"_\", \".\" and \"-\"; no patterns).",
    ])
  }
}

variable "alarm_prefix" {
  description = "Prefix of the names of alarms that tell a topic under the key. Null: there are none."
  type        = string
  default     = null

  validation {
    condition = var.alarm_prefix == null ? true : can(regex("^[a-zA-Z0-9_-]+/$", var.alarm_prefix))
    error_message = join("", [
      "alarm_prefix is ${jsonencode(var.alarm_prefix)}: give letters, digits, \"_\" and \"-\", and a \"/\" at the end, ",
      "so that no other deployment's alarms are let in.",
    ])
  }
}

variable "writer_roles" {
  description = "Patterns of roles of other accounts that may write objects under the key through S3: all under a path."
  type        = set(string)
  nullable    = false
  default     = []

  validation {
    condition = alltrue([
      for roles in var.writer_roles : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role(/[a-zA-Z0-9+=,.@_-]+)+/[*]$", roles))
    ])
    error_message = join("", [
      "writer_roles is ${jsonencode(var.writer_roles)}: give a path of roles and \"*\", ",
      "for example \"arn:aws:iam::111122223333:role/path/*\".",
    ])
  }
}

variable "exporter_role_arns" {
  description = "Roles of other accounts that may write exports under the key through S3."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition = alltrue([
      for role_arn in var.exporter_role_arns :
      can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[a-zA-Z0-9+=,.@_/-]+$", role_arn))
    ])
    error_message = join("", [
      "exporter_role_arns is ${jsonencode(var.exporter_role_arns)}: give full role ARNs, without wildcards, for example ",
      "\"arn:aws:iam::111122223333:role/name\"; of a session, give the role.",
    ])
  }
}

variable "writer_bucket_name" {
  description = "Bucket for whose objects alone `writer_roles` and `exporter_role_arns` may use the key; required with them."
  type        = string
  default     = null

  validation {
    condition = (
      var.writer_bucket_name == null
      ? length(var.writer_roles) + length(var.exporter_role_arns) == 0
      : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.writer_bucket_name))
    )
    error_message = join("", [
      "writer_bucket_name is ${jsonencode(var.writer_bucket_name)}: with writer_roles or exporter_role_arns, ",
      "give the name of the bucket that they write to (3 to 63 lower-case letters, digits and hyphens), not an ARN or URL.",
    ])
  }
}
