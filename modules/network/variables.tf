variable "name" {
  description = "Name of the VPC and prefix of what is in it."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,31}$", var.name))
    error_message = "name must be 2 to 32 of a-z, 0-9 and -, beginning with a letter; got \"${var.name}\"."
  }
}

variable "partition" {
  description = "AWS partition: aws, aws-cn or aws-us-gov."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region that the VPC lives in."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Account that owns the VPC: 12 digits."
  type        = string
  nullable    = false
}

variable "cidr" {
  description = "Address range of the VPC: a private IPv4 range between /16 and /26. A quarter of it goes to each zone."
  type        = string
  default     = "10.0.0.0/24"
  nullable    = false

  validation {
    condition = (
      can(cidrhost(var.cidr, 0))
      && can(regex("^(10\\.|192\\.168\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.)[0-9.]+/(1[6-9]|2[0-6])$", var.cidr))
    )
    error_message = "cidr must be a private IPv4 range (10/8, 172.16/12, 192.168/16) of size /16 to /26; got \"${var.cidr}\"."
  }
}

variable "availability_zone_suffixes" {
  description = "Letters of the availability zones that get a private subnet: 1 to 4."
  type        = list(string)
  default     = ["a", "b"]
  nullable    = false

  validation {
    condition = (
      length(var.availability_zone_suffixes) >= 1 && length(var.availability_zone_suffixes) <= 4
      && length(distinct(var.availability_zone_suffixes)) == length(var.availability_zone_suffixes)
      && alltrue([for suffix in var.availability_zone_suffixes : can(regex("^[a-z]$", suffix))])
    )
    error_message = "availability_zone_suffixes must be 1 to 4 different letters, such as [\"a\", \"b\"]."
  }
}

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the flow log."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that the flow log is kept; one of the values that CloudWatch Logs accepts."
  type        = number
  default     = 365
  nullable    = false
}
