variable "backfill" {
  description = "Glue job that makes rows of exports; null: none. Glue's version, type and number of workers, time limit."
  type = object({
    glue_version    = optional(string)
    worker_type     = optional(string)
    workers         = optional(number)
    timeout_minutes = optional(number)
  })
  default = null
}

variable "backfill_package_file" {
  description = "Package of the job, as `python -m tools.build --for glue` writes it; null: the one in `build/`."
  type        = string
  default     = null
}
