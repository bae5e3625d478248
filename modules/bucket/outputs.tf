# Taken from what protects the bucket, so that whoever writes to it finds that settled. (With depends_on here, data
# sources of the caller would wait for the apply whenever anything in this module changes.)
output "name" {
  description = "Name of the bucket."
  value = one(toset([
    aws_s3_bucket_policy.this.bucket,
    aws_s3_bucket_server_side_encryption_configuration.this.bucket,
    aws_s3_bucket_versioning.this.bucket,
  ]))
}

output "arn" {
  description = "ARN of the bucket."
  value       = aws_s3_bucket.this.arn
}
