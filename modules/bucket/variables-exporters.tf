variable "exporter_role_arns" {
  description = "Roles of other accounts that may write exports of their tables, under `export_prefix`."
  type        = list(string)
  nullable    = false
  default     = []

  validation {
    condition = alltrue([
      for role_arn in var.exporter_role_arns :
      can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[a-zA-Z0-9+=,.@_/-]+$", role_arn))
    ])
    error_message = join("", [
      "exporter_role_arns is ${jsonencode(var.exporter_role_arns)}: give full role ARNs, without wildcards, for example ",
      "\"arn:aws:iam::111122223333:role/name\"; of a session, give the role.",
    ])
  }
}

variable "export_prefix" {
  description = "Where exports of tables lie."
  type        = string
  nullable    = false
  default     = "exports/"

  validation {
    condition = can(regex("^[^/*?$][^*?$]*/$", var.export_prefix))
    error_message = join("", [
      "export_prefix is ${jsonencode(var.export_prefix)}: give a prefix that ends with \"/\" and holds no wildcard, for ",
      "example \"exports/\".",
    ])
  }
}
