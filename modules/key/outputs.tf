output "arn" {
  description = "ARN of the key, made or existing."
  value       = var.existing_arn == null ? aws_kms_key.this["this"].arn : var.existing_arn
}

output "alias_name" {
  description = "Alias of the key that is made, with its prefix `alias/`; null where the key existed."
  value       = one([for alias in aws_kms_alias.this : alias.name])
}

output "policy_json" {
  description = "Policy of the key; of an existing one, the statements that its policy needs beside its administration."
  value       = data.aws_iam_policy_document.key.json
}
