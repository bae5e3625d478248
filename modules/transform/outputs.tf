output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "alias_arn" {
  description = "ARN of the alias `live`, which delivery streams call."
  value       = aws_lambda_alias.live.arn
}

output "timeout_seconds" {
  description = "Seconds that a call may take."
  value       = var.transform.timeout_seconds
}

output "role_arn" {
  description = "ARN of the execution role."
  value       = aws_iam_role.this.arn
}

output "log_group_name" {
  description = "Log group of the function."
  value       = aws_cloudwatch_log_group.this.name
}

output "interface_policy_id" {
  description = "Id of the policy with which Lambda removes its network interfaces: make the subnets after it."
  value       = aws_iam_role_policy.interfaces.id
}
