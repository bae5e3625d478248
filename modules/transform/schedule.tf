locals {
  scheduled = var.transform.keep_active ? toset(["this"]) : toset([])
  schedules = "arn:${var.account.partition}:scheduler:${local.here}"
}

# AWS Lambda Developer Guide, "Lambda function states": a function in a VPC that is idle for weeks loses its network
# interfaces and becomes inactive, and the call that wakes it fails. A call a day keeps it from that, for nothing. The
# handler answers it without a look at records.
resource "aws_scheduler_schedule" "keep_active" {
  for_each = local.scheduled

  name                = var.name
  group_name          = aws_scheduler_schedule_group.keep_active[each.value].name
  description         = "Calls the function ${var.name} once a day, so that it stays active while tables are quiet"
  schedule_expression = "rate(1 day)"
  kms_key_arn         = var.kms_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_alias.live.arn
    role_arn = aws_iam_role.keep_active[each.value].arn
    input    = jsonencode({ keep_active = true })

    # A function that wakes up takes minutes. What is missed is done by the next call, so there is no dead-letter queue.
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
  }

  depends_on = [aws_iam_role_policy.keep_active]
}

# Metrics of schedules are those of their group.
resource "aws_scheduler_schedule_group" "keep_active" {
  for_each = local.scheduled

  name = var.name
}

resource "aws_iam_role" "keep_active" {
  for_each = local.scheduled

  name                 = var.schedule_role_name
  description          = "Schedule ${var.name}: call the function"
  assume_role_policy   = data.aws_iam_policy_document.keep_active_trust.json
  path                 = var.account.iam_path
  permissions_boundary = var.account.permissions_boundary_arn
}

# EventBridge Scheduler User Guide: "Confused deputy prevention in EventBridge Scheduler": the source is the schedule's
# group, never the schedule.
data "aws_iam_policy_document" "keep_active_trust" {
  statement {
    sid     = "SchedulerForThisAccount"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["scheduler.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["${local.schedules}:schedule-group/${var.name}"]
    }
  }
}

resource "aws_iam_role_policy" "keep_active" {
  for_each = local.scheduled

  name   = "call"
  role   = aws_iam_role.keep_active[each.value].name
  policy = data.aws_iam_policy_document.keep_active.json
}

data "aws_iam_policy_document" "keep_active" {
  statement {
    sid       = "CallTheFunction"
    actions   = ["lambda:InvokeFunction"]
    resources = ["${local.function_arn}:${local.alias}"]
  }

  # EventBridge Scheduler User Guide: "Encryption at rest in EventBridge Scheduler".
  statement {
    sid       = "ReadTheSchedule"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
    condition {
      test     = "StringEquals"
      variable = "kms:EncryptionContext:aws:scheduler:schedule:arn"
      values   = ["${local.schedules}:schedule/${var.name}/${var.name}"]
    }
  }
}
