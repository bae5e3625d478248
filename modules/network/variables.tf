variable "name" {
  description = "Name of the VPC, and prefix of what belongs to it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,55}$", var.name))
    error_message = "name is ${jsonencode(var.name)}: use 1 to 55 letters, digits, \"_\" and \"-\"."
  }
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC: private (RFC 1918), from /16 to /26. Each subnet takes a quarter of it."
  type        = string
  nullable    = false
  default     = "10.0.0.0/24"

  validation {
    condition = can(cidrhost(var.vpc_cidr, 0)) && can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.vpc_cidr)) && try(
      tonumber(split("/", var.vpc_cidr)[1]) >= 16 && tonumber(split("/", var.vpc_cidr)[1]) <= 26, false
    ) && try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false)
    error_message = "vpc_cidr is ${jsonencode(var.vpc_cidr)}: give the first address of a private range (in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16) with a size from /16 to /26, for example \"10.0.0.0/24\"."
  }
}

variable "availability_zone_suffixes" {
  description = "Letters of the Availability Zones that get a subnet, in this order."
  type        = list(string)
  nullable    = false
  default     = ["a", "b"]

  validation {
    condition = (
      length(var.availability_zone_suffixes) >= 1 && length(var.availability_zone_suffixes) <= 4
      && length(distinct(var.availability_zone_suffixes)) == length(var.availability_zone_suffixes)
      && alltrue([for suffix in var.availability_zone_suffixes : can(regex("^[a-z]$", suffix))])
    )
    error_message = "availability_zone_suffixes is ${jsonencode(var.availability_zone_suffixes)}: give 1 to 4 different lower-case letters, for example [\"a\", \"b\"]."
  }
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

variable "log_retention_days" {
  description = "Days that log events are kept; one of the values that CloudWatch Logs accepts."
  type        = number
  nullable    = false
  default     = 365

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is ${var.log_retention_days}: CloudWatch Logs keeps events for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653 days; choose one of these."
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
