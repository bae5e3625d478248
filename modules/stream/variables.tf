variable "name" {
  description = "Name of the stream: 1 to 128 of a-z, A-Z, 0-9, _, . and -."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{1,128}$", var.name))
    error_message = "stream name must be 1 to 128 of a-z, A-Z, 0-9, _, . and -; got \"${var.name}\"."
  }
}

variable "mode" {
  description = "Capacity mode: PROVISIONED (a number of shards) or ON_DEMAND."
  type        = string
  default     = "PROVISIONED"
  nullable    = false

  validation {
    condition     = contains(["PROVISIONED", "ON_DEMAND"], var.mode)
    error_message = "mode must be PROVISIONED or ON_DEMAND; got \"${var.mode}\"."
  }
}

variable "shards" {
  description = "Number of shards of a provisioned stream, each for 1 MiB or 1,000 records a second: 1 to 10,000."
  type        = number
  default     = 10
  nullable    = false

  validation {
    condition     = var.shards >= 1 && var.shards <= 10000 && floor(var.shards) == var.shards
    error_message = "shards must be a whole number from 1 to 10000; got ${var.shards}."
  }
}

variable "retention_hours" {
  description = "Hours that a change stays in the stream, delivered or not: 24 to 8,760."
  type        = number
  default     = 24
  nullable    = false

  validation {
    condition     = var.retention_hours >= 24 && var.retention_hours <= 8760 && floor(var.retention_hours) == var.retention_hours
    error_message = "retention_hours must be a whole number from 24 to 8760; got ${var.retention_hours}."
  }
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the stream."
  type        = string
  nullable    = false
}
