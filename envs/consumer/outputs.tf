output "region" {
  description = "Region of the lake, and of the producer's tables."
  value       = var.region
}

output "account_id" {
  description = "The consumer's account."
  value       = local.account.id

  precondition {
    condition = local.account.id != var.ddb_producer_account_id
    error_message = join("", [
      "ddb_producer_account_id is \"${var.ddb_producer_account_id}\", the account of the credentials: ",
      "for a lake in the account of its tables use envs/single-account.",
    ])
  }
}

output "ddb_producer_account_id" {
  description = "Account of the tables."
  value       = var.ddb_producer_account_id
}

output "producer_iam_path" {
  description = "Path of the producer's roles: its input `iam_path`, where that is not \"/\"."
  value       = coalesce(var.producer_iam_path, var.iam_path)
}

output "bucket_name" {
  description = "Data lake bucket: the producer's input `cross_account_datalake_bucket`."
  value       = module.bucket.name
}

output "bucket_policy_json" {
  description = "What the policy of your own bucket must hold; null where the bucket is made here."
  value       = var.existing_bucket == null ? null : module.bucket.policy_json
}

output "kms_key_arn" {
  description = "Customer managed key of the lake: the producer's input `cross_account_kms_key_arn`."
  value       = module.key.arn
}

output "kms_key_policy_json" {
  description = "What the policy of your own key must hold beside its administration; null where the key is made here."
  value       = var.kms_key_arn == null ? null : module.key.policy_json
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
  description = "The producer's tables: name -> the role that may write, where, and by which rules."
  value       = local.tables
}
