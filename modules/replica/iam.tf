locals {
  source_arn = "arn:${var.account.partition}:s3:::${var.bucket_name}"

  # Services in China present themselves under either suffix; nobody but AWS can set either.
  suffixes = distinct(["amazonaws.com", var.account.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"])
}

resource "aws_iam_role" "this" {
  name                 = var.names.replica.role_name
  description          = "Amazon S3: replicate ${var.bucket_name} to ${var.names.replica.bucket_name}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  path                 = var.account.iam_path
  permissions_boundary = var.account.permissions_boundary_arn
}

# Amazon S3 User Guide, "Setting up permissions for live replication", whose trust has no condition: a role can only be
# given to buckets of its own account.
data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "S3Replicates"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "replicate"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

# The same page, and "Replicating encrypted objects"; with a bucket key, the context of encryption is the bucket's ARN.
data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ReadTheRules"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [local.source_arn]
  }

  statement {
    sid = "ReadTheLake"
    actions = concat(
      ["s3:GetObjectVersionAcl", "s3:GetObjectVersionForReplication", "s3:GetObjectVersionTagging"],
      local.locked ? ["s3:GetObjectLegalHold", "s3:GetObjectRetention"] : [],
    )
    resources = [for prefix in values(local.prefixes) : "${local.source_arn}/${prefix}*"]
  }

  statement {
    sid       = "WriteTheReplica"
    actions   = ["s3:ReplicateDelete", "s3:ReplicateObject", "s3:ReplicateTags"]
    resources = [for prefix in values(local.prefixes) : "${module.bucket.arn}/${prefix}*"]
  }

  statement {
    sid       = "DecryptTheLake"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for suffix in local.suffixes : "s3.${var.account.region}.${suffix}"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = [local.source_arn, "${local.source_arn}/*"]
    }
  }

  statement {
    sid       = "EncryptTheReplica"
    actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
    resources = [module.key.arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for suffix in local.suffixes : "s3.${var.replication.region}.${suffix}"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = [module.bucket.arn, "${module.bucket.arn}/*"]
    }
  }
}
