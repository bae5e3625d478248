resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Access logs can only go to a bucket without a customer managed key; CloudTrail data events record access
  #checkov:skip=CKV_AWS_144:Replication to another Region is a module of its own, for whom recovery asks for it
  #checkov:skip=CKV2_AWS_62:Nothing consumes object events; readers find objects by their prefix
  bucket = var.bucket_name
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.bucket

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.bucket

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

  # S3 wants versioning settled before rules on noncurrent versions.
  depends_on = [aws_s3_bucket_versioning.this]
}
