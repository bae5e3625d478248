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
  account            = { id = "111111111111", region = "us-east-1", partition = "aws" }
  name               = "orders-delivery-stream"
  role_name          = "orders-delivery-stream-us-east-1"
  role_path          = "/dynamo-to-lake/us-east-1/"
  table_name         = "orders"
  stream_name        = "orders-data-stream"
  function_name      = "lake-transform"
  bucket_name        = "my-lake"
  data_prefix        = "data/orders/"
  error_prefix       = "errors/orders/"
  kms_key_arn        = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
  log_retention_days = 365
}

run "delivers_compressed_by_date_and_hour" {
  command = plan

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].prefix == "data/orders/cdc_date=!{timestamp:yyyy-MM-dd}/cdc_hour=!{timestamp:HH}/"
    error_message = "records lie by date and hour"
  }

  assert {
    condition     = aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].error_output_prefix == "errors/orders/!{firehose:error-output-type}/cdc_date=!{timestamp:yyyy-MM-dd}/cdc_hour=!{timestamp:HH}/"
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
    condition     = aws_iam_role.this.name == var.role_name
    error_message = "the role has the name that the bucket's account knows"
  }

  assert {
    condition     = { for parameter in aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].processing_configuration[0].processors[0].parameters : parameter.parameter_name => parameter.parameter_value } == { LambdaArn = "arn:aws:lambda:us-east-1:111111111111:function:lake-transform:live", NumberOfRetries = "20" }
    error_message = "a call is repeated 20 times, and parameters equal to the defaults of AWS are left out"
  }

  assert {
    condition     = toset([for name, stream in aws_cloudwatch_log_stream.this : stream.name]) == toset(["BackupDelivery", "DestinationDelivery"])
    error_message = "log streams have the names that AWS gives them"
  }
}

run "passes_what_is_not_the_default_of_aws_and_leaves_out_what_is" {
  command = plan

  variables {
    transform = { buffering_seconds = 5, buffering_mb = 0.2, retries = 3 }
  }

  assert {
    condition     = { for parameter in aws_kinesis_firehose_delivery_stream.this.extended_s3_configuration[0].processing_configuration[0].processors[0].parameters : parameter.parameter_name => parameter.parameter_value } == { LambdaArn = "arn:aws:lambda:us-east-1:111111111111:function:lake-transform:live", BufferIntervalInSeconds = "5", BufferSizeInMBs = "0.2" }
    error_message = "both buffering parameters are set, and 3 retries are the default of AWS"
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

# A variable counts as refused when any of its rules fires: each rule has a run in which none but it does.
run "refuses_too_long_a_wait_for_an_object" {
  command = plan

  variables {
    delivery = { buffering_seconds = 901 }
  }

  expect_failures = [var.delivery]
}

run "refuses_an_object_of_no_size" {
  command = plan

  variables {
    delivery = { buffering_mib = 0 }
  }

  expect_failures = [var.delivery]
}

run "refuses_another_compression" {
  command = plan

  variables {
    delivery = { compression = "ZIP" }
  }

  expect_failures = [var.delivery]
}

run "refuses_too_long_a_wait_for_a_call" {
  command = plan

  variables {
    transform = { buffering_seconds = 901 }
  }

  expect_failures = [var.transform]
}

run "refuses_too_large_a_call" {
  command = plan

  variables {
    transform = { buffering_mb = 3.1 }
  }

  expect_failures = [var.transform]
}

run "refuses_too_many_retries" {
  command = plan

  variables {
    transform = { retries = 301 }
  }

  expect_failures = [var.transform]
}

run "refuses_a_role_on_no_path" {
  command = plan

  variables {
    role_path = "/"
  }

  expect_failures = [var.role_path]
}
