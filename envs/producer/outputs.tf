output "region" {
  description = "Region of everything, the consumer's lake included."
  value       = var.region
}

output "account_id" {
  description = "The producer's account."
  value       = local.account_id

  precondition {
    condition     = local.account_id != var.consumer_account_id
    error_message = "consumer_account_id is \"${var.consumer_account_id}\", the account of the credentials: for a lake in the account of its tables use envs/single-account."
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

output "function_name" {
  description = "Function that turns change records into lake records."
  value       = module.transform.function_name
}

output "function_log_group_name" {
  description = "Log group of the function."
  value       = module.transform.log_group_name
}

output "tables" {
  description = "The streamed tables: name -> where their changes go."
  value = {
    for name, table in module.table : name => {
      table_arn            = table.arn
      stream_name          = module.stream[name].name
      stream_arn           = module.stream[name].arn
      delivery_stream_name = module.delivery[name].name
      delivery_role_arn    = module.delivery[name].role_arn
      data_prefix          = module.delivery[name].data_prefix
      error_prefix         = module.delivery[name].error_prefix
      log_group_name       = module.delivery[name].log_group_name
    }
  }
}
