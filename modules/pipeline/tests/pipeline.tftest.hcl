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
  account = { id = "111111111111", region = "us-east-1", partition = "aws" }
  names = {
    network_name        = "lake"
    flow_log_role_name  = "lake-flow-log-us-east-1"
    function_name       = "lake-transform"
    execution_role_name = "lake-transform-us-east-1"
    tables = {
      orders = {
        stream_name          = "orders-data-stream"
        delivery_stream_name = "orders-delivery-stream"
        delivery_role_name   = "orders-delivery-stream-us-east-1"
        data_prefix          = "data/orders/"
        error_prefix         = "errors/orders/"
      }
    }
  }
  tables                     = { orders = {} }
  artifact_bucket            = "artifacts"
  transformation_lambda_file = "lake_transform/code.zip"
  bucket_name                = "my-lake"
  kms_key_arn                = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
}

run "says_where_the_changes_of_each_table_go" {
  command = plan

  assert {
    condition     = [for name, table in output.tables : [name, table.stream_name, table.delivery_stream_name]] == [["orders", "orders-data-stream", "orders-delivery-stream"]]
    error_message = "a data stream and a delivery stream for each table"
  }

  assert {
    condition     = [output.function_name, output.function_log_group_name] == ["lake-transform", "/aws/lambda/lake-transform"]
    error_message = "one function for all"
  }
}

run "says_what_the_rules_of_each_table_are" {
  command = plan

  variables {
    tables   = { orders = { before = true, rules = { email = { as = "hash" }, "card.number" = { as = "drop" } } } }
    mask_key = "0123456789abcdef0123456789abcdef"
  }

  assert {
    condition     = [output.tables.orders.before, output.tables.orders.rules] == [true, { email = "hash", "card.number" = "drop" }]
    error_message = "a later plan tells by them what readers see more of"
  }
}

run "refuses_wrong_values_of_every_variable" {
  command = plan

  variables {
    kms_key_arn        = "alias/x"
    log_retention_days = 100
    network            = { vpc_id = "10.0.0.0/24", subnet_ids = ["subnet-1"] }
  }

  expect_failures = [var.kms_key_arn, var.log_retention_days, var.network]
}
