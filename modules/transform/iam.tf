locals {
  ec2                = "arn:${var.partition}:ec2:${var.region}:${var.account_id}"
  security_group_arn = "${local.ec2}:security-group/${aws_security_group.this.id}"

  interface_actions = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DetachNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
  ]
}

resource "aws_iam_role" "this" {
  name               = var.name
  description        = "Execution role of the Lambda function ${var.name}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "FunctionsOfThisAccount"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
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
  #checkov:skip=CKV_AWS_356:The two ec2:Describe actions have no resource types; the deny keeps every network interface action from the function's own code
  #checkov:skip=CKV_AWS_111:Network interfaces get their ids from EC2 when Lambda creates them, so they are named by account and Region; the deny keeps the function's own code from using this

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

  # The grants above are for the Lambda service; requests that carry the function's ARN come from its code.
  statement {
    sid       = "TheCodeItselfMayNot"
    effect    = "Deny"
    actions   = local.interface_actions
    resources = ["*"]
    condition {
      test     = "ArnEquals"
      variable = "lambda:SourceFunctionArn"
      values   = [local.function_arn]
    }
  }
}
