variable "existing_bucket" {
  description = "Bucket that exists already, by its name: none is made; the output `bucket_policy_json` says what it must hold."
  type        = string
  default     = null

  validation {
    condition = var.existing_bucket == null || var.bucket_name == null
    error_message = join("", [
      "existing_bucket is ${jsonencode(var.existing_bucket)} and bucket_name ${jsonencode(var.bucket_name)}: give ",
      "existing_bucket for a bucket that exists, or bucket_name for one that is to be made.",
    ])
  }
}

variable "bucket" {
  description = "Colder classes, access logs and object lock of the bucket that is made; README has the settings."
  type = object({
    colder      = optional(map(map(number)), {})
    access_logs = optional(object({ bucket = string, prefix = optional(string) }))
    object_lock = optional(object({ mode = string, days = number }))
  })
  nullable = false
  default  = {}

  validation {
    condition = var.existing_bucket == null || (
      length(var.bucket.colder) == 0 && var.bucket.access_logs == null && var.bucket.object_lock == null
    )
    error_message = join("", [
      "bucket is given with existing_bucket (${jsonencode(var.existing_bucket)}): the settings of a bucket that exists ",
      "are its owner's; leave bucket out.",
    ])
  }
}
