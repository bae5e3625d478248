variable "name" {
  description = "Name of the function, its role and its log group."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.name))
    error_message = "function name must be 1 to 64 of a-z, A-Z, 0-9, _ and -; got \"${var.name}\"."
  }
}

variable "code" {
  description = "Where the artifact lies: a local file's path, or, with bucket, the key of an object in it."
  type = object({
    path   = string
    bucket = optional(string)
  })
  nullable = false
}

variable "runtime" {
  description = "Python runtime that the artifact was built for."
  type        = string
  default     = "python3.13"
  nullable    = false

  validation {
    condition     = contains(["python3.11", "python3.12", "python3.13", "python3.14"], var.runtime)
    error_message = "runtime must be python3.11, python3.12, python3.13 or python3.14; got \"${var.runtime}\"."
  }
}

variable "architecture" {
  description = "Instruction set that the artifact was built for: arm64 or x86_64."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture must be arm64 or x86_64; got \"${var.architecture}\"."
  }
}

variable "memory_mb" {
  description = "Memory in MB, which decides the share of a processor too: 128 to 10,240."
  type        = number
  default     = 1024
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb must be a whole number from 128 to 10240; got ${var.memory_mb}."
  }
}

variable "timeout_seconds" {
  description = "Seconds that one batch may take: 1 to 300, the most that Firehose waits."
  type        = number
  default     = 120
  nullable    = false

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 300 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds must be a whole number from 1 to 300; got ${var.timeout_seconds}."
  }
}

variable "path_separator" {
  description = "What joins the names of a nested attribute's path in a column name: a-z, 0-9 and _ only."
  type        = string
  default     = "_"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9_]{1,8}$", var.path_separator))
    error_message = "path_separator must be 1 to 8 of a-z, 0-9 and _; got \"${var.path_separator}\"."
  }
}

variable "list_format" {
  description = "How lists and sets are written: text (JSON text) or array."
  type        = string
  default     = "text"
  nullable    = false

  validation {
    condition     = contains(["text", "array"], var.list_format)
    error_message = "list_format must be text or array; got \"${var.list_format}\"."
  }
}

variable "log_level" {
  description = "Least severe messages that the function logs: DEBUG, INFO, WARNING or ERROR."
  type        = string
  default     = "INFO"
  nullable    = false

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "log_level must be DEBUG, INFO, WARNING or ERROR; got \"${var.log_level}\"."
  }
}

variable "hook" {
  description = "Function in the artifact that sees each row before it is written, as package.module:function. Null for none."
  type        = string
  default     = null

  validation {
    condition     = var.hook == null || can(regex("^[A-Za-z_][A-Za-z0-9_.]*:[A-Za-z_][A-Za-z0-9_]*$", var.hook))
    error_message = "hook must be written package.module:function."
  }
}

variable "subnet_ids" {
  description = "IDs of the private subnets that the function runs in."
  type        = list(string)
  nullable    = false
}

variable "security_group_id" {
  description = "ID of the function's security group."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the function's environment and log."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the function's log is kept; one of the values that CloudWatch Logs accepts."
  type        = number
  default     = 365
  nullable    = false
}

variable "partition" {
  description = "AWS partition: aws, aws-cn or aws-us-gov."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the function."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Account of the function: 12 digits."
  type        = string
  nullable    = false
}
