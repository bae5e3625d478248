variable "region" {
  description = "Region of everything, the lake included."
  type        = string
  nullable    = false
  default     = "us-east-1"

  validation {
    condition = can(regex("^[a-z]{2}(-gov)?-[a-z]+-[0-9]+$", var.region))
    error_message = join("", [
      "region is ${jsonencode(var.region)}: give the code of a Region of the partitions aws, aws-cn or aws-us-gov, ",
      "for example \"us-east-1\".",
    ])
  }
}

variable "account_id" {
  description = "Account of all this: credentials of any other are refused. Null: the account of the credentials."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null ? true : can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id is ${jsonencode(var.account_id)}: give an AWS account id, exactly 12 digits."
  }
}

variable "tags" {
  description = "Tags of every resource."
  type        = map(string)
  nullable    = false
  default     = {}

  validation {
    condition = alltrue([
      for key, value in var.tags :
      length(key) >= 1 && length(key) <= 128 && length(value) <= 256 && !startswith(lower(key), "aws:")
    ])
    error_message = join("", [
      "tags is ${jsonencode(var.tags)}: use keys of 1 to 128 characters that do not start with \"aws:\", ",
      "and values of at most 256.",
    ])
  }
}

variable "iam_path" {
  description = "Path of every role, for an organisation that tells roles apart by it: \"/\", or such as \"/lake/\"."
  type        = string
  nullable    = false
  default     = "/"

  validation {
    condition = can(regex("^/([!-.0-~]+/)*$", var.iam_path)) && length(var.iam_path) <= 512
    error_message = join("", [
      "iam_path is ${jsonencode(var.iam_path)}: give a path that starts and ends with \"/\", of at most 512 printable ",
      "ASCII characters, for example \"/lake/\".",
    ])
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds what every role may do: its permissions boundary. Null: none."
  type        = string
  default     = null

  validation {
    condition = var.permissions_boundary_arn == null ? true : can(regex(
      "^arn:aws[a-z-]*:iam::(aws|[0-9]{12}):policy/[!-~]+$", var.permissions_boundary_arn
    ))
    error_message = join("", [
      "permissions_boundary_arn is ${jsonencode(var.permissions_boundary_arn)}: give the full ARN of a managed policy ",
      "(arn:aws:iam::ACCOUNT:policy/NAME).",
    ])
  }
}

variable "kms_key_arn" {
  description = "Key that exists already, by its full ARN: none is made; the output `kms_key_policy_json` says what it must allow."
  type        = string
  default     = null
}
