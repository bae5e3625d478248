locals {
  build_folder    = "${path.root}/../../build"
  package_pattern = "lake_transform-${var.transform.runtime}-${var.transform.architecture}-*.zip"
  found           = try(one(fileset(local.build_folder, local.package_pattern)), null)

  # Where nothing is built, the pattern itself stands for the missing file, and the function's precondition names it.
  built = "${local.build_folder}/${coalesce(local.found, local.package_pattern)}"
  file  = var.artifact_bucket == null ? coalesce(var.transformation_lambda_file, local.built) : null
}
