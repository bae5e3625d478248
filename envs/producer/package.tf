locals {
  build_folder    = "${path.root}/../../build"
  package_pattern = "lake_transform-${var.transform.runtime}-${var.transform.architecture}-*.zip"

  # Where nothing is built, the pattern itself stands for the missing file, and the function's precondition names it.
  built        = try(one([for file in fileset(local.build_folder, local.package_pattern) : "${local.build_folder}/${file}"]), null)
  package_file = coalesce(var.transformation_lambda_file, local.built, "${local.build_folder}/${local.package_pattern}")

  package = {
    file      = var.artifact_bucket == null ? local.package_file : null
    s3_bucket = var.artifact_bucket
    s3_key    = var.artifact_bucket == null ? null : var.transformation_lambda_file
  }
}
