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
  account    = { id = "111111111111", region = "us-east-1", partition = "aws" }
  table_name = "orders"
  names = {
    database_name  = "lake"
    workgroup_name = "lake"
    results_prefix = "results/"
    tables = {
      orders = {
        data_prefix              = "data/orders/"
        state_prefix             = "state/orders/"
        catalog_table            = "orders"
        state_machine_name       = "lake-orders-state"
        state_role_name          = "lake-orders-state-us-east-1"
        state_schedule_role_name = "lake-orders-state-schedule-us-east-1"
      }
    }
  }
  item_columns = [{ name = "id", type = "string" }, { name = "price", type = "decimal(38,2)" }]
  state        = { every = "1 hour" }
  bucket_name  = "my-lake"
  kms_key_arn  = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
}

run "the_machine_runs_by_the_schedule_and_by_nothing_else" {
  command = plan

  assert {
    condition     = aws_scheduler_schedule.this.schedule_expression == "rate(1 hour)"
    error_message = "schedule"
  }
}
