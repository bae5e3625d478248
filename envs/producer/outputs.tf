output "region" {
  description = "Region of everything, the consumer's lake included."
  value       = var.region
}

output "account_id" {
  description = "The producer's account."
  value       = local.account.id

  precondition {
    condition = local.account.id != var.consumer_account_id
    error_message = join("", [
      "consumer_account_id is \"${var.consumer_account_id}\", the account of the credentials: ",
      "for a lake in the account of its tables use envs/single-account.",
    ])
  }
}

output "consumer_account_id" {
  description = "Account that owns the lake."
  value       = var.consumer_account_id
}

output "bucket_name" {
  description = "Data lake bucket, in the consumer's account."
  value       = var.cross_account_datalake_bucket
}

output "kms_key_arn" {
  description = "The producer's own customer managed key: everything but the lake's objects."
  value       = module.key.arn
}

output "cross_account_kms_key_arn" {
  description = "The consumer's key, which encrypts the lake's objects."
  value       = var.cross_account_kms_key_arn
}

output "kms_key_policy_json" {
  description = "What the policy of your own key must hold beside its administration; null where the key is made here."
  value       = var.kms_key_arn == null ? null : module.key.policy_json
}

output "function_name" {
  description = "Function that turns change records into lake records."
  value       = module.pipeline.function_name
}

output "function_log_group_name" {
  description = "Log group of the function."
  value       = module.pipeline.function_log_group_name
}

output "monitoring" {
  description = "Topic, alarms and dashboard of the deployment; null where it has none."
  value = one([
    for monitoring in module.monitoring : {
      topic_arn                = monitoring.topic_arn
      alarm_names              = monitoring.alarm_names
      data_at_risk_alarm_names = monitoring.data_at_risk_alarm_names
      dashboard_name           = monitoring.dashboard_name
    }
  ])
}

output "tables" {
  description = "The streamed tables: name -> where their changes go."
  value       = module.pipeline.tables
}
