locals {
  log_group_name = "/aws/kinesisfirehose/${var.name}"
  log_group_arn  = "arn:${var.account.partition}:logs:${local.here}:log-group:${local.log_group_name}"

  # Services in China present themselves under either suffix; nobody but AWS can set either.
  suffixes = distinct(["amazonaws.com", var.account.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"])

  # Into another account's bucket, Firehose hands the object's ownership to the bucket's owner.
  write_actions = concat(
    ["s3:AbortMultipartUpload", "s3:PutObject"],
    var.bucket_is_in_other_account ? ["s3:PutObjectAcl"] : [],
  )
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Delivery stream ${var.name}: read the data stream, call the function, write to the lake"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  path                 = var.account.iam_path
  permissions_boundary = var.account.permissions_boundary_arn
}

# AWS documentation: "Controlling access with Amazon Data Firehose", allow Firehose to assume an IAM role.
data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "FirehoseForThisAccount"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.account.id]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "deliver"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid = "ReadTheDataStream"
    actions = [
      "kinesis:DescribeStream",
      "kinesis:GetRecords",
      "kinesis:GetShardIterator",
      "kinesis:ListShards",
    ]
    resources = [local.stream_arn]
  }

  statement {
    sid       = "DecryptTheDataStream"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for suffix in local.suffixes : "kinesis.${var.account.region}.${suffix}"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:kinesis:arn"
      values   = [local.stream_arn]
    }
  }

  statement {
    sid       = "CallTheFunction"
    actions   = ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"]
    resources = [local.alias_arn]
  }

  statement {
    sid       = "WriteToTheLake"
    actions   = local.write_actions
    resources = ["${local.bucket_arn}/${var.data_prefix}*", "${local.bucket_arn}/${var.error_prefix}*"]
  }

  statement {
    sid       = "LookAtTheBucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [local.bucket_arn]
  }

  # The context is the bucket's ARN where the bucket has a bucket key, else the object's.
  statement {
    sid       = "EncryptTheLake"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [coalesce(var.bucket_kms_key_arn, var.kms_key_arn)]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = [for suffix in local.suffixes : "s3.${var.account.region}.${suffix}"]
    }
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = [local.bucket_arn, "${local.bucket_arn}/*"]
    }
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:log-stream:*"]
  }
}
