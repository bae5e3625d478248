locals {
  existing_arn = "arn:${var.account.partition}:dynamodb:${var.account.region}:${var.account.id}:table/${var.name}"
}

output "arn" {
  description = "ARN of the table, new or existing."
  value       = var.existing ? local.existing_arn : aws_dynamodb_table.this[var.name].arn
}

output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_kinesis_streaming_destination.this.table_name
}
