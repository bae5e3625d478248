locals {
  function_arn   = "arn:${var.partition}:lambda:${var.region}:${var.account_id}:function:${var.name}"
  log_group_name = "/aws/lambda/${var.name}"
  log_group_arn  = "arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:${local.log_group_name}"
  hook           = var.settings.hook == null ? {} : { TRANSFORM_HOOK = var.settings.hook }
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group_name
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# No rule in either direction: the function talks to nobody, and nobody can reach it but through the Lambda API.
resource "aws_security_group" "this" {
  name        = var.name
  description = "Lambda function ${var.name}: no traffic in, none out"
  vpc_id      = var.vpc_id
  ingress     = []
  egress      = []

  tags = { Name = var.name }
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:The function makes no calls that a trace could show; its duration and errors are metrics already, and tracing would need a permission
  #checkov:skip=CKV_AWS_115:Reserved concurrency would turn a burst into throttled deliveries; concurrency is bounded by the shards of the streams, one batch per shard at a time
  #checkov:skip=CKV_AWS_116:Firehose invokes synchronously, where Lambda uses no dead letter queue; failed batches are kept under the error prefix of the bucket
  #checkov:skip=CKV_AWS_272:Code is content-addressed and built reproducibly; a signing profile belongs to an organisation's release process
  function_name    = var.name
  description      = "Turns batches of DynamoDB change records into data lake records"
  role             = aws_iam_role.this.arn
  handler          = "lake_transform.handler.lambda_handler"
  runtime          = var.runtime
  architectures    = [var.architecture]
  memory_size      = var.memory_mb
  timeout          = var.timeout_seconds
  filename         = var.package.file
  source_code_hash = var.package.file == null ? null : try(filebase64sha256(var.package.file), null)
  s3_bucket        = var.package.s3_bucket
  s3_key           = var.package.s3_key
  publish          = true
  kms_key_arn      = var.kms_key_arn

  environment {
    variables = merge({
      PATH_SEPARATOR = var.settings.path_separator
      LIST_FORMAT    = var.settings.list_format
      LOG_LEVEL      = var.settings.log_level
      NATIVE_CODE    = var.settings.native_code ? "on" : "off"
    }, local.hook)
  }

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.this.id]
  }

  lifecycle {
    precondition {
      condition     = var.package.file == null ? true : fileexists(var.package.file)
      error_message = "there is no function package ${coalesce(var.package.file, "(none)")}: build it first: python -m tools.build"
    }
  }

  # Lambda checks the role's permissions when it creates the function, and would make the log group itself, without
  # key and retention, at the first invocation.
  depends_on = [aws_iam_role_policy.this, aws_cloudwatch_log_group.this]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that delivery streams call"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}
