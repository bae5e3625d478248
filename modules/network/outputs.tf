output "vpc_id" {
  description = "Id of the VPC."
  value       = aws_vpc.this.id
}

# Taken from the associations, so that whoever puts something into a subnet finds its routing settled. (With depends_on
# here, data sources of the caller would wait for the apply whenever anything in this module changes.)
output "subnet_ids" {
  description = "Ids of the private subnets, by Availability Zone suffix."
  value       = { for suffix, association in aws_route_table_association.private : suffix => association.subnet_id }
}

output "log_group_name" {
  description = "Log group of the VPC's flow log."
  value       = aws_cloudwatch_log_group.flow.name
}
