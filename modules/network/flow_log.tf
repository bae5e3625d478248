locals {
  log_group_name = "/aws/vpc-flow-logs/${var.name}"
  here           = "${var.account.region}:${var.account.id}"
  log_groups_arn = "arn:${var.account.partition}:logs:${local.here}:log-group"
  log_group_arn  = "${local.log_groups_arn}:${local.log_group_name}"
}

resource "aws_cloudwatch_log_group" "flow" {
  name              = local.log_group_name
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_iam_role" "flow" {
  name                 = var.flow_log_role_name
  description          = "Lets VPC Flow Logs write to ${local.log_group_name}"
  assume_role_policy   = data.aws_iam_policy_document.flow_trust.json
  path                 = var.account.iam_path
  permissions_boundary = var.account.permissions_boundary_arn
}

data "aws_iam_policy_document" "flow_trust" {
  statement {
    sid     = "FlowLogsOfThisAccount"
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["vpc-flow-logs.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account.id]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:${var.account.partition}:ec2:${local.here}:vpc-flow-log/*"]
    }
  }
}

resource "aws_iam_role_policy" "flow" {
  name   = "write-flow-log"
  role   = aws_iam_role.flow.name
  policy = data.aws_iam_policy_document.flow.json
}

# AWS documentation: "IAM role for publishing flow logs to CloudWatch Logs". The group exists already, so
# logs:CreateLogGroup is left out.
data "aws_iam_policy_document" "flow" {
  statement {
    sid       = "WriteToTheGroup"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    resources = [local.log_group_arn, "${local.log_group_arn}:log-stream:*"]
  }
  statement {
    sid       = "FindTheGroup"
    actions   = ["logs:DescribeLogGroups"]
    resources = ["${local.log_groups_arn}:*"]
  }
}

resource "aws_flow_log" "this" {
  vpc_id               = aws_vpc.this.id
  traffic_type         = "ALL"
  log_destination_type = "cloud-watch-logs"
  log_destination      = aws_cloudwatch_log_group.flow.arn
  iam_role_arn         = aws_iam_role.flow.arn

  tags = { Name = var.name }

  depends_on = [aws_iam_role_policy.flow]
}
