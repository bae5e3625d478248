output "state_machine_arn" {
  description = "State machine that merges; an execution of it can be started by hand."
  value       = aws_sfn_state_machine.this.arn
}

output "table_name" {
  description = "Iceberg table in the catalog's database; its view is called after it, `_current`."
  value       = local.sql_values.state
}

output "log_group_name" {
  description = "Log group of the state machine."
  value       = aws_cloudwatch_log_group.this.name
}

output "monitored" {
  description = "What the module `monitoring` watches: the state machine, its schedule and its log."
  value = {
    every             = var.state.every
    state_machine_arn = local.machine_arn
    schedule_group    = local.table.state_machine_name
    log_group_name    = local.log_group_name
  }
}
