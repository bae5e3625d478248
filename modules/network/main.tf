locals {
  # Two bits give four subnets, whatever the number in use: one more later moves none of the others.
  subnets = { for index, suffix in var.availability_zone_suffixes : suffix => cidrsubnet(var.vpc_cidr, 2, index) }
}

# Nothing here leads out: no internet gateway, NAT gateway, peering or endpoint, and no route but the VPC's own.
resource "aws_vpc" "this" {
  cidr_block           = var.vpc_cidr
  enable_dns_support   = true
  enable_dns_hostnames = false

  tags = { Name = var.name }
}

resource "aws_subnet" "private" {
  for_each = local.subnets

  vpc_id                  = aws_vpc.this.id
  cidr_block              = each.value
  availability_zone       = "${var.account.region}${each.key}"
  map_public_ip_on_launch = false

  tags = { Name = "${var.name}-private-${each.key}" }

  # Lambda removes its interfaces long after the function is gone; until then a subnet cannot be removed.
  depends_on = [var.wait_for]

  timeouts {
    delete = "90m"
  }
}

resource "aws_route_table" "private" {
  vpc_id = aws_vpc.this.id
  route  = []

  tags = { Name = "${var.name}-private" }
}

resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private

  subnet_id      = each.value.id
  route_table_id = aws_route_table.private.id
}

resource "aws_default_security_group" "closed" {
  vpc_id  = aws_vpc.this.id
  ingress = []
  egress  = []

  tags = { Name = "${var.name}-default-closed" }
}
