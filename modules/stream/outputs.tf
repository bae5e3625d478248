output "name" {
  description = "Name of the data stream."
  value       = aws_kinesis_stream.this.name
}

output "arn" {
  description = "ARN of the data stream."
  value       = aws_kinesis_stream.this.arn
}

output "retention_hours" {
  description = "Hours that records stay readable."
  value       = var.stream.retention_hours
}

output "shards" {
  description = "Number of shards; null where AWS chooses it."
  value       = var.stream.mode == "PROVISIONED" ? var.stream.shards : null
}
