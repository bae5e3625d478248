locals {
  made = var.existing ? toset([]) : toset(["this"])
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Access logs need a bucket of the organisation without a customer managed key: the setting access_logs names it
  #checkov:skip=CKV_AWS_144:Replication to another Region is a module of its own, for whom recovery asks for it
  #checkov:skip=CKV2_AWS_62:Nothing consumes object events; readers find objects by their prefix
  for_each = local.made

  bucket = var.bucket_name
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.made

  bucket                  = aws_s3_bucket.this[each.key].bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.made

  bucket = aws_s3_bucket.this[each.key].bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.made

  bucket = aws_s3_bucket.this[each.key].bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.made

  bucket = aws_s3_bucket.this[each.key].bucket

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.made

  bucket = aws_s3_bucket.this[each.key].bucket

  rule {
    id     = "abort-incomplete-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id     = "expire-noncurrent-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  # What queries found is nobody's only copy of anything.
  rule {
    id     = "expire-results"
    status = "Enabled"

    filter {
      prefix = var.results_prefix
    }

    expiration {
      days = var.result_days
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }
  }

  # A deleted version of an original is gone after a day, also where old versions are kept for longer: of two rules S3
  # honors the shorter time (S3 User Guide: "How Amazon S3 handles conflicts in lifecycle configurations").
  dynamic "rule" {
    for_each = toset(var.original_prefixes)
    content {
      id     = length(rule.value) <= 240 ? "expire-${rule.value}" : "expire-${sha256(rule.value)}"
      status = "Enabled"

      filter {
        prefix = rule.value
      }

      expiration {
        days = var.original_days
      }

      noncurrent_version_expiration {
        noncurrent_days = 1
      }
    }
  }

  # Objects below 128 KB stay where they are (S3 User Guide: "Transitioning objects using Amazon S3 Lifecycle").
  dynamic "rule" {
    for_each = var.options.colder
    content {
      id     = length(rule.key) <= 240 ? "colder-${rule.key}" : "colder-${sha256(rule.key)}"
      status = "Enabled"

      filter {
        prefix = rule.key
      }

      dynamic "transition" {
        for_each = rule.value
        content {
          storage_class = transition.key
          days          = transition.value
        }
      }
    }
  }

  # S3 wants versioning settled before rules on noncurrent versions.
  depends_on = [aws_s3_bucket_versioning.this]
}

# Amazon S3 User Guide, "Logging requests with server access logging": the other bucket's policy lets S3 write there.
resource "aws_s3_bucket_logging" "this" {
  for_each = var.options.access_logs == null ? toset([]) : local.made

  bucket        = aws_s3_bucket.this[each.key].bucket
  target_bucket = var.options.access_logs.bucket
  target_prefix = coalesce(var.options.access_logs.prefix, "${var.bucket_name}/")
}

# Once a bucket has it, object lock stays: taking the setting out only ends the default (S3 User Guide: "Configuring S3
# Object Lock").
resource "aws_s3_bucket_object_lock_configuration" "this" {
  for_each = var.options.object_lock == null ? toset([]) : local.made

  bucket = aws_s3_bucket.this[each.key].bucket

  rule {
    default_retention {
      mode = var.options.object_lock.mode
      days = var.options.object_lock.days
    }
  }

  lifecycle {
    precondition {
      condition = length(var.original_prefixes) == 0 || var.options.object_lock.days <= var.original_days
      error_message = join("", [
        "bucket.object_lock.days is ${var.options.object_lock.days}: give at most original_days (${var.original_days}), ",
        "after which records of tables with rules are removed as they came.",
      ])
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
