# All ARNs here are built from names, not taken from the resources: the role and its policy are then made first, and have
# reached all of IAM by the time that the delivery stream, which waits for stream and function, is made.

locals {
  log_group = "/aws/kinesisfirehose/${var.name}"
  scope     = "${var.region}:${var.account_id}"
}

# Named as the delivery stream, so that another account can name it before it exists.
resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "this" {
  name   = "deliver"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "FirehoseOfThisAccount"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ReadStream"
    actions   = ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
    resources = [local.stream_arn]
  }

  statement {
    sid       = "DecryptStream"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["kinesis.${var.region}.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:kinesis:arn"
      values   = [local.stream_arn]
    }
  }

  statement {
    sid       = "TransformRecords"
    actions   = ["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"]
    resources = ["arn:${var.partition}:lambda:${local.scope}:function:${var.function_name}:${var.function_alias}"]
  }

  statement {
    sid       = "FindBucket"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [var.bucket_arn]
  }

  statement {
    sid       = "WriteObjects"
    actions   = ["s3:AbortMultipartUpload", "s3:PutObject"]
    resources = ["${var.bucket_arn}/${local.data_prefix}*", "${var.bucket_arn}/${local.error_prefix}*"]
  }

  statement {
    sid       = "EncryptObjects"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.bucket_kms_key_arn]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.${var.region}.amazonaws.com"]
    }
    # The bucket's ARN with a bucket key, the object's without one.
    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = [var.bucket_arn, "${var.bucket_arn}/*"]
    }
  }

  statement {
    sid       = "WriteErrorLog"
    actions   = ["logs:PutLogEvents"]
    resources = ["arn:${var.partition}:logs:${local.scope}:log-group:${local.log_group}:log-stream:*"]
  }
}

locals {
  stream_arn = "arn:${var.partition}:kinesis:${local.scope}:stream/${var.stream_name}"
}
