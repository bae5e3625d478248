variable "account" {
  description = "Where all this is made: account id, Region, and partition (`aws`, `aws-cn` or `aws-us-gov`)."
  type        = object({ id = string, region = string, partition = string })
  nullable    = false
}

variable "name" {
  description = "Prefix of the names of what the tables share: bucket, key, function, network, roles."
  type        = string
  nullable    = false

  # The bucket's name is the longest: NAME-datalake-ACCOUNT-REGION must fit into 63 characters.
  validation {
    condition = can(regex("^[a-z][a-z0-9-]{0,24}[a-z0-9]$", var.name)) && !startswith(var.name, "sg-")
    error_message = join("", [
      "name is ${jsonencode(var.name)} (${length(var.name)} characters): use 2 to 26 lower-case letters, digits and ",
      "hyphens, starting with a letter (and not with \"sg-\"), ending with a letter or digit; names of bucket, ",
      "function and roles are made from it.",
    ])
  }
}

variable "bucket_name" {
  description = "Name of the data lake bucket; null: `<name>-datalake-<account>-<region>`."
  type        = string
  default     = null
}

variable "kms_key_alias" {
  description = "Alias of the key; null: `<name>-kms-key`, for the default names the one of the blog post."
  type        = string
  default     = null
}

variable "replication" {
  description = "Region of the bucket's replica, and its name if one was chosen. Null: there is no replica."
  type        = object({ region = string, bucket_name = optional(string) })
  default     = null
}
