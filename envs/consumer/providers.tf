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
