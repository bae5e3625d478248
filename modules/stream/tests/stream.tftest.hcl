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
  name        = "orders-data-stream"
  table_name  = "orders"
  kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
}

run "is_provisioned_and_encrypted" {
  command = plan

  assert {
    condition     = aws_kinesis_stream.this.shard_count == 10
    error_message = "ten shards by default"
  }

  assert {
    condition     = aws_kinesis_stream.this.encryption_type == "KMS" && aws_kinesis_stream.this.kms_key_id == var.kms_key_arn
    error_message = "the customer managed key encrypts"
  }

  assert {
    condition     = aws_kinesis_stream.this.retention_period == 24
    error_message = "a day by default"
  }
}

run "on_demand_has_no_shard_count" {
  command = plan

  variables {
    stream = { mode = "ON_DEMAND" }
  }

  assert {
    condition     = aws_kinesis_stream.this.stream_mode_details[0].stream_mode == "ON_DEMAND"
    error_message = "the mode is on demand"
  }

  assert {
    condition     = aws_kinesis_stream.this.shard_count == null
    error_message = "Kinesis refuses a shard count on demand"
  }
}

run "a_setting_that_is_null_has_its_default" {
  command = plan

  variables {
    stream = { mode = null, shards = null, retention_hours = null }
  }

  assert {
    condition     = aws_kinesis_stream.this.shard_count == 10 && aws_kinesis_stream.this.retention_period == 24
    error_message = "what a caller leaves out reaches the module as null"
  }
}

# A variable counts as refused when any of its rules fires: each rule has a run in which none but it does.
run "refuses_a_mode_that_is_none" {
  command = plan

  variables {
    stream = { mode = "on_demand" }
  }

  expect_failures = [var.stream]
}

run "refuses_a_stream_without_shards" {
  command = plan

  variables {
    stream = { shards = 0 }
  }

  expect_failures = [var.stream]
}

run "refuses_a_retention_of_less_than_a_day" {
  command = plan

  variables {
    stream = { retention_hours = 23 }
  }

  expect_failures = [var.stream]
}
