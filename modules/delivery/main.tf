# The delivery stream of one table: from its stream, through the function, into the lake.

locals {
  data_prefix  = "data/${var.table_name}/"
  error_prefix = "errors/${var.table_name}/"
  partitions   = "dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"

  # AWS returns no parameter that holds its default; written out, such a one would differ on every plan.
  buffering = {
    for name, value in {
      BufferSizeInMBs         = var.transform_buffering.mb == 1 ? null : var.transform_buffering.mb
      BufferIntervalInSeconds = var.transform_buffering.seconds == 60 ? null : var.transform_buffering.seconds
    } : name => tostring(value) if value != null
  }
}

resource "aws_kinesis_firehose_delivery_stream" "this" {
  #checkov:skip=CKV_AWS_240:A delivery stream that reads a Kinesis stream is encrypted by that stream's key and takes none of its own
  #checkov:skip=CKV_AWS_241:As above
  name        = var.name
  destination = "extended_s3"

  kinesis_source_configuration {
    kinesis_stream_arn = var.stream_arn
    role_arn           = aws_iam_role.this.arn
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.this.arn
    bucket_arn          = var.bucket_arn
    kms_key_arn         = var.bucket_kms_key_arn
    prefix              = "${local.data_prefix}${local.partitions}"
    error_output_prefix = "${local.error_prefix}!{firehose:error-output-type}/${local.partitions}"
    buffering_interval  = var.buffering.seconds
    buffering_size      = var.buffering.mib
    compression_format  = var.compression

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.this.name
      log_stream_name = aws_cloudwatch_log_stream.this["DestinationDelivery"].name
    }

    processing_configuration {
      enabled = true

      processors {
        type = "Lambda"

        parameters {
          parameter_name  = "LambdaArn"
          parameter_value = var.function_alias_arn
        }

        dynamic "parameters" {
          for_each = local.buffering

          content {
            parameter_name  = parameters.key
            parameter_value = parameters.value
          }
        }
      }
    }
  }

  # Without its rights, a delivery stream starts and fails.
  depends_on = [aws_iam_role_policy.this]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group
  kms_key_id        = var.kms_key_arn
  retention_in_days = var.log_retention_days
}

# The names that the console looks for.
resource "aws_cloudwatch_log_stream" "this" {
  for_each = toset(["BackupDelivery", "DestinationDelivery"])

  name           = each.key
  log_group_name = aws_cloudwatch_log_group.this.name
}
