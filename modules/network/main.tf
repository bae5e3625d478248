# A VPC without a way out: no gateway, no endpoint, no route but the local one, and nothing open.

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = false

  tags = { Name = var.name }
}

resource "aws_default_security_group" "closed" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-default-closed" }
}

resource "aws_subnet" "private" {
  for_each = local.subnets

  vpc_id                  = aws_vpc.this.id
  availability_zone       = "${var.region}${each.key}"
  cidr_block              = each.value
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-private-${each.key}" }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id

  tags = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private.id
}

resource "aws_security_group" "function" {
  #checkov:skip=CKV2_AWS_5:Attached to the function, which another module makes
  name        = "${var.name}-function"
  description = "The transform function: nothing in, nothing out"
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-function" }
}

locals {
  # A fixed number of slots, so that adding a zone later never renumbers the subnets there are.
  subnets = { for index, suffix in var.availability_zone_suffixes : suffix => cidrsubnet(var.cidr, 2, index) }
}
