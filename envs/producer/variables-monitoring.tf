variable "monitoring" {
  description = "Whom alarms tell, how late changes may be, and the dashboard; README has the settings."
  type = object({
    enabled      = optional(bool, true)
    email        = optional(string)
    topic_arn    = optional(string)
    late_minutes = optional(number)
    dashboard    = optional(bool)
  })
  nullable = false
  default  = {}
}
