locals {
  bucket_arn = "arn:${var.account.partition}:s3:::${var.bucket_name}"

  # Services in China present themselves under either suffix; nobody but AWS can set either.
  suffixes = distinct(["amazonaws.com", var.account.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com"])
  via = [
    for pair in setproduct(["lambda", "s3"], local.suffixes) : "${pair[0]}.${var.account.region}.${pair[1]}"
  ]

  function_arn = "arn:${var.account.partition}:lambda:${local.here}:function:${var.function_name}"
  log_arn      = "arn:${var.account.partition}:logs:${local.here}:log-group"
}

resource "aws_iam_role" "this" {
  name                 = var.names.backfill.role_name
  description          = "Glue job ${local.job_name}: read exports of ${var.bucket_name}, and write their rows"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  path                 = var.account.iam_path
  permissions_boundary = var.account.permissions_boundary_arn
}

# AWS Glue Developer Guide: "Cross-service confused deputy prevention".
data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "JobsOfThisAccount"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["glue.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "make-rows"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "ReadExports"
    actions   = ["s3:GetObject"]
    resources = [for table in values(var.names.tables) : "${local.bucket_arn}/${table.export_prefix}*"]
  }

  # HeadObject of a set's rows tells whether they are written, and takes s3:GetObject (Amazon S3 API Reference,
  # "HeadObject"). A put where nothing is takes no more than another.
  statement {
    sid       = "WriteRows"
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = [for table in values(var.names.tables) : "${local.bucket_arn}/${table.data_prefix}*"]
  }

  statement {
    sid       = "KeepWhatFailed"
    actions   = ["s3:PutObject"]
    resources = [for table in values(var.names.tables) : "${local.bucket_arn}/${table.error_prefix}backfill-failed/*"]
  }

  statement {
    sid     = "ReadThePlanAndSayWhatWasDone"
    actions = ["s3:GetObject", "s3:PutObject"]
    resources = [
      for name in keys(var.names.tables) : "${local.bucket_arn}/ledger/${name}/backfill/*"
    ]
  }

  statement {
    sid       = "ReadTheCode"
    actions   = ["s3:GetObject"]
    resources = ["${local.bucket_arn}/${local.code_prefix}*"]
  }

  # Without it S3 answers 403 for an object that is not there: "HeadObject" in its API Reference.
  statement {
    sid       = "LookForRows"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket_arn]
    condition {
      test     = "StringLike"
      variable = "s3:prefix"
      values   = [for table in values(var.names.tables) : "${table.data_prefix}*"]
    }
  }

  # Rules, hook and the key of hashes are the function's: no argument of a run has them.
  statement {
    sid       = "ReadTheFunctionsSettings"
    actions   = ["lambda:GetFunctionConfiguration"]
    resources = [local.function_arn, "${local.function_arn}:*"]
  }

  statement {
    sid       = "UseTheKeyThroughS3AndLambda"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = local.via
    }
  }

  # AWS Glue Developer Guide: "Encrypting data written by AWS Glue" names AssociateKmsKey.
  statement {
    sid     = "WriteLogs"
    actions = ["logs:AssociateKmsKey", "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [
      "${local.log_arn}:${var.names.backfill.log_prefix}/*",
      "${local.log_arn}:${var.names.backfill.log_prefix}/*:log-stream:*",
    ]
  }
}
