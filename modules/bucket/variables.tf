variable "account" {
  description = "Where all this is made: account id, Region, and partition (`aws`, `aws-cn` or `aws-us-gov`)."
  type        = object({ id = string, region = string, partition = string })
  nullable    = false
}

variable "bucket_name" {
  description = "Name of the bucket; unique in all of AWS."
  type        = string
  nullable    = false

  validation {
    condition = !strcontains(var.bucket_name, ".")
    error_message = join("", [
      "bucket_name is ${jsonencode(var.bucket_name)}: leave out dots; a bucket name with dots does not match the ",
      "certificate of S3's TLS endpoints, and this bucket is reached over TLS only.",
    ])
  }
  validation {
    condition = can(regex("^[a-z0-9]([a-z0-9.-]{1,61})[a-z0-9]$", var.bucket_name))
    error_message = join("", [
      "bucket_name is ${jsonencode(var.bucket_name)} (${length(var.bucket_name)} characters): ",
      "use 3 to 63 lower-case letters, digits and hyphens, a letter or digit first and last.",
    ])
  }
  validation {
    condition = !can(regex("^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$", var.bucket_name))
    error_message = join("", [
      "bucket_name is ${jsonencode(var.bucket_name)}: S3 reserves the prefixes xn--, sthree-, amzn-s3-demo- and the ",
      "suffixes -s3alias, --ol-s3, --x-s3, --table-s3; choose another name.",
    ])
  }
}

variable "writers" {
  description = "Roles of other accounts, all under a path, that may write: of `tables`, each the one that its tag names."
  type = list(object({
    roles    = string
    tables   = list(string)
    prefixes = list(string)
  }))
  nullable = false
  default  = []

  validation {
    condition = alltrue([
      for writer in var.writers :
      can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role(/[a-zA-Z0-9+=,.@_-]+)+/[*]$", writer.roles))
    ])
    error_message = join("", [
      "writers: roles is ${jsonencode(var.writers[*].roles)}: give a path of roles and \"*\", ",
      "for example \"arn:aws:iam::111122223333:role/path/*\".",
    ])
  }
  validation {
    condition = alltrue([
      for writer in var.writers :
      length(writer.tables) > 0 && alltrue([for table in writer.tables : can(regex("^[a-zA-Z0-9_.-]{3,255}$", table))])
    ])
    error_message = join("", [
      "writers: tables is ${jsonencode(var.writers[*].tables)}: name at least one table each, ",
      "of 3 to 255 letters, digits, \"_\", \".\" and \"-\".",
    ])
  }
  validation {
    condition = alltrue([
      for writer in var.writers :
      length(writer.prefixes) > 0
      && alltrue([for prefix in writer.prefixes : can(regex("^[^/*?$][^*?$]*/$", prefix))])
    ])
    error_message = join("", [
      "writers: prefixes is ${jsonencode(var.writers[*].prefixes)}: give prefixes that end with \"/\" and hold no ",
      "wildcard, for example \"data/\".",
    ])
  }
  validation {
    condition = length(var.writers) == length(distinct([
      for writer in var.writers : try(split(":", writer.roles)[4], writer.roles)
    ]))
    error_message = "writers: roles is ${jsonencode(var.writers[*].roles)}: give one path of roles for each account."
  }
}

variable "noncurrent_version_days" {
  description = "Days after which versions that were overwritten or deleted are removed for good."
  type        = number
  nullable    = false
  default     = 90

  validation {
    condition = (
      var.noncurrent_version_days >= 1 && var.noncurrent_version_days <= 36500
      && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    )
    error_message = "noncurrent_version_days is ${var.noncurrent_version_days}: give a whole number from 1 to 36500."
  }
}

variable "results_prefix" {
  description = "Where Athena writes what queries find."
  type        = string
  nullable    = false
  default     = "results/"

  validation {
    condition = can(regex("^[^/*?$][^*?$]*/$", var.results_prefix))
    error_message = join("", [
      "results_prefix is ${jsonencode(var.results_prefix)}: give a prefix that ends with \"/\" and holds no wildcard, ",
      "for example \"results/\".",
    ])
  }
}

variable "result_days" {
  description = "Days that results of queries are kept: 1 to 365; their last versions are gone a day later."
  type        = number
  nullable    = false
  default     = 7

  validation {
    condition     = var.result_days >= 1 && var.result_days <= 365 && floor(var.result_days) == var.result_days
    error_message = "result_days is ${var.result_days}: give a whole number from 1 to 365."
  }
}

variable "kms_key_arn" {
  description = "Customer managed key that encrypts everything here."
  type        = string
  nullable    = false

  validation {
    condition = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[a-zA-Z0-9-]+$", var.kms_key_arn))
    error_message = join("", [
      "kms_key_arn is ${jsonencode(var.kms_key_arn)}: give the full ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID); ",
      "an alias would resolve in another account's name space.",
    ])
  }
}
