output "name" {
  description = "Name of the delivery stream."
  value       = aws_kinesis_firehose_delivery_stream.this.name
}

output "source_stream_arn" {
  description = "ARN of the Kinesis data stream, once it is read: what comes earlier than the delivery stream is not delivered."
  value       = aws_kinesis_firehose_delivery_stream.this.kinesis_source_configuration[0].kinesis_stream_arn
}

output "role_arn" {
  description = "ARN of the role by which the delivery stream reads, transforms and writes."
  value       = aws_iam_role.this.arn
}

output "data_prefix" {
  description = "Where the table's records lie in the bucket."
  value       = local.data_prefix
}

output "error_prefix" {
  description = "Where what could not be delivered lies in the bucket."
  value       = local.error_prefix
}

output "log_group_name" {
  description = "Name of the log group that failed deliveries are written to."
  value       = aws_cloudwatch_log_group.this.name
}
