variable "alias" {
  description = "Alias of the key, without the prefix \"alias/\"."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9/_-]{1,250}$", var.alias)) && !startswith(var.alias, "alias/") && !startswith(var.alias, "aws/")
    error_message = "alias must be 1 to 250 of a-z, A-Z, 0-9, /, _ and -, written without the prefix \"alias/\", and must not begin with \"aws/\"; got \"${var.alias}\"."
  }
}

variable "description" {
  description = "What the key is for, as the console shows it."
  type        = string
  default     = "Encrypts the data lake and everything that leads to it"
  nullable    = false
}

variable "partition" {
  description = "AWS partition: aws, aws-cn or aws-us-gov."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region that the key lives in."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Account that owns the key: 12 digits."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits; got \"${var.account_id}\"."
  }
}

variable "log_group_names" {
  description = "Names of the log groups that CloudWatch Logs may encrypt under the key."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.log_group_names) > 0
    error_message = "log_group_names must name at least one log group."
  }
}

variable "writers" {
  description = "ARNs of delivery roles, of other accounts too, that may write objects under the key. They need not exist yet."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.writers : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/.+$", arn))])
    error_message = "writers must be ARNs of IAM roles (arn:aws:iam::123456789012:role/NAME)."
  }
}

variable "deletion_window_days" {
  description = "Days between asking for the key's deletion and its end, in which it can be called off: 7 to 30."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30 && floor(var.deletion_window_days) == var.deletion_window_days
    error_message = "deletion_window_days must be a whole number from 7 to 30; got ${var.deletion_window_days}."
  }
}
