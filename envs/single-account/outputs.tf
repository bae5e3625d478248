output "region" {
  description = "Region that everything lives in."
  value       = var.region
}

output "account_id" {
  description = "Account that everything lives in."
  value       = local.account_id
}

output "bucket_name" {
  description = "Name of the data lake bucket."
  value       = module.bucket.name
}

output "kms_key_arn" {
  description = "ARN of the key that encrypts everything."
  value       = module.key.arn
}

output "function_name" {
  description = "Name of the function that flattens change records."
  value       = module.transform.function_name
}

output "function_log_group_name" {
  description = "Name of the function's log group."
  value       = module.transform.log_group_name
}

output "tables" {
  description = "What streams each table, and where its records lie: table name -> names and ARNs."
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
