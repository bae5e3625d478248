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
  account     = { id = "111111111111", region = "us-east-1", partition = "aws" }
  name        = "orders"
  stream_arn  = "arn:aws:kinesis:us-east-1:111111111111:stream/orders-data-stream"
  kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
}

run "is_encrypted_and_recoverable" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.this["orders"].billing_mode == "PAY_PER_REQUEST"
    error_message = "capacity is on demand"
  }

  assert {
    condition     = aws_dynamodb_table.this["orders"].point_in_time_recovery[0].enabled
    error_message = "point-in-time recovery must be on"
  }

  assert {
    condition     = aws_dynamodb_table.this["orders"].deletion_protection_enabled
    error_message = "deletion protection must be on"
  }

  assert {
    condition     = aws_dynamodb_table.this["orders"].server_side_encryption[0].enabled && aws_dynamodb_table.this["orders"].server_side_encryption[0].kms_key_arn == var.kms_key_arn
    error_message = "the customer managed key encrypts"
  }

  assert {
    condition     = aws_dynamodb_table.this["orders"].hash_key == "id" && aws_dynamodb_table.this["orders"].range_key == null
    error_message = "the key is id alone"
  }

  assert {
    condition     = aws_dynamodb_kinesis_streaming_destination.this.stream_arn == var.stream_arn
    error_message = "changes go to the stream"
  }
}

run "has_both_keys_with_their_types" {
  command = plan

  variables {
    key = { hash_key = "customer", hash_key_type = "N", range_key = "at", range_key_type = "B" }
  }

  assert {
    condition     = { for attribute in aws_dynamodb_table.this["orders"].attribute : attribute.name => attribute.type } == { customer = "N", at = "B" }
    error_message = "exactly the key attributes are declared"
  }
}

run "an_existing_table_only_gets_a_destination" {
  command = plan

  variables {
    existing = true
  }

  assert {
    condition     = length(aws_dynamodb_table.this) == 0
    error_message = "the table must not be made"
  }

  assert {
    condition     = aws_dynamodb_kinesis_streaming_destination.this.table_name == "orders"
    error_message = "its changes are streamed"
  }

  assert {
    condition     = output.arn == "arn:aws:dynamodb:us-east-1:111111111111:table/orders"
    error_message = "its ARN follows from its name"
  }
}

# A variable counts as refused when any of its rules fires: each rule has a run in which none but it does.
run "refuses_a_partition_key_without_name" {
  command = plan

  variables {
    key = { hash_key = "" }
  }

  expect_failures = [var.key]
}

run "refuses_one_attribute_for_both_keys" {
  command = plan

  variables {
    key = { range_key = "id" }
  }

  expect_failures = [var.key]
}

run "refuses_a_type_that_no_key_has" {
  command = plan

  variables {
    key = { range_key_type = "BOOL" }
  }

  expect_failures = [var.key]
}
