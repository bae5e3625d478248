output "region" {
  description = "Region of everything."
  value       = var.region
}

output "account_id" {
  description = "Account of everything."
  value       = local.account.id
}

output "bucket_name" {
  description = "Data lake bucket."
  value       = module.bucket.name
}

output "bucket_policy_json" {
  description = "What the policy of your own bucket must hold; null where the bucket is made here."
  value       = var.existing_bucket == null ? null : module.bucket.policy_json
}

output "kms_key_arn" {
  description = "Customer managed key that encrypts everything."
  value       = module.key.arn
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

output "database_name" {
  description = "Database of the Glue Data Catalog with the tables and views."
  value       = module.catalog.database_name
}

output "workgroup_name" {
  description = "Workgroup of Athena that queries run in."
  value       = module.catalog.workgroup_name
}

output "results_prefix" {
  description = "Where the results of queries lie in the bucket."
  value       = module.catalog.results_prefix
}

output "reader_policy_json" {
  description = "Policy for the role of an analyst: queries, delivered objects and results, no failed records."
  value       = module.catalog.reader_policy_json
}

output "backfill_job_name" {
  description = "Glue job that makes rows of exports; null where the deployment has none."
  value       = one([for backfill in module.backfill : backfill.job_name])
}

output "replica" {
  description = "Replica of the bucket in another Region; null where the deployment has none."
  value       = one([for replica in module.replica : replica.replica])
}

output "replica_kms_key_policy_json" {
  description = "What the policy of `replication.kms_key_arn` must hold beside its administration; null where the key is made here."
  value       = try(local.replication.kms_key_arn, null) == null ? null : module.replica["this"].kms_key_policy_json
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
  value = {
    for name, table in module.pipeline.tables :
    name => merge(table, { catalog_table = module.catalog.catalog_tables[name] })
  }
}
