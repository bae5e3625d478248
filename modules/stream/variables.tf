variable "name" {
  description = "Name of the data stream."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{1,128}$", var.name))
    error_message = "name is ${jsonencode(var.name)} (${length(var.name)} characters): use 1 to 128 letters, digits, \"_\", \".\" and \"-\" for a data stream's name."
  }
}

variable "mode" {
  description = "`PROVISIONED`: `shards` shards; `ON_DEMAND`: Kinesis scales by itself."
  type        = string
  nullable    = false
  default     = "PROVISIONED"

  validation {
    condition     = contains(["PROVISIONED", "ON_DEMAND"], var.mode)
    error_message = "mode is ${jsonencode(var.mode)}: use \"PROVISIONED\" or \"ON_DEMAND\"."
  }
}

variable "shards" {
  description = "Number of shards of a provisioned stream; each takes 1 MiB or 1,000 records a second. Ignored on demand."
  type        = number
  nullable    = false
  default     = 10

  validation {
    condition     = var.shards >= 1 && var.shards <= 10000 && floor(var.shards) == var.shards
    error_message = "shards is ${var.shards}: give a whole number from 1 to 10000."
  }
}

variable "retention_hours" {
  description = "Hours that records stay readable: 24 to 8760."
  type        = number
  nullable    = false
  default     = 24

  validation {
    condition     = var.retention_hours >= 24 && var.retention_hours <= 8760 && floor(var.retention_hours) == var.retention_hours
    error_message = "retention_hours is ${var.retention_hours}: give a whole number from 24 to 8760 (365 days)."
  }
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
