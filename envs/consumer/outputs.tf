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

output "bucket_name" {
  description = "Data lake bucket: the producer's input `cross_account_datalake_bucket`."
  value       = module.bucket.name
}

output "kms_key_arn" {
  description = "Customer managed key of the lake: the producer's input `cross_account_kms_key_arn`."
  value       = module.key.arn
}

output "tables" {
  description = "The producer's tables: name -> the role that may write, where, and by which rules."
  value       = local.tables
}
