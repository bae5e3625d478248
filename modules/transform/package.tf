locals {
  build_folder    = "${path.root}/../../build"
  package_pattern = "lake_transform-${var.transform.runtime}-${var.transform.architecture}-*.zip"
  found           = try(one(fileset(local.build_folder, local.package_pattern)), null)

  # Where nothing is built, the pattern itself stands for the missing file, and the function's precondition names it.
  built = "${local.build_folder}/${coalesce(local.found, local.package_pattern)}"
  file  = var.artifact_bucket == null ? coalesce(var.transformation_lambda_file, local.built) : null
}

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
  description = "The function's package: a local path, or with `artifact_bucket` a key there. Null: what `python -m tools.build` built."
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
