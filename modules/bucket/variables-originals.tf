variable "original_prefixes" {
  description = "Prefixes of records as they came, of tables with rules: closed to readers, and kept `original_days`."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition = alltrue([for prefix in var.original_prefixes : can(regex("^[^/*?$][^*?$]*/$", prefix))])
    error_message = join("", [
      "original_prefixes is ${jsonencode(var.original_prefixes)}: give prefixes that end with \"/\" and hold no ",
      "wildcard, for example \"errors/my-table/\".",
    ])
  }
}

variable "original_reader_role_arns" {
  description = "Roles that may read under `original_prefixes`, if their own policies let them; nobody else may."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition = alltrue([
      for role_arn in var.original_reader_role_arns :
      can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[a-zA-Z0-9+=,.@_/-]+$", role_arn))
    ])
    error_message = join("", [
      "original_reader_role_arns is ${jsonencode(var.original_reader_role_arns)}: give full role ARNs, without ",
      "wildcards, for example \"arn:aws:iam::111122223333:role/name\"; of a session, give the role.",
    ])
  }
}

variable "original_days" {
  description = "Days that objects under `original_prefixes` are kept; their last versions are gone a day later."
  type        = number
  nullable    = false
  default     = 30

  validation {
    condition = (
      var.original_days >= 1 && var.original_days <= 365 && floor(var.original_days) == var.original_days
    )
    error_message = join("", [
      "original_days is ${var.original_days}: give a whole number from 1 to 365; records of tables with rules are not ",
      "kept for ever as they came.",
    ])
  }
}
