locals {
  ec2                = "arn:${var.account.partition}:ec2:${local.here}"
  security_group_arn = "${local.ec2}:security-group/${aws_security_group.this.id}"
}

resource "aws_iam_role" "this" {
  name                 = var.role_name
  description          = "Execution role of the Lambda function ${var.name}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  path                 = var.account.iam_path
  permissions_boundary = var.account.permissions_boundary_arn
}

# No condition: only this account's functions can be given the role, and Lambda sends no aws:SourceArn or
# aws:SourceAccount when it checks the role of a function in a VPC, so that CreateFunction would fail.
data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "FunctionsOfThisAccount"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "this" {
  name   = "run-in-vpc-and-log"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.this.json
}

# AWS documentation: "Giving Lambda functions access to resources in an Amazon VPC", required IAM permissions.
data "aws_iam_policy_document" "this" {
  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.log_group_arn}:log-stream:*"]
  }

  statement {
    sid     = "LambdaCreatesInterfacesInOurSubnets"
    actions = ["ec2:CreateNetworkInterface"]
    resources = concat(
      ["${local.ec2}:network-interface/*", local.security_group_arn],
      [for id in var.subnet_ids : "${local.ec2}:subnet/${id}"],
    )
  }
}

# Lambda removes its interfaces with this role, up to an hour after the function is gone. The policy names neither
# subnets nor security group, and these depend on it: Terraform removes it after them.
resource "aws_iam_role_policy" "interfaces" {
  name   = "manage-network-interfaces"
  role   = aws_iam_role.this.name
  policy = data.aws_iam_policy_document.interfaces.json
}

data "aws_iam_policy_document" "interfaces" {
  #checkov:skip=CKV_AWS_356:The two ec2:Describe actions have no resource types; the function's own code may do nothing of this
  #checkov:skip=CKV_AWS_111:Interfaces get their ids when Lambda makes them; the function's own code may do nothing of this

  # Lambda documents that this grant has to cover all resource ids of the account and Region.
  statement {
    sid       = "LambdaManagesItsInterfaces"
    actions   = ["ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"]
    resources = ["${local.ec2}:*/*"]
  }

  statement {
    sid       = "LambdaLooksAtInterfaces"
    actions   = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
    resources = ["*"]
  }

  # The grants are for the Lambda service; requests that carry the function's ARN come from its code.
  statement {
    sid    = "TheCodeItselfMayNot"
    effect = "Deny"
    actions = [
      "ec2:AssignPrivateIpAddresses",
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSubnets",
      "ec2:DetachNetworkInterface",
      "ec2:UnassignPrivateIpAddresses",
    ]
    resources = ["*"]
    condition {
      test     = "ArnEquals"
      variable = "lambda:SourceFunctionArn"
      values   = [local.function_arn]
    }
  }
}
