locals {
  bucket_arn = "arn:${var.account.partition}:s3:::${var.bucket_name}"
  writers    = { for writer in var.writers : split(":", writer.roles)[4] => writer }

  exporters = { for role_arn in var.exporter_role_arns : split(":", role_arn)[4] => role_arn... }

  originals = [for prefix in var.original_prefixes : "${local.bucket_arn}/${prefix}*"]

  # Bytes that the policy takes at most: known in the plan, though the ARN of a new key is not.
  max_bytes = 20480
  bytes_shared = sum(concat(
    [1200 + 6 * length(local.bucket_arn) + (length(local.originals) > 0 ? 220 : 0)],
    [for arn in var.original_reader_role_arns : length(arn) + 3],
    [for writer in var.writers : 650 + 2 * length(writer.roles) + length(local.bucket_arn)],
    [for account in keys(local.exporters) : 330 + length(local.bucket_arn) + length(var.export_prefix)],
    [for arn in var.exporter_role_arns : length(arn) + 3],
    [for prefix in flatten(var.writers[*].prefixes) : length("${local.bucket_arn}/${prefix}") + 35],
  ))
  bytes_of_tables = sum(concat(
    [0],
    [for table in flatten(var.writers[*].tables) : length(table) + 3],
    [for text in local.originals : length(text) + 3],
  ))
  policy_bytes = local.bytes_shared + local.bytes_of_tables

  table_count = max(length(flatten(var.writers[*].tables)), ceil(length(local.originals) / 2))
  tables_that_fit = floor(
    local.table_count * max(0, local.max_bytes - local.bytes_shared) / max(1, local.bytes_of_tables)
  )
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.made

  bucket = aws_s3_bucket.this[each.key].bucket
  policy = data.aws_iam_policy_document.this.minified_json

  # S3 refuses concurrent changes of a bucket's access settings.
  depends_on = [aws_s3_bucket_public_access_block.this, aws_s3_bucket_ownership_controls.this]

  # Amazon S3 User Guide, "Bucket policies for Amazon S3": a policy has at most 20 KB.
  lifecycle {
    precondition {
      condition = local.policy_bytes <= local.max_bytes
      error_message = join("", [
        "tables: the policy of bucket ${var.bucket_name} would take about ${local.policy_bytes} of the ",
        "${local.max_bytes} bytes that S3 allows, for ${length(flatten(var.writers[*].tables))} tables of other ",
        "accounts, ${length(local.originals)} prefixes of tables with rules and ",
        "${length(var.original_reader_role_arns)} roles that read originals. Of ${local.table_count} such tables about ",
        "${local.tables_that_fit} fit: use shorter names, or a second deployment for the others.",
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

  # A policy cannot name a role that does not exist yet: the account is the principal, the roles are a condition. The tag
  # of a role says whose objects it writes, so that one statement does for all tables of an account
  # (docs/decisions/one-statement-for-all-writers.md). Without the tag the resource is none.
  # Actions: AWS documentation, "Controlling access with Amazon Data Firehose", cross-account delivery to Amazon S3.
  dynamic "statement" {
    for_each = local.writers
    content {
      sid       = "WritersOf${statement.key}WriteTheirOwn"
      actions   = ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"]
      resources = [for prefix in statement.value.prefixes : "${local.bucket_arn}/${prefix}&{aws:PrincipalTag/lake-table}/*"]
      principals {
        type        = "AWS"
        identifiers = ["arn:${var.account.partition}:iam::${statement.key}:root"]
      }
      condition {
        test     = "ArnLike"
        variable = "aws:PrincipalArn"
        values   = [statement.value.roles]
      }
      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalTag/lake-table"
        values   = statement.value.tables
      }
    }
  }

  # DynamoDB writes an export with what its caller may do. AWS documentation: "Requesting a table export in DynamoDB",
  # Amazon DynamoDB Developer Guide.
  dynamic "statement" {
    for_each = local.exporters
    content {
      sid       = "ExportersOf${statement.key}WriteExports"
      actions   = ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectAcl"]
      resources = ["${local.bucket_arn}/${var.export_prefix}*"]
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

  dynamic "statement" {
    for_each = local.writers
    content {
      sid       = "WritersOf${statement.key}LookAtTheBucket"
      actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
      resources = [local.bucket_arn]
      principals {
        type        = "AWS"
        identifiers = ["arn:${var.account.partition}:iam::${statement.key}:root"]
      }
      condition {
        test     = "ArnLike"
        variable = "aws:PrincipalArn"
        values   = [statement.value.roles]
      }
    }
  }
}
