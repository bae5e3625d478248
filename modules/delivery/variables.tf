variable "name" {
  description = "Name of the delivery stream and of its role: 1 to 64 of a-z, A-Z, 0-9, _, . and -."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{1,64}$", var.name))
    error_message = "delivery stream name must be 1 to 64 of a-z, A-Z, 0-9, _, . and -; got \"${var.name}\" (${length(var.name)} characters)."
  }
}

variable "table_name" {
  description = "Name of the table, which is part of the objects' keys."
  type        = string
  nullable    = false
}

variable "stream_name" {
  description = "Name of the Kinesis data stream that is read."
  type        = string
  nullable    = false
}

variable "stream_arn" {
  description = "ARN of the Kinesis data stream that is read."
  type        = string
  nullable    = false
}

variable "function_name" {
  description = "Name of the function that flattens the records."
  type        = string
  nullable    = false
}

variable "function_alias" {
  description = "Alias of the function that is called."
  type        = string
  default     = "live"
  nullable    = false
}

variable "function_alias_arn" {
  description = "ARN of that alias."
  type        = string
  nullable    = false
}

variable "bucket_arn" {
  description = "ARN of the data lake bucket, in this account or another."
  type        = string
  nullable    = false
}

variable "bucket_kms_key_arn" {
  description = "ARN of the key that encrypts the bucket; never an alias, which would mean a key of the bucket owner's."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of this account's key, which encrypts the stream and the log."
  type        = string
  nullable    = false
}

variable "buffering" {
  description = "How much is collected into one object: seconds (0 to 900) or mib (1 to 128), whichever comes first."
  type = object({
    seconds = optional(number, 120)
    mib     = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.buffering.seconds >= 0 && var.buffering.seconds <= 900 && floor(var.buffering.seconds) == var.buffering.seconds
    error_message = "buffering seconds must be a whole number from 0 to 900; got ${var.buffering.seconds}."
  }
  validation {
    condition     = var.buffering.mib >= 1 && var.buffering.mib <= 128 && floor(var.buffering.mib) == var.buffering.mib
    error_message = "buffering mib must be a whole number from 1 to 128; got ${var.buffering.mib}."
  }
}

variable "transform_buffering" {
  description = "How much is collected for one call of the function: seconds (0 to 900) or mb (0.2 to 3), whichever comes first."
  type = object({
    seconds = optional(number, 60)
    mb      = optional(number, 1)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.transform_buffering.seconds >= 0 && var.transform_buffering.seconds <= 900 && floor(var.transform_buffering.seconds) == var.transform_buffering.seconds
    error_message = "transform buffering seconds must be a whole number from 0 to 900; got ${var.transform_buffering.seconds}."
  }
  validation {
    condition     = var.transform_buffering.mb >= 0.2 && var.transform_buffering.mb <= 3
    error_message = "transform buffering mb must be from 0.2 to 3; got ${var.transform_buffering.mb}."
  }
}

variable "compression" {
  description = "Compression of the objects: GZIP or UNCOMPRESSED."
  type        = string
  default     = "GZIP"
  nullable    = false

  validation {
    condition     = contains(["GZIP", "UNCOMPRESSED"], var.compression)
    error_message = "compression must be GZIP or UNCOMPRESSED; got \"${var.compression}\"."
  }
}

variable "log_retention_days" {
  description = "Days that the log of failed deliveries is kept; one of the values that CloudWatch Logs accepts."
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
  description = "Region of the delivery stream."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Account of the delivery stream: 12 digits."
  type        = string
  nullable    = false
}
