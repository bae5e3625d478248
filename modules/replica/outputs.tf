output "replica" {
  description = "The replica as tools know it: where it is, under which key, what it has, and whom its alarm tells."
  value = {
    region      = var.replication.region
    bucket_name = module.bucket.name
    kms_key_arn = module.key.arn
    role_name   = aws_iam_role.this.name
    prefixes    = values(local.prefixes)
    topic_arn   = one([for monitoring in module.monitoring : monitoring.topic_arn])
    alarm_names = flatten([for monitoring in module.monitoring : monitoring.alarm_names])
  }
}

output "kms_key_policy_json" {
  description = "What the policy of your own key in the replica's Region must hold beside its administration."
  value       = module.key.policy_json
}

output "monitored" {
  description = "What the alarms on replication are about, for the module `monitoring` of the lake's Region."
  value       = local.monitored
}
