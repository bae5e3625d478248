locals {
  made = var.existing_arn == null ? toset(["this"]) : toset([])
}

resource "aws_kms_key" "this" {
  for_each = local.made

  description             = var.description
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = data.aws_iam_policy_document.key.json
}

resource "aws_kms_alias" "this" {
  for_each = local.made

  name          = "alias/${var.kms_key_alias}"
  target_key_id = aws_kms_key.this[each.key].key_id
}
