variable "tables" {
  description = "Tables that are streamed, by name; the modules that use a setting have its default."
  type = map(object({
    existing = optional(bool)
    before   = optional(bool)
    rules    = optional(map(object({ as = string })), {})
    key = optional(object({
      hash_key       = optional(string)
      hash_key_type  = optional(string)
      range_key      = optional(string)
      range_key_type = optional(string)
    }), {})
    stream = optional(object({
      name            = optional(string)
      mode            = optional(string)
      shards          = optional(number)
      retention_hours = optional(number)
    }), {})
    transform = optional(object({
      buffering_seconds = optional(number)
      buffering_mb      = optional(number)
      retries           = optional(number)
    }), {})
    delivery = optional(object({
      name              = optional(string)
      buffering_seconds = optional(number)
      buffering_mib     = optional(number)
      compression       = optional(string)
    }), {})
    state = optional(object({
      every         = optional(string)
      overlap_hours = optional(number)
    }))
  }))
  nullable = false
}

variable "mask_key" {
  description = "Key of the rules that hash: 32 to 256 printable ASCII characters, as `openssl rand -hex 32` makes them."
  type        = string
  default     = null
  sensitive   = true
}
