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
  description = "Name of the function and its security group."
  type        = string
  nullable    = false
}

variable "role_name" {
  description = "Name of the execution role."
  type        = string
  nullable    = false
}

variable "vpc_id" {
  description = "VPC of the subnets."
  type        = string
  nullable    = false
}

variable "subnet_ids" {
  description = "Private subnets that the function runs in. They are to be made after `interface_policy_id`."
  type        = list(string)
  nullable    = false
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
