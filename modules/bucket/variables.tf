variable "name" {
  description = "Name of the bucket, unique in all of AWS."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "bucket name must be 3 to 63 of a-z, 0-9 and -, beginning and ending with a letter or digit (dots break TLS and are refused too); got \"${var.name}\"."
  }
  validation {
    condition     = !can(regex("^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$", var.name))
    error_message = "bucket name must not have a prefix or suffix that S3 keeps for itself (xn--, sthree-, amzn-s3-demo-, -s3alias, --ol-s3, --x-s3, --table-s3); got \"${var.name}\"."
  }
}

variable "kms_key_arn" {
  description = "ARN of the key that every object is encrypted with."
  type        = string
  nullable    = false
}

variable "writers" {
  description = "Roles of other accounts that may write, and the key prefixes that they may write to. They need not exist yet."
  type = list(object({
    role_arn = string
    prefixes = list(string)
  }))
  default  = []
  nullable = false

  validation {
    condition     = alltrue([for writer in var.writers : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/.+$", writer.role_arn))])
    error_message = "writers must name IAM roles by ARN (arn:aws:iam::123456789012:role/NAME)."
  }
  validation {
    condition     = alltrue([for writer in var.writers : length(writer.prefixes) > 0 && alltrue([for prefix in writer.prefixes : endswith(prefix, "/")])])
    error_message = "writers must have at least one prefix each, and each prefix must end with \"/\"."
  }
}

variable "noncurrent_version_days" {
  description = "Days after which an overwritten or deleted version is removed for good: 1 to 3,650."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.noncurrent_version_days >= 1 && var.noncurrent_version_days <= 3650 && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    error_message = "noncurrent_version_days must be a whole number from 1 to 3650; got ${var.noncurrent_version_days}."
  }
}

variable "partition" {
  description = "AWS partition: aws, aws-cn or aws-us-gov."
  type        = string
  nullable    = false
}
