variable "catalog" {
  description = "First day, SerDe, scan limit, crawler and Lake Formation of the catalog; README has the settings."
  type = object({
    since          = optional(string)
    serde          = optional(string)
    scan_limit_mib = optional(number)
    crawler = optional(object({
      schedule           = optional(string)
      log_retention_days = optional(number)
    }))
    lake_formation = optional(object({
      readers          = optional(set(string))
      excluded_columns = optional(map(set(string)))
    }))
  })
  nullable = false
  default  = {}
}

variable "columns_directory" {
  description = "Folder of the items' columns, a file `<table>.json` each. Null: the folder `columns` beside this file."
  type        = string
  default     = null
}

variable "result_days" {
  description = "Days that results of queries are kept: 1 to 365."
  type        = number
  nullable    = false
  default     = 7
}
