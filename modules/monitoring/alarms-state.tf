locals {
  units = { minute = 60, hour = 3600, day = 86400 }

  # Seconds between two runs, of a rate such as "1 hour" or "15 minutes".
  every = {
    for name, state in var.states :
    name => tonumber(split(" ", state.every)[0]) * local.units[trimsuffix(split(" ", state.every)[1], "s")]
  }

  # A run tells how old the state is. CloudWatch API Reference, "PutMetricAlarm": a period has at most a day, and
  # periods of an hour or more make up to seven days.
  state_periods = {
    for name, seconds in local.every : name => {
      seconds = min(max(seconds, 300), 86400)
      count   = min(7, ceil(2 * seconds / min(max(seconds, 300), 86400)) + 1)
      # A run that is due only every few days is missing in most periods.
      missing = seconds <= 3 * 86400 ? "breaching" : "ignore"
    }
  }

  state_alarms = merge([
    for name, state in var.states : {
      for key, alarm in {
        "state-late" = {
          metrics = { lag = {
            namespace  = "DynamoToLake"
            name       = "StateLag"
            dimensions = { TableName = name }
            statistic  = "Maximum"
          } }
          expression = null
          label      = null
          period     = local.state_periods[name].seconds
          periods    = local.state_periods[name].count
          threshold  = 2 * local.every[name]
          missing    = local.state_periods[name].missing
          meaning = join(" ", [
            "The current state of ${name} misses changes of more than two runs, or no run tells how old it is",
            "(as before the first merge). No change is lost: the next run that succeeds merges them all.",
          ])
        }
        "state-failing" = {
          metrics = {
            for id, metric in {
              failed  = "ExecutionsFailed"
              aborted = "ExecutionsAborted"
              late    = "ExecutionsTimedOut"
              } : id => {
              namespace  = "AWS/States"
              name       = metric
              dimensions = { StateMachineArn = state.state_machine_arn }
              statistic  = "Sum"
            }
          }
          expression = "FILL(failed, 0) + FILL(aborted, 0) + FILL(late, 0)"
          label      = "Runs that did not end well"
          period     = 300
          periods    = 1
          threshold  = 0
          missing    = "notBreaching"
          meaning = join(" ", [
            "A merge of changes into the current state of ${name} failed.",
            "No change is lost: the next run that succeeds merges them all.",
          ])
        }
        "schedule-failing" = {
          metrics = {
            for id, metric in { dropped = "InvocationDroppedCount", errors = "TargetErrorCount" } : id => {
              namespace                 = "AWS/Scheduler"
              name                      = metric
              dimensions                = { ScheduleGroup = state.schedule_group }
              statistic                 = "Sum"
            }
          }
          expression = "FILL(dropped, 0) + FILL(errors, 0)"
          label      = "Runs that could not be started"
          period     = 300
          periods    = 1
          threshold  = 0
          missing    = "notBreaching"
          meaning = join(" ", [
            "The schedule could not start the merge of ${name}.",
            "No change is lost: the next run that succeeds merges them all.",
          ])
        }
        } : "${var.names.tables[name].alarm_prefix}${key}" => {
        table      = name
        at_risk    = false
        label      = alarm.label
        expression = alarm.expression
        metrics    = alarm.metrics
        period     = alarm.period
        periods    = alarm.periods
        comparison = "GreaterThanThreshold"
        threshold  = alarm.threshold
        missing    = alarm.missing
        description = join(" ", [
          alarm.meaning,
          "First: aws stepfunctions list-executions --state-machine-arn ${state.state_machine_arn}.",
          "More: ${local.runbook}#${key}",
        ])
      }
    }
  ]...)
}
