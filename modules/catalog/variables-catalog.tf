variable "catalog" {
  description = "First day, SerDe, how much a query may scan, a crawler, and readers by Lake Formation."
  type = object({
    since          = optional(string)
    serde          = optional(string, "hive")
    scan_limit_mib = optional(number, 102400)
    crawler = optional(object({
      schedule           = optional(string)
      log_retention_days = optional(number, 365)
    }))
    lake_formation = optional(object({
      readers          = optional(set(string), [])
      excluded_columns = optional(map(set(string)), {})
    }))
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
  # AWS Glue Developer Guide: "Time-based schedules for jobs and crawlers": six fields, UTC, five minutes apart at least.
  validation {
    condition = (
      try(var.catalog.crawler.schedule, null) == null
      || can(regex("^cron[(][0-9A-Z*?/,#-]+( [0-9A-Z*?/,#-]+){5}[)]$", var.catalog.crawler.schedule))
    )
    error_message = join("", [
      "catalog.crawler.schedule is ${jsonencode(try(var.catalog.crawler.schedule, null))}: give six fields, in UTC, for example ",
      "\"cron(0 3 * * ? *)\", or leave it out to start the crawlers yourself.",
    ])
  }
  validation {
    condition = alltrue([
      for arn in try(var.catalog.lake_formation.readers, []) :
      can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[a-zA-Z0-9+=,.@_/-]+$", arn))
    ])
    error_message = join("", [
      "catalog.lake_formation.readers is ${jsonencode(try(var.catalog.lake_formation.readers, []))}: give full ARNs of roles or ",
      "users, for example \"arn:aws:iam::111122223333:role/analyst\".",
    ])
  }
  # Amazon CloudWatch Logs API Reference: "PutRetentionPolicy".
  validation {
    condition = contains(
      [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
      try(var.catalog.crawler.log_retention_days, 365),
    )
    error_message = join("", [
      "catalog.crawler.log_retention_days is ${try(var.catalog.crawler.log_retention_days, 365)}: give a value that ",
      "CloudWatch Logs accepts, for example 30, 90 or 365.",
    ])
  }
}

variable "columns_directory" {
  description = "Folder of the items' columns: `<table>.json`, `{\"column\": \"type\"}`. Only key attributes without a file."
  type        = string
  nullable    = false
}
