locals {
  bucket_arn = "arn:${var.account.partition}:s3:::${var.bucket_name}"
  writers    = { for index, writer in var.writers : tostring(index) => writer }

  # One statement an account, because a bucket policy holds 20 KB at most.
  writers_by_account = { for writer in var.writers : split(":", writer.role_arn)[4] => writer.role_arn... }

  originals = [for prefix in var.original_prefixes : "${local.bucket_arn}/${prefix}*"]

  # Bytes that the policy takes at most: known in the plan, though the ARN of a new key is not.
  policy_bytes = sum(concat(
    [1200 + 6 * length(local.bucket_arn) + (length(local.originals) > 0 ? 220 : 0)],
    [for text in concat(local.originals, var.original_reader_role_arns) : length(text) + 3],
    [for writer in var.writers : 250 + 2 * length(writer.role_arn)],
    [for prefix in flatten(var.writers[*].prefixes) : length("${local.bucket_arn}/${prefix}*") + 3],
    [for account in keys(local.writers_by_account) : 280 + length(local.bucket_arn)],
  ))
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.made

  bucket = aws_s3_bucket.this[each.key].bucket
  policy = data.aws_iam_policy_document.this.json

  # S3 refuses concurrent changes of a bucket's access settings.
  depends_on = [aws_s3_bucket_public_access_block.this, aws_s3_bucket_ownership_controls.this]

  # AWS documentation: "Quotas", S3: a bucket policy has at most 20 KB.
  lifecycle {
    precondition {
      condition = local.policy_bytes <= 20480
      error_message = join("", [
        "tables: the policy of bucket ${var.bucket_name} would take about ${local.policy_bytes} of the 20480 bytes ",
        "that S3 allows, for ${length(var.writers)} delivery roles of other accounts, ${length(local.originals)} ",
        "prefixes of tables with rules and ${length(var.original_reader_role_arns)} roles that read originals: use ",
        "shorter names, or a second deployment for some of the tables.",
      ])
    }
  }
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

  # Records that failed, and exports, are written as they came: no rule of a table reaches them. To copy an object or to
  # select from it takes s3:GetObject as well. aws:PrincipalArn of a session is its role's ARN, and a caller without one
  # is refused too. AWS documentation: "Required permissions for Amazon S3 API operations", and IAM's "AWS global
  # condition context keys" and "Condition operators".
  dynamic "statement" {
    for_each = length(local.originals) > 0 ? ["originals"] : []
    content {
      sid       = "DenyReadingOriginals"
      effect    = "Deny"
      actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectVersionForReplication"]
      resources = local.originals
      principals {
        type        = "*"
        identifiers = ["*"]
      }
      dynamic "condition" {
        for_each = length(var.original_reader_role_arns) > 0 ? ["readers"] : []
        content {
          test     = "ArnNotEquals"
          variable = "aws:PrincipalArn"
          values   = var.original_reader_role_arns
        }
      }
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
