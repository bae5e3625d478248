# Taken from what protects the bucket, so that whoever writes to it finds that settled. (With depends_on here, data
# sources of the caller would wait for the apply whenever anything in this module changes.)
output "name" {
  description = "Name of the bucket."
  value = var.existing ? var.bucket_name : one(toset([
    aws_s3_bucket_policy.this["this"].bucket,
    aws_s3_bucket_server_side_encryption_configuration.this["this"].bucket,
    aws_s3_bucket_versioning.this["this"].bucket,
  ]))
}

output "arn" {
  description = "ARN of the bucket."
  value       = local.bucket_arn
}

output "policy_json" {
  description = "Policy of the bucket; of an existing one, the statements that its policy needs."
  value       = data.aws_iam_policy_document.this.json
}
