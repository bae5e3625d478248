variable "account" {
  description = "Where all this is made: account id, Region, partition, and the path and permissions boundary of roles."
  type = object({
    id        = string
    region    = string
    partition = string

    iam_path                 = optional(string, "/")
    permissions_boundary_arn = optional(string)
  })
  nullable = false
}

variable "name" {
  description = "Name of the VPC, and prefix of what belongs to it."
  type        = string
  nullable    = false
}

variable "flow_log_role_name" {
  description = "Name of the role that writes the flow log."
  type        = string
  nullable    = false
}

variable "vpc_cidr" {
  description = "IPv4 range of the VPC: private (RFC 1918), from /16 to /26. Each subnet takes a quarter of it."
  type        = string
  nullable    = false
  default     = "10.0.0.0/24"

  validation {
    condition = (
      can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.)", var.vpc_cidr))
      && can(regex("/(1[6-9]|2[0-6])$", var.vpc_cidr))
      && try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false)
    )
    error_message = join("", [
      "vpc_cidr is ${jsonencode(var.vpc_cidr)}: give the first address of a private range (in 10.0.0.0/8, ",
      "172.16.0.0/12 or 192.168.0.0/16) with a size from /16 to /26, for example \"10.0.0.0/24\".",
    ])
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
    error_message = join("", [
      "availability_zone_suffixes is ${jsonencode(var.availability_zone_suffixes)}: ",
      "give 1 to 4 different lower-case letters, for example [\"a\", \"b\"].",
    ])
  }
}

variable "wait_for" {
  description = "Attributes of what must outlast the subnets: the permissions to remove network interfaces."
  type        = list(string)
  nullable    = false
  default     = []
}

variable "kms_key_arn" {
  description = "Customer managed key that encrypts everything here."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days that log events are kept."
  type        = number
  nullable    = false
}
