output "arn" {
  description = "ARN of the table."
  value       = local.arn
}

output "name" {
  description = "Name of the table, once it streams."
  value       = aws_dynamodb_kinesis_streaming_destination.this.table_name
}
