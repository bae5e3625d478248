variable "name" {
  description = "Name of the data stream."
  type        = string
  nullable    = false
}

variable "table_name" {
  description = "Table whose changes it carries, named in messages."
  type        = string
  nullable    = false
}

variable "stream" {
  description = "Its mode, the number of its shards if it is provisioned, and how long records stay readable."
  type = object({
    mode            = optional(string, "PROVISIONED")
    shards          = optional(number, 10)
    retention_hours = optional(number, 24)
  })
  nullable = false
  default  = {}

  validation {
    condition = contains(["PROVISIONED", "ON_DEMAND"], var.stream.mode)
    error_message = join("", [
      "table ${var.table_name}: stream.mode is ${jsonencode(var.stream.mode)}: ",
      "use \"PROVISIONED\" or \"ON_DEMAND\".",
    ])
  }
  validation {
    condition = (
      var.stream.shards >= 1 && var.stream.shards <= 10000
      && floor(var.stream.shards) == var.stream.shards
    )
    error_message = join("", [
      "table ${var.table_name}: stream.shards is ${var.stream.shards}: ",
      "give a whole number from 1 to 10000.",
    ])
  }
  validation {
    condition = (
      var.stream.retention_hours >= 24 && var.stream.retention_hours <= 8760
      && floor(var.stream.retention_hours) == var.stream.retention_hours
    )
    error_message = join("", [
      "table ${var.table_name}: stream.retention_hours is ${var.stream.retention_hours}: ",
      "give a whole number from 24 to 8760 (365 days).",
    ])
  }
}

variable "kms_key_arn" {
  description = "Customer managed key that encrypts everything here."
  type        = string
  nullable    = false
}
