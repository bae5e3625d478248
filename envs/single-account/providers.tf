provider "aws" {
  region              = var.region
  allowed_account_ids = var.account_id == null ? null : [var.account_id]

  default_tags {
    tags = merge({ Project = "dynamo-to-lake", Environment = "single-account" }, var.tags)
  }
}

# Only where nobody has said which account it is.
data "aws_caller_identity" "current" {
  for_each = var.account_id == null ? toset(["current"]) : toset([])
}

data "aws_partition" "current" {}
