# The data lake bucket: private, versioned, encrypted with one key, reached over TLS only.

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:Access is recorded by CloudTrail data events, which an account switches on for all its buckets; server access logs would need a second bucket without a customer key
  #checkov:skip=CKV_AWS_144:Replication to another Region is a choice of its own that costs a second copy; versioning protects against loss here
  #checkov:skip=CKV2_AWS_62:Nothing acts on new objects; a reader that wants to can add notifications
  bucket = var.name
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "remove-what-nobody-reads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_version_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  # Rules on old versions are taken only by a bucket that keeps them.
  depends_on = [aws_s3_bucket_versioning.this]
}
