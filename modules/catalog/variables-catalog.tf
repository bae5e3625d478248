variable "catalog" {
  description = "First day, SerDe and how much a query may scan."
  type = object({
    since          = optional(string)
    serde          = optional(string, "hive")
    scan_limit_mib = optional(number, 102400)
  })
  nullable = false
  default  = {}

  validation {
    condition = var.catalog.since == null ? true : (
      can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", var.catalog.since))
      && can(formatdate("YYYY-MM-DD", "${var.catalog.since}T00:00:00Z"))
    )
    error_message = join("", [
      "catalog.since is ${jsonencode(var.catalog.since)}: give the first day that has objects, ",
      "for example \"2026-01-31\".",
    ])
  }
  validation {
    condition     = contains(["hive", "openx"], var.catalog.serde)
    error_message = "catalog.serde is ${jsonencode(var.catalog.serde)}: use \"hive\" or \"openx\"."
  }
  # Athena API: "WorkGroupConfiguration", BytesScannedCutoffPerQuery.
  validation {
    condition = (
      var.catalog.scan_limit_mib >= 10 && floor(var.catalog.scan_limit_mib) == var.catalog.scan_limit_mib
    )
    error_message = "catalog.scan_limit_mib is ${var.catalog.scan_limit_mib}: give a whole number of at least 10."
  }
}

variable "columns_directory" {
  description = "Folder of the items' columns: `<table>.json`, `{\"column\": \"type\"}`. Only key attributes without a file."
  type        = string
  nullable    = false
}
