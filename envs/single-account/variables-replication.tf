variable "replication" {
  description = "Replica of the bucket in another Region; `enabled = false` removes it. Null: there is none, and was none."
  type = object({
    region      = string
    bucket_name = optional(string)
    kms_key_arn = optional(string)
    topic_arn   = optional(string)
    enabled     = optional(bool, true)
  })
  default = null

  validation {
    condition = var.replication == null || var.existing_bucket == null
    error_message = join("", [
      "replication is given with existing_bucket (${jsonencode(var.existing_bucket)}): how a bucket that exists is ",
      "replicated is its owner's; leave replication out.",
    ])
  }
}
