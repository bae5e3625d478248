output "vpc_id" {
  description = "ID of the VPC."
  value       = aws_vpc.this.id
}

output "subnet_ids" {
  description = "IDs of the private subnets."
  value       = [for subnet in aws_subnet.private : subnet.id]
}

output "security_group_id" {
  description = "ID of the function's security group, which has no rules."
  value       = aws_security_group.function.id
}

output "flow_log_group_name" {
  description = "Name of the flow log's log group."
  value       = aws_cloudwatch_log_group.flow.name
}
