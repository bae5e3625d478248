locals {
  runbook = "docs/runbook.md"

  late_seconds      = var.monitoring.late_minutes * 60
  late_milliseconds = local.late_seconds * 1000

  tables   = try(var.pipeline.tables, {})
  prefixes = { for name in keys(local.tables) : name => var.names.tables[name].alarm_prefix }

  # By table: what the alarms are about, by the names that CloudWatch knows it by, and its settings.
  watched = {
    for name, table in local.tables : name => {
      prefix     = local.prefixes[name]
      stream     = { StreamName = var.names.tables[name].stream_name }
      delivery   = { DeliveryStreamName = var.names.tables[name].delivery_stream_name }
      retention  = table.retention_hours * 3600 * 1000
      hours      = table.retention_hours
      shards     = table.shards
      late_after = table.buffering_seconds + local.late_seconds
      status     = "python -m tools.status ${var.environment}"
      reconcile  = "python -m tools.reconcile ${var.environment} --table ${name}"
      failed     = "python -m tools.replay ${var.environment} --table ${name} --list"
    }
  }

  function_name      = try(var.pipeline.function_name, "")
  function_log_group = try(var.pipeline.function_log_group_name, "")
  function_log       = "aws logs tail /aws/lambda/${local.function_name} --since 1h"
}
