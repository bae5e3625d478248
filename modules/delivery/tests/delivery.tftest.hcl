# A plan of new resources asks AWS nothing: the credentials are never used.
provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  account_id    = "111111111111"
  region        = "us-east-1"
  name          = "orders-delivery-stream"
  table_name    = "orders"
  stream_name   = "orders-data-stream"
  function_name = "lake-transform"
  bucket_name   = "my-lake"
  kms_key_arn   = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
}

run "delivers_compressed_by_date_and_hour" {
  command = plan

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].prefix == "data/orders/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"
    error_message = "records lie by date and hour"
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].error_output_prefix == "errors/orders/!{firehose:error-output-type}/dt=!{timestamp:yyyy-MM-dd}/hour=!{timestamp:HH}/"
    error_message = "failures lie by type, date and hour"
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].compression_format == "GZIP"
    error_message = "objects are compressed"
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].buffering_interval == 120 && aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].buffering_size == 1
    error_message = "120 s or 1 MiB, whichever comes first"
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].kms_key_arn == var.kms_key_arn
    error_message = "objects are encrypted with the key"
  }

  assert {
    condition     = aws_iam_role.this.name == aws_kinesis_firehose_delivery_stream.this.name
    error_message = "the role is named like the delivery stream"
  }

  assert {
    condition     = [for parameter in aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].processing_configuration[0].processors[0].parameters : parameter.parameter_name] == ["LambdaArn"]
    error_message = "parameters equal to their defaults must be left out"
  }

  assert {
    condition     = toset([for name, stream in aws_cloudwatch_log_stream.this : stream.name]) == toset(["BackupDelivery", "DestinationDelivery"])
    error_message = "log streams have the names that AWS gives them"
  }
}

run "passes_buffering_that_is_not_the_default" {
  command = plan

  variables {
    transform_buffering_seconds = 5
    transform_buffering_mb      = 0.2
  }

  assert {
    condition     = { for parameter in aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].processing_configuration[0].processors[0].parameters : parameter.parameter_name => parameter.parameter_value } == { LambdaArn = "arn:aws:lambda:us-east-1:111111111111:function:lake-transform:live", BufferIntervalInSeconds = "5", BufferSizeInMBs = "0.2" }
    error_message = "both buffering parameters are set"
  }
}

run "encrypts_with_the_key_of_the_buckets_account" {
  command = plan

  variables {
    bucket_kms_key_arn         = "arn:aws:kms:us-east-1:222222222222:key/11111111-2222-3333-4444-555555555555"
    bucket_is_in_other_account = true
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].kms_key_arn == var.bucket_kms_key_arn
    error_message = "the bucket's key encrypts the objects"
  }

  assert {
    condition     = contains(one([for s in jsondecode(data.aws_iam_policy_document.this.json).Statement : s if s.Sid == "WriteToTheLake"]).Action, "s3:PutObjectAcl")
    error_message = "Firehose hands ownership over with an ACL"
  }
}

run "refuses_wrong_values_of_every_variable" {
  command = plan

  variables {
    name                        = ""
    table_name                  = "ab"
    stream_name                 = ""
    function_name               = ""
    function_alias              = "7"
    bucket_name                 = "B"
    bucket_kms_key_arn          = "alias/x"
    buffering_seconds           = 901
    buffering_mib               = 0
    transform_buffering_seconds = 901
    transform_buffering_mb      = 3.1
    compression                 = "ZIP"
    kms_key_arn                 = "alias/x"
    log_retention_days          = 100
    account_id                  = "1"
    region                      = "here"
    partition                   = "aws-mars"
  }

  expect_failures = [
    var.name,
    var.table_name,
    var.stream_name,
    var.function_name,
    var.function_alias,
    var.bucket_name,
    var.bucket_kms_key_arn,
    var.buffering_seconds,
    var.buffering_mib,
    var.transform_buffering_seconds,
    var.transform_buffering_mb,
    var.compression,
    var.kms_key_arn,
    var.log_retention_days,
    var.account_id,
    var.region,
    var.partition,
  ]
}
