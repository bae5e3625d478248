locals {
  here        = "${var.account.region}:${var.account.id}"
  table       = var.names.tables[var.table_name]
  machine_arn = "arn:${var.account.partition}:states:${local.here}:stateMachine:${local.table.state_machine_name}"
  role_arn    = "arn:${var.account.partition}:iam::${var.account.id}:role${var.account.iam_path}${local.table.state_role_name}"

  # AWS Step Functions Developer Guide: "Avoiding Amazon CloudWatch Logs resource policy size restrictions": groups with
  # this prefix are let in together.
  log_group_name = "/aws/vendedlogs/states/${local.table.state_machine_name}"
}

resource "aws_sfn_state_machine" "this" {
  #checkov:skip=CKV_AWS_284:Every step is in the execution's history and in the log; traces would add a service and no answer
  name       = local.table.state_machine_name
  role_arn   = aws_iam_role.merge.arn
  definition = jsonencode(local.definition)

  encryption_configuration {
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id                        = var.kms_key_arn
    kms_data_key_reuse_period_seconds = 900
  }

  logging_configuration {
    log_destination        = "${aws_cloudwatch_log_group.this.arn}:*"
    include_execution_data = true
    level                  = "ALL"
  }

  # Step Functions tries the role when the machine is made.
  depends_on = [aws_iam_role_policy.merge]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group_name
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# Metrics of schedules are those of their group.
resource "aws_scheduler_schedule_group" "this" {
  name = local.table.state_machine_name
}

resource "aws_scheduler_schedule" "this" {
  name                = local.table.state_machine_name
  group_name          = aws_scheduler_schedule_group.this.name
  description         = "Merges the changes of ${var.table_name} into its current state"
  schedule_expression = "rate(${var.state.every})"
  kms_key_arn         = var.kms_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sfn_state_machine.this.arn
    role_arn = aws_iam_role.schedule.arn

    # What is missed is done by the next run.
    retry_policy {
      maximum_event_age_in_seconds = 300
      maximum_retry_attempts       = 3
    }
  }

  depends_on = [aws_iam_role_policy.schedule]
}
