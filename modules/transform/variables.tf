variable "name" {
  description = "Name of the function, its role and its security group."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,64}$", var.name)) && !startswith(var.name, "sg-")
    error_message = "name is ${jsonencode(var.name)}: use 1 to 64 letters, digits, \"_\" and \"-\", not starting with \"sg-\"."
  }
}

variable "package" {
  description = "The function's zip: either `file`, a local path, or `s3_bucket` and `s3_key`."
  type = object({
    file      = optional(string)
    s3_bucket = optional(string)
    s3_key    = optional(string)
  })
  nullable = false

  validation {
    condition     = var.package.file != null ? var.package.s3_bucket == null && var.package.s3_key == null : var.package.s3_bucket != null && var.package.s3_key != null
    error_message = "package is ${jsonencode(var.package)}: give either file, or both s3_bucket and s3_key."
  }
}

variable "runtime" {
  description = "Python runtime of the function; the package must be built for it."
  type        = string
  nullable    = false
  default     = "python3.13"

  validation {
    condition     = contains(["python3.11", "python3.12", "python3.13", "python3.14"], var.runtime)
    error_message = "runtime is ${jsonencode(var.runtime)}: use one of python3.11, python3.12, python3.13, python3.14."
  }
}

variable "architecture" {
  description = "Instruction set of the function; the package must be built for it."
  type        = string
  nullable    = false
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is ${jsonencode(var.architecture)}: use \"arm64\" or \"x86_64\"."
  }
}

variable "memory_mb" {
  description = "Memory of the function in MB: 128 to 10240. CPU grows with it."
  type        = number
  nullable    = false
  default     = 1024

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240 && floor(var.memory_mb) == var.memory_mb
    error_message = "memory_mb is ${var.memory_mb}: give a whole number from 128 to 10240."
  }
}

variable "timeout_seconds" {
  description = "Longest run of the function in seconds: 1 to 300, the most that Firehose waits."
  type        = number
  nullable    = false
  default     = 120

  validation {
    condition     = var.timeout_seconds >= 1 && var.timeout_seconds <= 300 && floor(var.timeout_seconds) == var.timeout_seconds
    error_message = "timeout_seconds is ${var.timeout_seconds}: give a whole number from 1 to 300 (Firehose waits 5 minutes at most)."
  }
}

variable "settings" {
  description = "How records are flattened: `path_separator` joins the names of a path (1 to 16 of a-z, 0-9, _); `list_format` is `text` or `array`; `log_level`; `hook` is `package.module:function` or null; `native_code` false leaves everything to Python, with the same lines."
  type = object({
    path_separator = optional(string, "_")
    list_format    = optional(string, "text")
    log_level      = optional(string, "INFO")
    hook           = optional(string)
    native_code    = optional(bool, true)
  })
  nullable = false
  default  = {}

  validation {
    condition     = can(regex("^[a-z0-9_]{1,16}$", var.settings.path_separator))
    error_message = "settings.path_separator is ${jsonencode(var.settings.path_separator)}: use 1 to 16 of a-z, 0-9 and \"_\", the characters of column names."
  }
  validation {
    condition     = contains(["text", "array"], var.settings.list_format)
    error_message = "settings.list_format is ${jsonencode(var.settings.list_format)}: use \"text\" or \"array\"."
  }
  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.settings.log_level)
    error_message = "settings.log_level is ${jsonencode(var.settings.log_level)}: use one of DEBUG, INFO, WARNING, ERROR."
  }
  validation {
    condition     = var.settings.hook == null ? true : can(regex("^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$", var.settings.hook))
    error_message = "settings.hook is ${jsonencode(var.settings.hook)}: give \"package.module:function\"."
  }
}

variable "vpc_id" {
  description = "VPC of the subnets."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Private subnets that the function runs in."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.subnet_ids) >= 1
    error_message = "subnet_ids is empty: give at least one subnet."
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

variable "log_retention_days" {
  description = "Days that log events are kept; one of the values that CloudWatch Logs accepts."
  type        = number
  nullable    = false
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}: CloudWatch Logs keeps events for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days; choose one of these."
  }
}

variable "account_id" {
  description = "Account in which all this is made."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is ${jsonencode(var.account_id)}: give an AWS account id, exactly 12 digits."
  }
}

variable "region" {
  description = "Region in which all this is made."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "region is ${jsonencode(var.region)}: give a Region's code, for example \"us-east-1\"."
  }
}

variable "partition" {
  description = "Partition of the account: `aws`, `aws-cn` or `aws-us-gov`."
  type        = string
  nullable    = false
  default     = "aws"

  validation {
    condition     = contains(["aws", "aws-cn", "aws-us-gov"], var.partition)
    error_message = "partition is ${jsonencode(var.partition)}: use one of aws, aws-cn, aws-us-gov."
  }
}
