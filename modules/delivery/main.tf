locals {
  here       = "${var.account.region}:${var.account.id}"
  stream_arn = "arn:${var.account.partition}:kinesis:${local.here}:stream/${var.stream_name}"
  alias_arn  = "arn:${var.account.partition}:lambda:${local.here}:function:${var.function_name}:live"
  bucket_arn = "arn:${var.account.partition}:s3:::${var.bucket_name}"
  partitions = "cdc_date=!{timestamp:yyyy-MM-dd}/cdc_hour=!{timestamp:HH}/"

  # A parameter that equals the default of the service is never returned by it and would differ in every plan.
  processor_defaults = { BufferIntervalInSeconds = "60", BufferSizeInMBs = "1", NumberOfRetries = "3" }
  processor_settings = {
    LambdaArn               = local.alias_arn
    BufferIntervalInSeconds = tostring(var.transform.buffering_seconds)
    BufferSizeInMBs         = tostring(var.transform.buffering_mb)
    NumberOfRetries         = tostring(var.transform.retries)
  }
  processor_parameters = {
    for name, value in local.processor_settings : name => value
    if value != lookup(local.processor_defaults, name, null)
  }
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  #checkov:skip=CKV_AWS_240:With a data stream as source Firehose stores nothing; the keys of stream and bucket encrypt the data
  #checkov:skip=CKV_AWS_241:With a data stream as source Firehose takes no key; the keys of stream and bucket encrypt the data
  name        = var.name
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = local.stream_arn
    role_arn           = aws_iam_role.this.arn
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.this.arn
    bucket_arn          = local.bucket_arn
    prefix              = "${var.data_prefix}${local.partitions}"
    error_output_prefix = "${var.error_prefix}!{firehose:error-output-type}/${local.partitions}"
    buffering_interval  = var.delivery.buffering_seconds
    buffering_size      = var.delivery.buffering_mib
    compression_format  = var.delivery.compression
    kms_key_arn         = coalesce(var.bucket_kms_key_arn, var.kms_key_arn)

    processing_configuration {
      enabled = true

      processors {
        type = "Lambda"

        dynamic "parameters" {
          for_each = local.processor_parameters
          content {
            parameter_name  = parameters.key
            parameter_value = parameters.value
          }
        }
      }
    }

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.this.name
      log_stream_name = aws_cloudwatch_log_stream.this["DestinationDelivery"].name
    }
  }

  # The role needs nothing that takes long to make, and is therefore old enough to be known everywhere in IAM by the
  # time the stream and the function are there.
  depends_on = [aws_iam_role_policy.this, aws_cloudwatch_log_stream.this, var.wait_for]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group_name
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# The names that the Firehose console gives them.
resource "aws_cloudwatch_log_stream" "this" {
  for_each = toset(["BackupDelivery", "DestinationDelivery"])

  name           = each.key
  log_group_name = aws_cloudwatch_log_group.this.name
}
