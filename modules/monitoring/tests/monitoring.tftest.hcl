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
    alarm_prefix   = "lake/"
    topic_name     = "lake-alarms"
    dashboard_name = "lake-us-east-1"
    tables = {
      orders = {
        alarm_prefix         = "lake/table/orders/"
        stream_name          = "orders-data-stream"
        delivery_stream_name = "orders-delivery-stream"
      }
    }
  }
  environment = "single-account"
  kms_key_arn = "arn:aws:kms:us-east-1:111111111111:key/11111111-2222-3333-4444-555555555555"
  pipeline = {
    function_name           = "lake-transform"
    function_log_group_name = "/aws/lambda/lake-transform"
    timeout_seconds         = 100
    tables                  = { orders = { retention_hours = 48, shards = 2, buffering_seconds = 180 } }
  }
}

run "thresholds_follow_the_settings" {
  command = plan

  assert {
    condition = {
      for name, alarm in aws_cloudwatch_metric_alarm.simple : reverse(split("/", name))[0] => alarm.threshold
      } == {
      "delivery-behind"       = 900000
      "delivery-late"         = 1080
      "function-errors"       = 0
      "function-slow"         = 80000
      "function-throttled"    = 0
      "records-failed"        = 0
      "records-too-large"     = 0
      "stream-nearly-expired" = 86400000
      "stream-nearly-full"    = 100663296
      "stream-read-late"      = 43200000
      "stream-read-refused"   = 0.01
      "stream-write-refused"  = 0.01
      "transform-failing"     = 1
      "transform-slow"        = 80000
    }
    error_message = "retention, buffers, shards and timeout"
  }

  assert {
    condition = alltrue([
      for query in aws_cloudwatch_metric_alarm.computed["lake/table/orders/delivery-silent"].metric_query :
      query.metric[0].period == 1080 if length(query.metric) > 0
    ])
    error_message = "a period must be longer than a healthy change takes"
  }
}

run "an_on_demand_stream_is_never_nearly_full" {
  command = plan

  variables {
    pipeline = {
      function_name           = "lake-transform"
      function_log_group_name = "/aws/lambda/lake-transform"
      timeout_seconds         = 100
      tables                  = { orders = { retention_hours = 24, shards = null, buffering_seconds = 1 } }
    }
  }

  assert {
    condition     = !contains(keys(aws_cloudwatch_metric_alarm.simple), "lake/table/orders/stream-nearly-full")
    error_message = "AWS chooses the shards"
  }
}

run "data_is_at_risk_with_any_of_these" {
  command = plan

  assert {
    condition = aws_cloudwatch_composite_alarm.data_at_risk["orders"].alarm_rule == join(" OR ", [
      for key in ["changes-held", "changes-lost", "delivery-behind", "delivery-late", "delivery-silent", "stream-nearly-expired"] :
      "ALARM(\"lake/table/orders/${key}\")"
    ])
    error_message = "what loses changes, or will"
  }
}

run "without_a_pipeline_there_are_the_alarms_of_states_alone" {
  command = plan

  variables {
    pipeline = null
    states = {
      orders = {
        every             = "15 minutes"
        state_machine_arn = "arn:aws:states:us-east-1:111111111111:stateMachine:lake-orders-state"
        schedule_group    = "lake-orders-state"
        log_group_name    = "/aws/vendedlogs/states/lake-orders-state"
      }
    }
    bucket_name = "lake"
  }

  assert {
    condition = (
      keys(aws_cloudwatch_metric_alarm.simple) == ["lake/table/orders/state-late"]
      && keys(aws_cloudwatch_metric_alarm.computed) == ["lake/table/orders/schedule-failing", "lake/table/orders/state-failing"]
    )
    error_message = "states, and nothing that is not here"
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.simple["lake/table/orders/state-late"].threshold == 1800
      && aws_cloudwatch_metric_alarm.simple["lake/table/orders/state-late"].period == 900
      && aws_cloudwatch_metric_alarm.simple["lake/table/orders/state-late"].evaluation_periods == 3
    )
    error_message = "two runs, looked at for three"
  }
}

run "a_state_that_is_merged_every_few_days_is_not_late_between" {
  command = plan

  variables {
    states = {
      orders = {
        every             = "4 days"
        state_machine_arn = "arn:aws:states:us-east-1:111111111111:stateMachine:lake-orders-state"
        schedule_group    = "lake-orders-state"
        log_group_name    = "/aws/vendedlogs/states/lake-orders-state"
      }
    }
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.simple["lake/table/orders/state-late"].treat_missing_data == "ignore"
      && aws_cloudwatch_metric_alarm.simple["lake/table/orders/state-late"].evaluation_periods == 7
    )
    error_message = "no alarm looks at more than seven days"
  }
}

run "an_own_topic_is_told_and_none_is_made" {
  command = plan

  variables {
    monitoring = { topic_arn = "arn:aws:sns:us-east-1:111111111111:operators" }
  }

  assert {
    condition = (
      length(aws_sns_topic.this) == 0
      && aws_cloudwatch_metric_alarm.simple["lake/function-errors"].alarm_actions == toset(["arn:aws:sns:us-east-1:111111111111:operators"])
    )
    error_message = "the given topic"
  }
}

run "refuses_wrong_values" {
  command = plan

  variables {
    environment = "producer"
    kms_key_arn = "alias/lake"
  }

  expect_failures = [var.environment, var.kms_key_arn]
}

# A variable counts as refused when any of its rules fires: a rule has a run in which none but it does.
run "refuses_what_is_no_address" {
  command = plan

  variables {
    monitoring = { email = "lake" }
  }

  expect_failures = [var.monitoring]
}

run "refuses_what_is_no_topic" {
  command = plan

  variables {
    monitoring = { topic_arn = "operators" }
  }

  expect_failures = [var.monitoring]
}

run "refuses_a_topic_of_another_region" {
  command = plan

  variables {
    monitoring = { topic_arn = "arn:aws:sns:eu-west-1:111111111111:operators" }
  }

  expect_failures = [var.monitoring]
}

run "refuses_an_address_for_somebody_elses_topic" {
  command = plan

  variables {
    monitoring = { email = "lake@example.com", topic_arn = "arn:aws:sns:us-east-1:111111111111:operators" }
  }

  expect_failures = [var.monitoring]
}

run "refuses_changes_that_may_be_hours_late" {
  command = plan

  variables {
    monitoring = { late_minutes = 90 }
  }

  expect_failures = [var.monitoring]
}
