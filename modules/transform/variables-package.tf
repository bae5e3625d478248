variable "artifact_bucket" {
  description = "Bucket that holds the function's package; null: the package is a local file."
  type        = string
  default     = null

  validation {
    condition = (
      var.artifact_bucket == null
      ? true
      : can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifact_bucket))
    )
    error_message = join("", [
      "artifact_bucket is ${jsonencode(var.artifact_bucket)}: ",
      "give a bucket's name (3 to 63 lower-case letters, digits and hyphens), not an ARN or URL.",
    ])
  }
}

variable "transformation_lambda_file" {
  description = "The package: a local path, or a key in `artifact_bucket`. Null: what `python -m tools.build` built."
  type        = string
  default     = null

  validation {
    condition = var.artifact_bucket == null || var.transformation_lambda_file != null
    error_message = join("", [
      "artifact_bucket is ${jsonencode(var.artifact_bucket)} but transformation_lambda_file is not set: ",
      "give the key of the function's package in that bucket.",
    ])
  }
  validation {
    condition = var.transformation_lambda_file == null ? true : length(trimspace(var.transformation_lambda_file)) > 0
    error_message = join("", [
      "transformation_lambda_file is empty: give a path (or a key in artifact_bucket), ",
      "or leave it out to use what python -m tools.build built.",
    ])
  }
}
