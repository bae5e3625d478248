variable "account" {
  description = "Where all this is made: account id, Region, and partition (`aws`, `aws-cn` or `aws-us-gov`)."
  type        = object({ id = string, region = string, partition = string })
  nullable    = false
}

variable "name" {
  description = "Name of the table."
  type        = string
  nullable    = false
}

variable "existing" {
  description = "True when the table exists already: only its streaming destination is made."
  type        = bool
  nullable    = false
  default     = false
}

variable "key" {
  description = "Partition key and, if any, sort key: attribute and type. Not used for an existing table."
  type = object({
    hash_key       = optional(string, "id")
    hash_key_type  = optional(string, "S")
    range_key      = optional(string)
    range_key_type = optional(string, "S")
  })
  nullable = false
  default  = {}

  validation {
    condition = alltrue([
      for attribute in compact([var.key.hash_key, var.key.range_key]) : length(attribute) <= 255
    ]) && var.key.hash_key != "" && var.key.range_key != ""
    error_message = join("", [
      "table ${var.name}: key.hash_key is ${jsonencode(var.key.hash_key)} and key.range_key ",
      "${jsonencode(var.key.range_key)}: use 1 to 255 characters; leave range_key out for a table without sort key.",
    ])
  }
  validation {
    condition = var.key.range_key != var.key.hash_key
    error_message = join("", [
      "table ${var.name}: key.range_key is ${jsonencode(var.key.range_key)}, the same as key.hash_key: ",
      "use two different attributes.",
    ])
  }
  validation {
    condition = alltrue([
      for type in [var.key.hash_key_type, var.key.range_key_type] : contains(["S", "N", "B"], type)
    ])
    error_message = join("", [
      "table ${var.name}: key.hash_key_type is ${jsonencode(var.key.hash_key_type)} and key.range_key_type ",
      "${jsonencode(var.key.range_key_type)}: use \"S\" (string), \"N\" (number) or \"B\" (binary).",
    ])
  }
}

variable "stream_arn" {
  description = "Data stream that receives the table's changes. Its consumers should exist first: see README."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Customer managed key that encrypts everything here."
  type        = string
  nullable    = false
}
