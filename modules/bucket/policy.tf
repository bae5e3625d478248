locals {
  bucket_arn = "arn:${var.account.partition}:s3:::${var.bucket_name}"
  writers    = { for index, writer in var.writers : tostring(index) => writer }

  # One statement an account, because a bucket policy holds 20 KB at most.
  writers_by_account = { for writer in var.writers : split(":", writer.role_arn)[4] => writer.role_arn... }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.bucket
  policy = data.aws_iam_policy_document.this.json

  # S3 refuses concurrent changes of a bucket's access settings.
  depends_on = [aws_s3_bucket_public_access_block.this, aws_s3_bucket_ownership_controls.this]
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [local.bucket_arn, "${local.bucket_arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  # A request that says nothing of encryption gets the bucket's default, which is our key.
  statement {
    sid       = "DenyOtherEncryption"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.bucket_arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["false"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["aws:kms"]
    }
  }

  statement {
    sid       = "DenyOtherKeys"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.bucket_arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption-aws-kms-key-id"
      values   = ["false"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "s3:x-amz-server-side-encryption-aws-kms-key-id"
      values   = [var.kms_key_arn]
    }
  }

  # "aws:kms" without a key means the key that AWS manages, not the bucket's default (S3 API: "PutObject").
  statement {
    sid       = "DenyTheAwsManagedKey"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.bucket_arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringEquals"
      variable = "s3:x-amz-server-side-encryption"
      values   = ["aws:kms"]
    }
    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption-aws-kms-key-id"
      values   = ["true"]
    }
  }

  statement {
    sid       = "DenyKeysOfTheCaller"
    effect    = "Deny"
    actions   = ["s3:PutObject"]
    resources = ["${local.bucket_arn}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "Null"
      variable = "s3:x-amz-server-side-encryption-customer-algorithm"
      values   = ["false"]
    }
  }

  # A policy cannot name a role that does not exist yet: the account is the principal, the role a condition.
  # Actions: AWS documentation, "Controlling access with Amazon Data Firehose", cross-account delivery to Amazon S3.
  dynamic "statement" {
    for_each = local.writers
    content {
      sid       = "Writer${statement.key}WritesObjects"
      actions   = ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"]
      resources = [for prefix in statement.value.prefixes : "${local.bucket_arn}/${prefix}*"]
      principals {
        type        = "AWS"
        identifiers = ["arn:${var.account.partition}:iam::${split(":", statement.value.role_arn)[4]}:root"]
      }
      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = [statement.value.role_arn]
      }
    }
  }

  dynamic "statement" {
    for_each = local.writers_by_account
    content {
      sid       = "WritersOf${statement.key}LookAtTheBucket"
      actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
      resources = [local.bucket_arn]
      principals {
        type        = "AWS"
        identifiers = ["arn:${var.account.partition}:iam::${statement.key}:root"]
      }
      condition {
        test     = "ArnEquals"
        variable = "aws:PrincipalArn"
        values   = statement.value
      }
    }
  }
}
