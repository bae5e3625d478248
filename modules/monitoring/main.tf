locals {
  alarms = merge(
    local.table_alarms,
    local.stream_alarms,
    local.delivery_alarms,
    local.function_alarms,
    local.state_alarms,
    local.replication_alarms,
  )

  # What CloudWatch takes is an alarm on one metric, or one on an expression and its metrics.
  simple = {
    for name, alarm in local.alarms :
    name => merge(alarm, one(values(alarm.metrics))) if alarm.expression == null
  }
  computed = { for name, alarm in local.alarms : name => alarm if alarm.expression != null }

  # By table: the alarms of which one means that changes are lost, or will be unless somebody acts.
  at_risk = {
    for table in try(keys(var.pipeline.tables), []) : table => [
      for name, alarm in local.alarms : name if alarm.at_risk && alarm.table == table
    ]
  }

  topic_arn = var.monitoring.topic_arn == null ? one([for topic in aws_sns_topic.this : topic.arn]) : var.monitoring.topic_arn
  actions   = [local.topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "simple" {
  for_each = local.simple

  alarm_name          = each.key
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.name
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  period              = each.value.period
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = local.actions
  ok_actions          = local.actions
}

resource "aws_cloudwatch_metric_alarm" "computed" {
  for_each = local.computed

  alarm_name          = each.key
  alarm_description   = each.value.description
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = local.actions
  ok_actions          = local.actions

  metric_query {
    id          = "result"
    label       = each.value.label
    expression  = each.value.expression
    period      = startswith(each.value.expression, "SELECT ") ? each.value.period : null
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.metrics
    content {
      id = metric_query.key

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        dimensions  = metric_query.value.dimensions
        stat        = metric_query.value.statistic
        period      = each.value.period
      }
    }
  }
}

resource "aws_cloudwatch_composite_alarm" "data_at_risk" {
  for_each = local.at_risk

  alarm_name = "${local.prefixes[each.key]}data-at-risk"
  alarm_description = join(" ", [
    "Changes of the table ${each.key} are lost, or will be unless somebody acts.",
    "First: python -m tools.status ${var.environment}. More: ${local.runbook}#data-at-risk",
  ])
  alarm_rule    = join(" OR ", [for name in each.value : "ALARM(\"${name}\")"])
  alarm_actions = local.actions
  ok_actions    = local.actions

  # The rule names alarms, which must be there.
  depends_on = [aws_cloudwatch_metric_alarm.simple, aws_cloudwatch_metric_alarm.computed]
}
