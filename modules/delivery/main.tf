locals {
  stream_arn   = "arn:${var.partition}:kinesis:${var.region}:${var.account_id}:stream/${var.stream_name}"
  function_arn = "arn:${var.partition}:lambda:${var.region}:${var.account_id}:function:${var.function_name}"
  alias_arn    = "${local.function_arn}:${var.function_alias}"
  bucket_arn   = "arn:${var.partition}:s3:::${var.bucket_name}"

  data_prefix  = "data/${var.table_name}/"
  error_prefix = "errors/${var.table_name}/"
  partitions   = "dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"

  # A parameter that equals its default is never returned by the service and would differ in every plan.
  processor_parameters = merge(
    { LambdaArn = local.alias_arn },
    var.transform_buffering_seconds == 60 ? {} : { BufferIntervalInSeconds = tostring(var.transform_buffering_seconds) },
    var.transform_buffering_mb == 1 ? {} : { BufferSizeInMBs = tostring(var.transform_buffering_mb) },
  )
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  #checkov:skip=CKV_AWS_240:With a data stream as source, Firehose stores nothing of its own: the stream's and the bucket's customer managed key encrypt the data
  #checkov:skip=CKV_AWS_241:With a data stream as source, Firehose takes no key of its own: the stream's and the bucket's customer managed key encrypt the data
  name        = var.name
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = local.stream_arn
    role_arn           = aws_iam_role.this.arn
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.this.arn
    bucket_arn          = local.bucket_arn
    prefix              = "${local.data_prefix}${local.partitions}"
    error_output_prefix = "${local.error_prefix}!{firehose:error-output-type}/${local.partitions}"
    buffering_interval  = var.buffering_seconds
    buffering_size      = var.buffering_mib
    compression_format  = var.compression
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
