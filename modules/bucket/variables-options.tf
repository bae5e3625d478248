variable "existing" {
  description = "True when the bucket exists already: nothing of it is made or set, and its policy is yours."
  type        = bool
  nullable    = false
  default     = false
}

variable "options" {
  description = "Classes for older objects by prefix, where requests are logged, how long versions are locked."
  type = object({
    colder      = optional(map(map(number)), {})
    access_logs = optional(object({ bucket = string, prefix = optional(string) }))
    object_lock = optional(object({ mode = string, days = number }))
  })
  nullable = false
  default  = {}

  # What our tools, Athena and Spark read has to be readable at once.
  validation {
    condition = alltrue([
      for prefix, classes in var.options.colder :
      can(regex("^(data|errors|exports)/([^/*?$]+/)*$", prefix)) && length(classes) > 0 && alltrue([
        for class in keys(classes) : contains(["STANDARD_IA", "INTELLIGENT_TIERING", "GLACIER_IR"], class)
      ])
    ])
    error_message = join("", [
      "bucket.colder is ${jsonencode(var.options.colder)}: use prefixes such as \"data/\" or \"errors/my-table/\", ",
      "and the classes STANDARD_IA, INTELLIGENT_TIERING and GLACIER_IR, whose objects can be read at once.",
    ])
  }
  # Amazon S3 User Guide: "Lifecycle configuration elements" and "Transitioning objects using Amazon S3 Lifecycle".
  validation {
    condition = alltrue(flatten([
      for prefix, classes in var.options.colder : [
        alltrue([for days in values(classes) : days >= 0 && days <= 36500 && floor(days) == days]),
        lookup(classes, "STANDARD_IA", 30) >= 30,
        lookup(classes, "STANDARD_IA", -1) < lookup(classes, "INTELLIGENT_TIERING", 36501),
        lookup(classes, "STANDARD_IA", -1) < lookup(classes, "GLACIER_IR", 36501),
        lookup(classes, "INTELLIGENT_TIERING", -1) < lookup(classes, "GLACIER_IR", 36501),
      ]
    ]))
    error_message = join("", [
      "bucket.colder is ${jsonencode(var.options.colder)}: give whole days, 30 at least for STANDARD_IA, and more days ",
      "for each class in the order STANDARD_IA, INTELLIGENT_TIERING, GLACIER_IR.",
    ])
  }
  validation {
    condition = var.options.access_logs == null ? true : (
      can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.options.access_logs.bucket))
      && var.options.access_logs.bucket != var.bucket_name
    )
    error_message = join("", [
      "bucket.access_logs.bucket is ${jsonencode(try(var.options.access_logs.bucket, null))}: give the name of another ",
      "bucket, of this account and Region and without a customer managed key.",
    ])
  }
  validation {
    condition = var.options.object_lock == null ? true : (
      contains(["GOVERNANCE", "COMPLIANCE"], var.options.object_lock.mode)
      && var.options.object_lock.days >= 1 && var.options.object_lock.days <= 36500
      && floor(var.options.object_lock.days) == var.options.object_lock.days
    )
    error_message = join("", [
      "bucket.object_lock is ${jsonencode(var.options.object_lock)}: use the mode \"GOVERNANCE\" or \"COMPLIANCE\", ",
      "and whole days from 1 to 36500.",
    ])
  }
}
