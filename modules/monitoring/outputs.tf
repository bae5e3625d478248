output "topic_arn" {
  description = "Topic that alarms tell when they are raised, and when that is over."
  value       = local.topic_arn
}

output "alarm_names" {
  description = "All alarms: those of `data_at_risk_alarm_names` are raised with others of these."
  value = sort(concat(
    [for alarm in aws_cloudwatch_metric_alarm.simple : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.computed : alarm.alarm_name],
    [for alarm in aws_cloudwatch_composite_alarm.data_at_risk : alarm.alarm_name],
  ))
}

output "data_at_risk_alarm_names" {
  description = "By table: the alarm that is raised while changes are lost, or will be unless somebody acts."
  value       = { for name, alarm in aws_cloudwatch_composite_alarm.data_at_risk : name => alarm.alarm_name }
}

output "dashboard_name" {
  description = "Dashboard, of several the first; null where there is none."
  value       = try(aws_cloudwatch_dashboard.this["1"].dashboard_name, null)
}
