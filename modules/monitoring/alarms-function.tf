locals {
  timeout_milliseconds = try(var.pipeline.timeout_seconds, 0) * 1000

  # AWS Lambda Developer Guide, "Types of metrics for Lambda functions"; conditions: Amazon CloudWatch User Guide,
  # "Recommended alarms". Only Firehose and our own tools call the function, so its metrics are taken whole, not those of
  # its alias alone.
  function_alarms = {
    for key, alarm in {
      "function-errors" = {
        metric    = "Errors"
        statistic = "Sum"
        periods   = 3
        threshold = 0
        meaning = join(" ", [
          "Calls of the function end with an error, for whichever table. Firehose repeats each; what fails to the last",
          "lies as it came under errors/. It is kept, and can be put in later.",
        ])
      }
      "function-throttled" = {
        metric    = "Throttles"
        statistic = "Sum"
        periods   = 5
        threshold = 0
        meaning = join(" ", [
          "The account has no room for more calls of the function at a time. Firehose repeats them:",
          "changes are late and not lost.",
        ])
      }
      "function-slow" = {
        metric    = "Duration"
        statistic = "p90"
        periods   = var.monitoring.late_minutes
        threshold = 0.8 * local.timeout_milliseconds
        meaning = join(" ", [
          "One of ten calls of the function takes more than 80 % of its timeout.",
          "Calls that take longer fail; nothing is late yet.",
        ])
      }
      } : "${var.names.alarm_prefix}${key}" => {
      table      = null
      at_risk    = false
      label      = null
      expression = null
      metrics = { value = {
        namespace  = "AWS/Lambda"
        name       = alarm.metric
        dimensions = { FunctionName = local.function_name }
        statistic  = alarm.statistic
      } }
      period      = 60
      periods     = alarm.periods
      comparison  = "GreaterThanThreshold"
      threshold   = alarm.threshold
      missing     = "notBreaching"
      description = "${alarm.meaning} First: ${local.function_log}. More: ${local.runbook}#${key}"
    } if var.pipeline != null
  }
}
