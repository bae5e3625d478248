provider "aws" {
  region              = var.region
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = var.tags
  }
}

data "aws_caller_identity" "current" {
  count = var.account_id == null ? 1 : 0
}

locals {
  account = {
    id        = var.account_id == null ? data.aws_caller_identity.current[0].account_id : var.account_id
    region    = var.region
    partition = startswith(var.region, "cn-") ? "aws-cn" : startswith(var.region, "us-gov-") ? "aws-us-gov" : "aws"

    iam_path                 = var.iam_path
    permissions_boundary_arn = var.permissions_boundary_arn
  }
}
