variable "transform" {
  description = "The function, and how it flattens. The package must be built for `runtime` and `architecture`."
  type = object({
    runtime         = optional(string, "python3.13")
    architecture    = optional(string, "arm64")
    memory_mb       = optional(number, 1024)
    timeout_seconds = optional(number, 120)
    path_separator  = optional(string, "__")
    list_format     = optional(string, "text")
    log_level       = optional(string, "INFO")
    native_code     = optional(bool, true)
    keep_active     = optional(bool, true)
    hook            = optional(string)
  })
  nullable = false
  default  = {}

  validation {
    condition = contains(["python3.11", "python3.12", "python3.13"], var.transform.runtime)
    error_message = join("", [
      "transform.runtime is ${jsonencode(var.transform.runtime)}: ",
      "use one of python3.11, python3.12, python3.13.",
    ])
  }
  validation {
    condition = contains(["arm64", "x86_64"], var.transform.architecture)
    error_message = join("", [
      "transform.architecture is ${jsonencode(var.transform.architecture)}: ",
      "use \"arm64\" or \"x86_64\".",
    ])
  }
  validation {
    condition = (
      var.transform.memory_mb >= 128 && var.transform.memory_mb <= 10240
      && floor(var.transform.memory_mb) == var.transform.memory_mb
    )
    error_message = "transform.memory_mb is ${var.transform.memory_mb}: give a whole number from 128 to 10240."
  }
  validation {
    condition = (
      var.transform.timeout_seconds >= 1 && var.transform.timeout_seconds <= 300
      && floor(var.transform.timeout_seconds) == var.transform.timeout_seconds
    )
    error_message = join("", [
      "transform.timeout_seconds is ${var.transform.timeout_seconds}: ",
      "give a whole number from 1 to 300 (Firehose waits 5 minutes at most).",
    ])
  }
  validation {
    condition = can(regex("^[a-z0-9_]{1,16}$", var.transform.path_separator))
    error_message = join("", [
      "transform.path_separator is ${jsonencode(var.transform.path_separator)}: ",
      "use 1 to 16 of a-z, 0-9 and \"_\", the characters of column names.",
    ])
  }
  validation {
    condition     = contains(["text", "array"], var.transform.list_format)
    error_message = "transform.list_format is ${jsonencode(var.transform.list_format)}: use \"text\" or \"array\"."
  }
  validation {
    condition = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.transform.log_level)
    error_message = join("", [
      "transform.log_level is ${jsonencode(var.transform.log_level)}: ",
      "use one of DEBUG, INFO, WARNING, ERROR.",
    ])
  }
  validation {
    condition = var.transform.hook == null ? true : can(regex(
      "^[A-Za-z_][A-Za-z0-9_]*(\\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*$", var.transform.hook
    ))
    error_message = "transform.hook is ${jsonencode(var.transform.hook)}: give \"package.module:function\"."
  }
}
