variable "name" {
  description = "Name of the table."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.name))
    error_message = "name is ${jsonencode(var.name)}: use 3 to 255 letters, digits, \"_\", \".\" and \"-\" for a table's name."
  }
}

variable "existing" {
  description = "True when the table exists already: only its streaming destination is made."
  type        = bool
  nullable    = false
  default     = false
}

variable "hash_key" {
  description = "Partition key attribute. Not used for an existing table."
  type        = string
  nullable    = false
  default     = "id"

  validation {
    condition     = length(var.hash_key) >= 1 && length(var.hash_key) <= 255
    error_message = "hash_key is ${jsonencode(var.hash_key)}: use 1 to 255 characters for a key attribute's name."
  }
}

variable "hash_key_type" {
  description = "Type of the partition key: `S`, `N` or `B`."
  type        = string
  nullable    = false
  default     = "S"

  validation {
    condition     = contains(["S", "N", "B"], var.hash_key_type)
    error_message = "hash_key_type is ${jsonencode(var.hash_key_type)}: use \"S\" (string), \"N\" (number) or \"B\" (binary)."
  }
}

variable "range_key" {
  description = "Sort key attribute; none when null."
  type        = string
  default     = null

  validation {
    condition     = var.range_key == null ? true : length(var.range_key) >= 1 && length(var.range_key) <= 255
    error_message = "range_key is ${jsonencode(var.range_key)}: use 1 to 255 characters for a key attribute's name; leave it out for a table without sort key."
  }
  validation {
    condition     = var.range_key != var.hash_key
    error_message = "range_key is ${jsonencode(var.range_key)}, the same as hash_key: use two different attributes."
  }
}

variable "range_key_type" {
  description = "Type of the sort key: `S`, `N` or `B`."
  type        = string
  nullable    = false
  default     = "S"

  validation {
    condition     = contains(["S", "N", "B"], var.range_key_type)
    error_message = "range_key_type is ${jsonencode(var.range_key_type)}: use \"S\" (string), \"N\" (number) or \"B\" (binary)."
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

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn is ${jsonencode(var.kms_key_arn)}: give the full ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID); an alias would resolve in another account's name space."
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
