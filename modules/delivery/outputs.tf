output "name" {
  description = "Name of the delivery stream."
  value       = aws_kinesis_firehose_delivery_stream.this.name
}

output "arn" {
  description = "ARN of the delivery stream."
  value       = aws_kinesis_firehose_delivery_stream.this.arn
}

output "source_stream_arn" {
  description = "ARN of the data stream, known to be read by the delivery stream. Firehose starts at the newest record: what writes to the stream should be made from this."
  value       = aws_kinesis_firehose_delivery_stream.this.kinesis_source_configuration[0].kinesis_stream_arn
}

output "role_arn" {
  description = "ARN of the delivery stream's role."
  value       = aws_iam_role.this.arn
}

output "data_prefix" {
  description = "Prefix of the table's records in the bucket."
  value       = local.data_prefix
}

output "error_prefix" {
  description = "Prefix of the table's failed records in the bucket."
  value       = local.error_prefix
}

output "log_group_name" {
  description = "Log group of delivery errors."
  value       = aws_cloudwatch_log_group.this.name
}
