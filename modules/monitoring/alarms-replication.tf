locals {
  # By rule, what its metrics are known by.
  rule_dimensions = {
    for rule in try(var.replication.rules, []) : rule => {
      SourceBucket      = var.replication.bucket_name
      DestinationBucket = var.replication.replica_bucket_name
      RuleId            = rule
    }
  }

  # Amazon S3 User Guide, "Using S3 Replication metrics": what failed is told in the Region of the source, how late the
  # replica is in that of the destination.
  in_replica_region = try(var.replication.region, "") == var.account.region

  replication_alarms = {
    for key, alarm in {
      "replication-failing" = {
        here      = !local.in_replica_region
        metric    = "OperationsFailedReplication"
        statistic = "Sum"
        terms     = [for rule in keys(local.rule_dimensions) : "FILL(${rule}, 0)"]
        label     = "Objects that could not be replicated"
        periods   = 1
        meaning = join(" ", [
          "Objects of the lake could not be copied to its replica. The lake itself is whole;",
          "S3 does not try again by itself.",
        ])
      }
      "replica-late" = {
        here      = local.in_replica_region
        metric    = "ReplicationLatency"
        statistic = "Maximum"
        terms     = [for rule in keys(local.rule_dimensions) : "(FILL(${rule}, 0) > ${local.late_seconds})"]
        label     = "Rules whose replica is late"
        periods   = 3
        meaning = join(" ", [
          "The replica misses objects that are more than ${var.monitoring.late_minutes} minutes old.",
          "The lake itself is whole.",
        ])
      }
      } : "${var.names.alarm_prefix}${key}" => {
      table   = null
      at_risk = false
      label   = alarm.label
      metrics = {
        for rule, dimensions in local.rule_dimensions : rule => {
          namespace  = "AWS/S3"
          name       = alarm.metric
          dimensions = dimensions
          statistic  = alarm.statistic
        }
      }
      expression = join(" + ", alarm.terms)
      period     = 300
      periods    = alarm.periods
      comparison = "GreaterThanThreshold"
      threshold  = 0
      missing    = "notBreaching"
      description = join(" ", [
        alarm.meaning,
        "First: python -m tools.verify ${var.environment} --replica. More: ${local.runbook}#${key}",
      ])
    } if alarm.here && var.replication != null
  }
}
