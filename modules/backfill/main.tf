locals {
  here     = "${var.account.region}:${var.account.id}"
  job_name = var.names.backfill.job_name

  build_folder = "${path.root}/../../build"
  file_name    = "lake_backfill-1-cp311-cp311-manylinux2014_x86_64.whl"
  package_file = coalesce(var.package_file, "${local.build_folder}/${local.file_name}")

  # A table's name has three characters or more, so no table's part of the ledger is under this one.
  code_prefix  = "ledger/-/"
  package_hash = substr(try(filesha256(local.package_file), "not-built"), 0, 16)
  package_key  = "${local.code_prefix}${local.package_hash}/${local.file_name}"
  script_key   = "${local.code_prefix}backfill.py"

  # What Glue 5.0 and 5.1 call the groups of a job with a prefix and a security configuration. The prefix is documented
  # (AWS Glue Developer Guide, "Logging for AWS Glue jobs"), what stands behind it is what others have seen.
  log_path   = "${var.names.backfill.log_prefix}/${var.names.backfill.role_name}-role/${var.names.backfill.role_name}"
  log_groups = { for kind in ["error", "output"] : kind => "${local.log_path}/${kind}" }
}

resource "aws_glue_job" "this" {
  name                   = local.job_name
  description            = "Makes rows of point-in-time exports, as `python -m tools.backfill` asks for"
  role_arn               = aws_iam_role.this.arn
  glue_version           = var.backfill.glue_version
  worker_type            = var.backfill.worker_type
  number_of_workers      = var.backfill.workers
  timeout                = var.backfill.timeout_minutes
  max_retries            = 0
  security_configuration = aws_glue_security_configuration.this.name

  command {
    name            = "glueetl"
    python_version  = "3"
    script_location = "s3://${var.bucket_name}/${aws_s3_object.script.key}"
  }

  # One plan at a time: the table's lease is the verb's, and a second run would carry out the same sets.
  execution_property {
    max_concurrent_runs = 1
  }

  default_arguments = {
    "--bucket"                          = var.bucket_name
    "--function"                        = var.function_name
    "--additional-python-modules"       = "s3://${var.bucket_name}/${aws_s3_object.package.key}"
    "--python-modules-installer-option" = "--no-index --no-deps"
    "--job-bookmark-option"             = "job-bookmark-disable"
    "--custom-logGroup-prefix"          = var.names.backfill.log_prefix
  }

  depends_on = [aws_iam_role_policy.this, aws_cloudwatch_log_group.this]
}

# It has the role's name: Glue puts both names into those of the log groups.
resource "aws_glue_security_configuration" "this" {
  name = var.names.backfill.role_name

  encryption_configuration {
    cloudwatch_encryption {
      cloudwatch_encryption_mode = "SSE-KMS"
      kms_key_arn                = var.kms_key_arn
    }

    job_bookmarks_encryption {
      job_bookmarks_encryption_mode = "CSE-KMS"
      kms_key_arn                   = var.kms_key_arn
    }

    s3_encryption {
      s3_encryption_mode = "SSE-KMS"
      kms_key_arn        = var.kms_key_arn
    }
  }
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = local.log_groups

  name              = each.value
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# Another package has another key, so a run that is under way keeps its own.
resource "aws_s3_object" "package" {
  bucket     = var.bucket_name
  key        = local.package_key
  source     = local.package_file
  kms_key_id = var.kms_key_arn

  lifecycle {
    precondition {
      condition = fileexists(local.package_file)
      error_message = join("", [
        "there is no package of the job ${local.package_file}: ",
        "build it first: python -m tools.build single-account --for glue",
      ])
    }
  }
}

resource "aws_s3_object" "script" {
  bucket     = var.bucket_name
  key        = local.script_key
  kms_key_id = var.kms_key_arn
  content    = <<-PYTHON
    import sys

    from lake_backfill import job

    job.main(sys.argv[1:])
  PYTHON
}
