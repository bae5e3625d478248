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

run "the_schedule_has_the_rate_that_is_given" {
  command = plan

  assert {
    condition     = aws_scheduler_schedule.this.schedule_expression == "rate(1 hour)"
    error_message = "schedule"
  }
}

run "the_machine_is_encrypted_and_logs_every_step_under_the_lakes_key" {
  command = plan

  assert {
    condition     = aws_sfn_state_machine.this.encryption_configuration[0].type == "CUSTOMER_MANAGED_KMS_KEY" && aws_sfn_state_machine.this.encryption_configuration[0].kms_key_id == var.kms_key_arn
    error_message = "state machine"
  }

  assert {
    condition     = aws_sfn_state_machine.this.logging_configuration[0].level == "ALL" && aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn
    error_message = "log"
  }

  assert {
    condition     = aws_scheduler_schedule.this.kms_key_arn == var.kms_key_arn
    error_message = "schedule"
  }
}

run "the_machine_is_one_that_sees_each_statement_to_its_end" {
  command = plan

  assert {
    condition     = aws_sfn_state_machine.this.type == null || aws_sfn_state_machine.this.type == "STANDARD"
    error_message = "an express machine cannot wait for a query"
  }

  assert {
    condition = toset([
      for name, state in jsondecode(aws_sfn_state_machine.this.definition).States.WhileHeld.Branches[0].States : name
      if can(regex("athena:startQueryExecution", state.Resource)) && !can(regex("[.]sync$", state.Resource))
    ]) == toset([])
    error_message = "a query that nobody waits for"
  }
}

run "the_table_has_the_columns_of_the_order_then_those_of_the_items" {
  command = plan

  assert {
    condition = [
      for column in regexall("  `([a-z_]+)` ([a-z0-9(,)]+?),?\n", local.sql.create) : join(" ", column)
      ] == [
      "cdc_key string",
      "cdc_event string",
      "cdc_event_id string",
      "cdc_changed_at string",
      "cdc_changed_at_us bigint",
      "cdc_sequence_number string",
      "cdc_ttl boolean",
      "cdc_overflow string",
      "id string",
      "price decimal(38,2)",
    ]
    error_message = local.sql.create
  }

  assert {
    condition     = strcontains(local.sql.create, "LOCATION 's3://my-lake/state/orders/'")
    error_message = "place"
  }
}

run "a_merge_reads_from_the_overlap_before_the_last_on" {
  command = plan

  variables {
    state = { every = "15 minutes", overlap_hours = 3 }
  }

  assert {
    condition     = strcontains(local.merge_states.ChooseFolders.Assign.since, "$mark - 10800000]")
    error_message = "milliseconds of three hours"
  }

  assert {
    condition     = aws_scheduler_schedule.this.schedule_expression == "rate(15 minutes)"
    error_message = "schedule"
  }
}

run "without_a_rate_changes_are_merged_every_hour" {
  command = plan

  variables {
    state = {}
  }

  assert {
    condition     = aws_scheduler_schedule.this.schedule_expression == "rate(1 hour)"
    error_message = "schedule"
  }
}

run "the_overlap_is_longer_than_firehose_tries" {
  command = plan

  assert {
    condition     = var.state.overlap_hours > 24
    error_message = "Firehose tries for 24 hours to write an object"
  }
}

run "a_rate_that_scheduler_does_not_know_is_refused" {
  command = plan

  variables {
    state = { every = "1 hours" }
  }

  expect_failures = [var.state]
}

run "an_overlap_of_part_of_an_hour_is_refused" {
  command = plan

  variables {
    state = { every = "1 hour", overlap_hours = 0.5 }
  }

  expect_failures = [var.state]
}

run "a_state_that_is_called_like_another_table_is_refused" {
  command = plan

  variables {
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
        "orders-state" = {
          data_prefix              = "data/orders-state/"
          state_prefix             = "state/orders-state/"
          catalog_table            = "orders_state"
          state_machine_name       = "lake-orders-state-state"
          state_role_name          = "lake-orders-state-state-us-east-1"
          state_schedule_role_name = "lake-orders-state-state-schedule-us-east-1"
        }
      }
    }
  }

  expect_failures = [var.names]
}

run "a_name_that_is_too_long_for_the_view_of_the_state_is_refused" {
  command = plan

  variables {
    names = {
      database_name  = "lake"
      workgroup_name = "lake"
      results_prefix = "results/"
      tables = {
        orders = {
          data_prefix              = "data/orders/"
          state_prefix             = "state/orders/"
          catalog_table            = "oooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo"
          state_machine_name       = "lake-orders-state"
          state_role_name          = "lake-orders-state-us-east-1"
          state_schedule_role_name = "lake-orders-state-schedule-us-east-1"
        }
      }
    }
  }

  expect_failures = [var.names]
}

run "a_key_that_is_no_arn_is_refused" {
  command = plan

  variables {
    kms_key_arn = "alias/lake"
  }

  expect_failures = [var.kms_key_arn]
}
