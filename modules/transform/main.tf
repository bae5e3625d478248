# The function that flattens change records: in private subnets, with no way out, called through its alias.

locals {
  log_group = "/aws/lambda/${var.name}"
  arn       = "arn:${var.partition}:lambda:${var.region}:${var.account_id}:function:${var.name}"
  alias     = "live"
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:Tracing would need a way out of the network and shows nothing of a batch transform that calls no service
  #checkov:skip=CKV_AWS_115:A concurrency limit of its own would throttle delivery; Firehose already bounds its calls by the stream's shards
  #checkov:skip=CKV_AWS_116:A dead letter queue serves asynchronous calls; Firehose calls synchronously and keeps what fails in the error prefix
  #checkov:skip=CKV_AWS_272:The artifact's hash is part of the plan, and only the deploying role may change the function
  function_name = var.name
  description   = "Flattens DynamoDB change records into lines of JSON"
  role          = aws_iam_role.this.arn
  handler       = "lake_transform.handler.lambda_handler"
  runtime       = var.runtime
  architectures = [var.architecture]
  memory_size   = var.memory_mb
  timeout       = var.timeout_seconds
  publish       = true
  kms_key_arn   = var.kms_key_arn

  filename         = var.code.bucket == null ? var.code.path : null
  source_code_hash = var.code.bucket == null ? filebase64sha256(var.code.path) : null
  s3_bucket        = var.code.bucket
  s3_key           = var.code.bucket == null ? null : var.code.path

  environment {
    variables = merge(
      {
        PATH_SEPARATOR = var.path_separator
        LIST_FORMAT    = var.list_format
        LOG_LEVEL      = var.log_level
      },
      var.hook == null ? {} : { TRANSFORM_HOOK = var.hook },
    )
  }

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [var.security_group_id]
  }

  # The function could otherwise make the log group first, without key and retention, and would start without its rights.
  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy.this]
}

resource "aws_lambda_alias" "live" {
  name             = local.alias
  description      = "What the delivery streams call"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}
