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

output "kms_key_arn" {
  description = "Customer managed key that encrypts everything."
  value       = module.key.arn
}

output "function_name" {
  description = "Function that turns change records into lake records."
  value       = module.pipeline.function_name
}

output "function_log_group_name" {
  description = "Log group of the function."
  value       = module.pipeline.function_log_group_name
}

output "tables" {
  description = "The streamed tables: name -> where their changes go."
  value       = module.pipeline.tables
}
