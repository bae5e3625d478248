variable "region" {
  description = "Region that everything lives in."
  type        = string
  default     = "us-east-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be an AWS Region such as us-east-1; got \"${var.region}\"."
  }
}

variable "account_id" {
  description = "Account to deploy to: 12 digits. Given, no other account is ever touched; null means that of the credentials."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id must be 12 digits; got \"${coalesce(var.account_id, "null")}\"."
  }
}

variable "name" {
  description = "Prefix of the names of what all tables share: function, network, bucket, roles."
  type        = string
  default     = "blog-srsa"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 22 of a-z, 0-9 and -, beginning with a letter and not ending with -; got \"${var.name}\"."
  }
}

variable "tags" {
  description = "Tags of every resource, on top of Project and Environment."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "kms_key_alias" {
  description = "Alias of the key, without the prefix \"alias/\"."
  type        = string
  default     = "blog-bdb1040-srsa-kms-key"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9/_-]{1,250}$", var.kms_key_alias)) && !startswith(var.kms_key_alias, "alias/") && !startswith(var.kms_key_alias, "aws/")
    error_message = "kms_key_alias must be 1 to 250 of a-z, A-Z, 0-9, /, _ and -, written without the prefix \"alias/\", and must not begin with \"aws/\"; got \"${var.kms_key_alias}\"."
  }
}

variable "bucket_name" {
  description = "Name of the data lake bucket. Null means NAME-datalake-ACCOUNT-REGION."
  type        = string
  default     = null

  validation {
    condition     = var.bucket_name == null || can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket_name))
    error_message = "bucket_name must be 3 to 63 of a-z, 0-9 and -, beginning and ending with a letter or digit (dots break TLS and are refused too); got \"${coalesce(var.bucket_name, "null")}\"."
  }
  validation {
    condition     = var.bucket_name == null || !can(regex("^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|--x-s3|--table-s3)$", var.bucket_name))
    error_message = "bucket_name must not have a prefix or suffix that S3 keeps for itself (xn--, sthree-, amzn-s3-demo-, -s3alias, --ol-s3, --x-s3, --table-s3); got \"${coalesce(var.bucket_name, "null")}\"."
  }
}

variable "noncurrent_version_days" {
  description = "Days after which an overwritten or deleted version of a lake object is removed for good: 1 to 3,650."
  type        = number
  default     = 90
  nullable    = false

  validation {
    condition     = var.noncurrent_version_days >= 1 && var.noncurrent_version_days <= 3650 && floor(var.noncurrent_version_days) == var.noncurrent_version_days
    error_message = "noncurrent_version_days must be a whole number from 1 to 3650; got ${var.noncurrent_version_days}."
  }
}

variable "artifact_bucket" {
  description = "Bucket that holds the function's artifact. Null means a local file."
  type        = string
  default     = null
}

variable "transformation_lambda_file" {
  description = "The function's artifact: a local zip file, or with artifact_bucket the key of an object. Null means the file that `python -m tools.build` made."
  type        = string
  default     = null

  validation {
    condition     = var.artifact_bucket == null || var.transformation_lambda_file != null
    error_message = "transformation_lambda_file must name an object when artifact_bucket is set; `python -m tools.deploy` uploads the artifact and sets it."
  }
  validation {
    condition = (
      var.artifact_bucket != null
      || var.transformation_lambda_file != null
      || length(fileset("${path.root}/../../build", "lake_transform-${var.transform.runtime}-${var.transform.architecture}-*.zip")) == 1
    )
    error_message = "There is no artifact for ${var.transform.runtime} on ${var.transform.architecture} in build/; build it first: python -m tools.build --runtime ${var.transform.runtime} --architecture ${var.transform.architecture}."
  }
}

variable "transform" {
  description = "The function that flattens change records: what it runs on, and how it writes."
  type = object({
    runtime         = optional(string, "python3.13") # python3.11 to python3.14
    architecture    = optional(string, "arm64")      # arm64 or x86_64
    memory_mb       = optional(number, 1024)         # 128 to 10240
    timeout_seconds = optional(number, 120)          # 1 to 300
    path_separator  = optional(string, "_")          # joins the names of a nested attribute's path
    list_format     = optional(string, "text")       # text (JSON text) or array
    log_level       = optional(string, "INFO")       # DEBUG, INFO, WARNING or ERROR
    hook            = optional(string)               # package.module:function in the artifact
  })
  default  = {}
  nullable = false
}

variable "log_retention_days" {
  description = "Days that every log is kept; one of the values that CloudWatch Logs accepts."
  type        = number
  default     = 365
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653; got ${var.log_retention_days}."
  }
}

variable "vpc_cidr" {
  description = "Address range of the function's VPC: a private IPv4 range between /16 and /26."
  type        = string
  default     = "10.0.0.0/24"
  nullable    = false
}

variable "availability_zone_suffixes" {
  description = "Letters of the availability zones that the function runs in: 1 to 4."
  type        = list(string)
  default     = ["a", "b"]
  nullable    = false
}
