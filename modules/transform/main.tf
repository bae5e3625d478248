locals {
  here           = "${var.account.region}:${var.account.id}"
  function_arn   = "arn:${var.account.partition}:lambda:${local.here}:function:${var.name}"
  log_group_name = "/aws/lambda/${var.name}"
  log_group_arn  = "arn:${var.account.partition}:logs:${local.here}:log-group:${local.log_group_name}"
  hook           = var.transform.hook == null ? {} : { TRANSFORM_HOOK = var.transform.hook }

  # Whether there is a key is no secret, and would hide all variables of the function if it counted as one.
  mask_key = nonsensitive(var.mask_key == null) ? {} : { MASK_KEY = var.mask_key }
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

  # Lambda removes its interfaces long after the function is gone; until then the group cannot be removed.
  depends_on = [aws_iam_role_policy.interfaces]

  timeouts {
    delete = "90m"
  }
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_50:The function makes no calls that a trace could show; its duration and errors are metrics already
  #checkov:skip=CKV_AWS_115:Reserved concurrency would throttle deliveries in a burst; the shards of the streams bound concurrency
  #checkov:skip=CKV_AWS_116:Firehose invokes synchronously, where Lambda uses no dead letter queue; failed batches go under the error prefix
  #checkov:skip=CKV_AWS_272:Code is content-addressed and built reproducibly; a signing profile belongs to an organisation's release process
  function_name    = var.name
  description      = "Turns batches of DynamoDB change records into data lake records"
  role             = aws_iam_role.this.arn
  handler          = "lake_transform.handler.lambda_handler"
  runtime          = var.transform.runtime
  architectures    = [var.transform.architecture]
  memory_size      = var.transform.memory_mb
  timeout          = var.transform.timeout_seconds
  filename         = local.file
  source_code_hash = local.file == null ? null : try(filebase64sha256(local.file), null)
  s3_bucket        = var.artifact_bucket
  s3_key           = var.artifact_bucket == null ? null : var.transformation_lambda_file
  publish          = true
  kms_key_arn      = var.kms_key_arn

  environment {
    variables = merge({
      PATH_SEPARATOR = var.transform.path_separator
      LIST_FORMAT    = var.transform.list_format
      LOG_LEVEL      = var.transform.log_level
      NATIVE_CODE    = var.transform.native_code ? "on" : "off"
    }, local.hook, local.table_settings_variables, local.mask_key)
  }

  vpc_config {
    subnet_ids         = var.subnet_ids
    security_group_ids = [aws_security_group.this.id]
  }

  lifecycle {
    precondition {
      condition     = local.file == null ? true : fileexists(local.file)
      error_message = "there is no function package ${coalesce(local.file, "-")}: build it first: python -m tools.build"
    }
  }

  # Lambda checks the role's permissions when it creates the function, and would make the log group itself, without
  # key and retention, at the first invocation.
  depends_on = [aws_iam_role_policy.this, aws_iam_role_policy.interfaces, aws_cloudwatch_log_group.this]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that delivery streams call"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}
