output "name" {
  description = "Name of the data stream."
  value       = aws_kinesis_stream.this.name
}

output "arn" {
  description = "ARN of the data stream."
  value       = aws_kinesis_stream.this.arn
}
