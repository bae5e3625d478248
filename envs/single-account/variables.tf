variable "name" {
  description = "Prefix of the names of what the tables share: bucket, key, function, network, roles."
  type        = string
  nullable    = false
  default     = "blog-srsa"
}

variable "kms_key_alias" {
  description = "Alias of the key, without `alias/`. Null: `<name>-kms-key`, by default `blog-bdb1040-srsa-kms-key`."
  type        = string
  default     = null
}

variable "bucket_name" {
  description = "Name of the data lake bucket; null: `<name>-datalake-<account>-<region>`."
  type        = string
  default     = null
}

variable "noncurrent_version_days" {
  description = "Days after which objects' versions that were overwritten or deleted are removed for good."
  type        = number
  nullable    = false
  default     = 90
}

variable "original_reader_role_arns" {
  description = "Roles that may read failed records and exports of tables with `rules`; nobody else may."
  type        = list(string)
  nullable    = false
  default     = []
}

variable "original_days" {
  description = "Days that failed records and exports of tables with `rules` are kept: 1 to 365."
  type        = number
  nullable    = false
  default     = 30
}

variable "artifact_bucket" {
  description = "Bucket that holds the function's package; null: the package is a local file."
  type        = string
  default     = null
}

variable "transformation_lambda_file" {
  description = "The package: a local path, or a key in `artifact_bucket`. Null: what `python -m tools.build` built."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "Days that log events are kept; one of the values that CloudWatch Logs accepts."
  type        = number
  nullable    = false
  default     = 365
}

variable "network" {
  description = "VPC and private subnets that exist already, by their ids: no network is made. Null: one is."
  type = object({
    vpc_id     = string
    subnet_ids = list(string)
  })
  default = null
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC: private (RFC 1918), from /16 to /26."
  type        = string
  nullable    = false
  default     = "10.0.0.0/24"
}

variable "availability_zone_suffixes" {
  description = "Letters of the Availability Zones that the function runs in: 1 to 4."
  type        = list(string)
  nullable    = false
  default     = ["a", "b"]
}

variable "transform" {
  description = "The function and how it flattens; README has the settings."
  type = object({
    runtime         = optional(string)
    architecture    = optional(string)
    memory_mb       = optional(number)
    timeout_seconds = optional(number)
    path_separator  = optional(string)
    list_format     = optional(string)
    log_level       = optional(string)
    native_code     = optional(bool)
    hook            = optional(string)
    hook_source     = optional(string)
  })
  nullable = false
  default  = {}
}
