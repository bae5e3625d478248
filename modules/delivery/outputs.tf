output "name" {
  description = "Name of the delivery stream."
  value       = aws_kinesis_firehose_delivery_stream.this.name
}

output "arn" {
  description = "ARN of the delivery stream."
  value       = aws_kinesis_firehose_delivery_stream.this.arn
}

output "source_stream_arn" {
  description = "ARN of the data stream, once it is read. Firehose starts at the newest record: what writes needs this."
  value       = aws_kinesis_firehose_delivery_stream.this.kinesis_source_configuration[0].kinesis_stream_arn
}

output "role_arn" {
  description = "ARN of the delivery stream's role."
  value       = aws_iam_role.this.arn
}

output "log_group_name" {
  description = "Log group of delivery errors."
  value       = aws_cloudwatch_log_group.this.name
}

output "buffering_seconds" {
  description = "Seconds that a record waits at most, before the function and before the bucket together."
  value       = var.transform.buffering_seconds + var.delivery.buffering_seconds
}
