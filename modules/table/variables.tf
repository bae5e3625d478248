variable "name" {
  description = "Name of the table: 3 to 255 of a-z, A-Z, 0-9, _, . and -."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.name))
    error_message = "table name must be 3 to 255 of a-z, A-Z, 0-9, _, . and -; got \"${var.name}\"."
  }
}

variable "existing" {
  description = "True for a table that is there already: only its streaming destination is made."
  type        = bool
  default     = false
  nullable    = false
}

variable "hash_key" {
  description = "Partition key of a table made here: attribute name and type (S, N or B)."
  type = object({
    name = optional(string, "id")
    type = optional(string, "S")
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["S", "N", "B"], var.hash_key.type)
    error_message = "hash_key type must be S, N or B; got \"${var.hash_key.type}\"."
  }
  validation {
    condition     = length(var.hash_key.name) >= 1 && length(var.hash_key.name) <= 255
    error_message = "hash_key name must be 1 to 255 characters."
  }
}

variable "range_key" {
  description = "Sort key of a table made here: attribute name and type (S, N or B). Null for none."
  type = object({
    name = string
    type = optional(string, "S")
  })
  default = null

  validation {
    condition     = var.range_key == null || contains(["S", "N", "B"], try(var.range_key.type, "S"))
    error_message = "range_key type must be S, N or B."
  }
  validation {
    condition     = var.range_key == null || try(var.range_key.name, "") != var.hash_key.name
    error_message = "range_key must be another attribute than hash_key."
  }
}

variable "stream_arn" {
  description = "ARN of the Kinesis data stream, in the table's own account and Region."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts a table made here."
  type        = string
  nullable    = false
}

variable "partition" {
  description = "AWS partition: aws, aws-cn or aws-us-gov."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the table."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Account of the table: 12 digits."
  type        = string
  nullable    = false
}
