output "arn" {
  description = "ARN of the table, new or existing."
  value       = var.existing ? "arn:${var.partition}:dynamodb:${var.region}:${var.account_id}:table/${var.name}" : aws_dynamodb_table.this[var.name].arn
}

output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_kinesis_streaming_destination.this.table_name
}
